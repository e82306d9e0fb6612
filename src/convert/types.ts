import type { ByteSource, FileTree } from '../bytes/source.js';
import type { Graph, Model } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import type { QuantizationReport } from '../quantize/report.js';
import type { Recipe } from '../quantize/recipe.js';

/** A model to read: the bytes of one file, or the files of a folder. */
export type ModelInput = ByteSource | FileTree;

/** How to read a model. What a format does not know it refuses, rather than ignores. */
export interface ReadOptions {
  /** MetaGraph tags of a SavedModel; `['serve']` when absent. */
  readonly tags?: readonly string[];
  /** Keys of the signatures to keep; all callable ones when absent. */
  readonly signatures?: readonly string[];
  /** Names of input nodes or tensors of a graph without signatures. */
  readonly inputs?: readonly string[];
  /** Names of output nodes or tensors of a graph without signatures. */
  readonly outputs?: readonly string[];
  /** Input name -> shape; replaces the declared one. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /** Lets operations that have no counterpart through as custom operators. */
  readonly allowCustomOps?: boolean;
}

/** What a long conversion tells while it works. `done` of `total` within a step, where the step counts. */
export interface Progress {
  readonly step: 'read' | 'lower' | 'optimize' | 'quantize' | 'write';
  readonly detail?: string;
  readonly done?: number;
  readonly total?: number;
}

/** Options of a conversion. */
export interface ConvertOptions extends ReadOptions {
  /** Technique by name or as a recipe; `'none'` when absent. */
  readonly quantize?: string | Recipe;
  /** Checks every graph after every pass; slower, for finding bugs. */
  readonly verify?: boolean;
  /** Runs the graph before and after every pass on random input and fails at the first pass that moves the output. */
  readonly checkNumerics?: boolean;
  /** Stops after the pass of that name. */
  readonly stopAfter?: string;
  readonly onProgress?: (progress: Progress) => void;
  readonly onWarning?: (text: string) => void;
  /** Called after reading and after every pass, with the graph as it then is. */
  readonly onPass?: (pass: string, changes: number, graph: Graph) => void;
}

/** A converted model, and what was done to it. */
export interface Conversion {
  readonly model: Model;
  readonly quantization: QuantizationReport;
  /** Pass name -> number of changes, in the order of the preset. */
  readonly passes: Readonly<Record<string, number>>;
}
