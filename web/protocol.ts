import type { OutputDifference } from '../src/evaluate/compare/types.js';
import type { DType, Shape } from '../src/ir/tensor.js';
import type { Decision } from '../src/quantize/report.js';
import type { GraphNodeData } from '../src/report/graph-data.js';
import type { TensorFacts } from '../src/runtime/api.js';
import type { KernelClass } from '../src/view/kernel-class.js';

/** A file that the user gave, and its path below what was dropped or picked. */
export interface PickedFile {
  readonly path: string;
  readonly file: File;
}

/** How the weights of a model are stored. */
export type Technique = 'none' | 'float16' | 'weight-only' | 'dynamic';
/** How one constant is stored, against what the technique says: the words of a recipe. */
export type Storage = 'float32' | 'float16' | 'int8';

/** What the user wants of a model. */
export interface Choice {
  readonly technique: Technique;
  /** Name of a constant -> how it is stored; what is not named follows the technique. */
  readonly storage: Readonly<Record<string, Storage>>;
}

/** What a worker is doing. `done` of `total` where the step counts. */
export interface Working {
  readonly step: 'read' | 'optimize' | 'write' | 'quantize' | 'run';
  readonly done?: number | undefined;
  readonly total?: number | undefined;
}

/** What there is to know of a constant before anything is chosen. */
export interface ConstantFacts {
  /** The tensors that its readers compute. */
  readonly layers: readonly string[];
  /** An operator that reads it takes integers there. */
  readonly canBeInt8: boolean;
}

/** A model that was read and converted, before quantization. Sizes in bytes. */
export interface OpenedModel {
  readonly name: string;
  /** For people: `TensorFlow SavedModel`. */
  readonly format: string;
  readonly inputBytes: number;
  /** The converted model in float. */
  readonly float: Blob;
  readonly nodes: number;
  /** Elements of all constants. */
  readonly parameters: number;
  readonly inputs: readonly TensorFacts[];
  readonly constants: Readonly<Record<string, ConstantFacts>>;
  readonly warnings: readonly string[];
  /** Reading and converting, in ms. */
  readonly ms: number;
}

/** What a choice makes of the model. */
export interface Optimized {
  readonly choice: Choice;
  /** The `.tflite` file. */
  readonly file: Blob;
  readonly decisions: readonly Decision[];
  /** Against the model in float, on random data; empty where the model does not run. */
  readonly outputs: readonly OutputDifference[];
  /** The figures are of what goes into the last softmax or sigmoid, which hides errors of large numbers. */
  readonly isBeforeSoftmax: boolean;
  /** Why the outputs could not be compared. */
  readonly unmeasured: string | undefined;
  /** Quantizing and writing, in ms. */
  readonly ms: number;
}

/** Time of one run in ms: medians of runs in turns, and the quartiles of their ratio. */
export interface Latency {
  readonly floatMs: number;
  readonly quantizedMs: number;
  readonly ratio: { readonly ofMedians: number; readonly low: number; readonly high: number };
  readonly runs: number;
  /** Every run of both, in ms. */
  readonly times: { readonly float: readonly number[]; readonly quantized: readonly number[] };
}

/** What a report is made of. */
export interface ReportRequest {
  readonly name: string;
  readonly format: string;
  readonly technique: Technique;
  readonly float: Blob;
  readonly quantized: Blob;
  readonly decisions: readonly Decision[];
  /** Times that were taken before; undefined where the model was not timed. */
  readonly latency: Latency | undefined;
  /** Version of this package. */
  readonly version: string;
}

/** How a model takes the pixels of labelled data; `auto`: images as 0..1, arrays as they are. */
export type Scaling = 'auto' | '0..1' | '-1..1' | '0..255';

/** What an accuracy is measured of. */
export interface AccuracyRequest {
  readonly float: Blob;
  readonly quantized: Blob;
  readonly files: readonly PickedFile[];
  readonly scaling: Scaling;
}

/** Something for an input of the model. */
export type Given =
  | { readonly kind: 'file'; readonly file: Blob; readonly name: string; readonly normalize: string }
  | { readonly kind: 'pixels'; readonly width: number; readonly height: number; readonly data: Uint8Array; readonly normalize: string }
  | { readonly kind: 'sound'; readonly rate: number; readonly samples: Float32Array }
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'random'; readonly seed: number }; // biome-ignore format: a table

/** One output of both models for what was given. */
export interface TriedOutput {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  readonly float: Float32Array;
  readonly quantized: Float32Array;
  /** Signal-to-noise ratio of the quantized model in dB; null: equal. */
  readonly sqnrDb: number | null;
}

/** The main graph of a model, drawn. */
export interface DrawnGraph {
  /** An SVG element whose nodes carry their numbers. */
  readonly svg: string;
  readonly nodes: readonly GraphNodeData[];
  /** What kinds of kernels there are. */
  readonly classes: readonly KernelClass[];
}
