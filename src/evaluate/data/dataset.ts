import type { FileTree } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { openArrays } from './arrays.js';
import { openFiles } from './files.js';
import { openRecords } from './records.js';
import type { DataSpec } from './spec.js';
import { openTable } from './table.js';
import type { Dataset } from './types.js';

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
