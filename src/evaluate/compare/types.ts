import type { ByteAccount } from '../../formats/tflite/index.js';
import type { DType, Shape } from '../../ir/tensor.js';

/** How far one tensor lies from another of the same shape. Quantized elements count as the numbers they stand for. */
export interface TensorError {
  /** Elements compared, over all samples. */
  readonly elements: number;
  /** Signal-to-quantization-noise ratio, `10 log10(sum a² / sum (a - b)²)`, in dB, -300 at least; null: equal. */
  readonly sqnrDb: number | null;
  readonly maxAbs: number;
  readonly meanAbs: number;
  readonly rms: number;
  /** Cosine of the angle between the two; 1: same direction; null when one of them is zero everywhere. */
  readonly cosine: number | null;
  /** Elements that are NaN or infinite on one side and not the same on the other; the figures above leave them out. */
  readonly notFinite: number;
}

/** Counts of elements in equal bins over `low..high`, of both sides; what lies outside counts in the first or last. */
export interface HistogramPair {
  readonly low: number;
  readonly high: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
}

/** An output of the signature. */
export interface OutputDifference {
  readonly name: string;
  readonly shape: Shape;
  readonly dtypeA: DType;
  readonly dtypeB: DType;
  readonly error: TensorError;
  /** Share of the rows (last axis) whose highest element is the same, 0..1; null when rows have fewer than two elements. */
  readonly top1Agreement: number | null;
  /** Mean Kullback-Leibler divergence of the rows, in nats; null unless all rows of both are distributions. */
  readonly klDivergence: number | null;
  /** The first elements of the first sample of both, in order. */
  readonly sample: { readonly a: readonly number[]; readonly b: readonly number[] };
}

/** What one node of B makes of the data, beside the tensor of the same place in A. */
export interface LayerDifference {
  /** The tensor's name in B. */
  readonly name: string;
  /** Its name in A. */
  readonly nameA: string;
  readonly op: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Against A when B runs as a whole: the errors of all layers before it included. */
  readonly accumulated: TensorError;
  /** Against A when the node gets A's data: its own error. Null where it was not measured. */
  readonly isolated: TensorError | null;
  /** Its part of the noise that all nodes add, 0..1, by their isolated noise-to-signal ratios. */
  readonly share: number;
  readonly histogram: HistogramPair | null;
}

/** A constant that both models hold. */
export interface ConstantDifference {
  readonly name: string;
  readonly shape: Shape;
  readonly dtypeA: DType;
  readonly dtypeB: DType;
  /** Bytes of the elements in the file. */
  readonly bytesA: number;
  readonly bytesB: number;
  /** `none`, `per-tensor`, `per-channel (axis 3)` or `blockwise`. */
  readonly quantization: string;
  readonly error: TensorError;
  readonly histogram: HistogramPair | null;
}

/** What a model is, in short. */
export interface ModelFacts {
  readonly name: string;
  /** Bytes of the `.tflite` file. */
  readonly bytes: number;
  readonly nodes: number;
  /** Operator -> how many. */
  readonly operators: Readonly<Record<string, number>>;
  /** Element type -> bytes of constants. */
  readonly weightBytes: Readonly<Record<string, number>>;
  /** Where the bytes of the file are, to the last one. */
  readonly account: ByteAccount;
}

/** Everything that a comparison found, as plain data: what `compare --json` prints. */
export interface Comparison {
  readonly a: ModelFacts;
  readonly b: ModelFacts;
  readonly signature: string;
  /** `random, seed 1`, or where the data came from. */
  readonly data: string;
  readonly samples: number;
  readonly outputs: readonly OutputDifference[];
  /** In the order of B's nodes. */
  readonly layers: readonly LayerDifference[];
  /** Tensors of B's main graph without a counterpart in A. */
  readonly unmatched: number;
  readonly constants: readonly ConstantDifference[];
  /** Operators whose number differs. */
  readonly graph: readonly { readonly op: string; readonly a: number; readonly b: number }[];
  /** What was not looked at, and why. */
  readonly notes: readonly string[];
}
