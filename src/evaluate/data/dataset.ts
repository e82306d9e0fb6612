import type { FileTree } from '../../bytes/source.js';
import type { Wanted } from '../../data/fit-tensor.js';
import { ModelError } from '../../errors.js';
import type { Tensor } from '../../ir/tensor.js';
import type { Label } from '../metrics/types.js';
import { openArrays } from './arrays.js';
import { openFiles } from './files.js';
import { openRecords } from './records.js';
import type { DataSpec } from './spec.js';
import { openTable } from './table.js';

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

/** Opens the data set that a description speaks of; its paths are names of files of the tree. */
export async function openDataset(tree: FileTree, spec: DataSpec): Promise<Dataset> {
  const { source } = spec;
  const dataset = await (source.kind === 'arrays'
    ? openArrays(tree, source, spec)
    : source.kind === 'files'
      ? openFiles(tree, source, spec)
      : source.kind === 'csv'
        ? openTable(tree, source, spec)
        : openRecords(tree, source, spec));
  if (dataset.size === 0)
    throw new ModelError('invalid-data', 'at least one sample expected, the data set is empty.', { where: tree.name });
  return dataset;
}

/** The only input of a model that is given one thing. */
export function onlyInput(wanted: readonly Wanted[], where: string): Wanted {
  const [first, ...others] = wanted;
  if (first && others.length === 0) return first;
  const names = wanted.map((w) => `'${w.name}'`).join(', ') || 'none';
  throw new ModelError(
    'invalid-data',
    `a model of one input expected, it has ${names}. Describe the data with an array for each: {"kind": "arrays", "inputs": {…}}.`,
    { where },
  );
}
