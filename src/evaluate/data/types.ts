import type { Wanted } from '../../data/fit-tensor.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Label } from '../metrics/types.js';

/** One sample: what the model gets, and what is true. */
export interface Sample {
  /** For messages: a file's name, or the row. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly label: Label;
}

/** Samples that are read one at a time. */
export interface Dataset {
  readonly size: number;
  /** Names of the classes, where the data has them. */
  readonly classes?: readonly string[];
  /**
   * @param wanted The inputs of the model, which the sample has to fit.
   * @throws {ModelError} for a sample that cannot be read, with its name.
   */
  sample(index: number, wanted: readonly Wanted[]): Promise<Sample>;
}
