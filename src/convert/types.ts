import type { ReadOptions } from '../formats/types.js';
import type { Graph, Model } from '../ir/graph.js';
import type { Recipe } from '../quantize/recipe.js';
import type { QuantizationReport } from '../quantize/report.js';

/** What a long conversion tells while it works. `done` of `total` within a step, where the step counts. */
export interface Progress {
  readonly step: 'read' | 'optimize' | 'quantize' | 'write';
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
  /** Called after reading (`'read'`) and after every pass, with the graph as it then is. */
  readonly onPass?: (pass: string, changes: number, graph: Graph) => void;
}

/** A converted model, and what was done to it. */
export interface Conversion {
  /** Name of the format it was read from. */
  readonly format: string;
  readonly model: Model;
  readonly quantization: QuantizationReport;
  /** Pass name -> number of changes, in the order of the preset; passes that changed nothing are left out. */
  readonly passes: Readonly<Record<string, number>>;
}
