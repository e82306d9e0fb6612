import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { ModelError } from '../errors.js';
import { type DataSpec, parseDataSpec } from '../evaluate/data/spec.js';
import { readText } from '../node/files.js';
import { UsageError } from './usage.js';

/** Where labelled data are. */
export interface DataFlags {
  readonly data: string;
  readonly labels?: string;
}

const absent = (where: string) => new ModelError('not-found', 'no such file or folder.', { where });

/** What `--data` and `--labels` name: a description, arrays, a folder or a table. */
export function dataOf({ data: path, labels }: DataFlags): { readonly folder: string; readonly data: DataSpec } {
  if (!existsSync(path)) throw absent(`--data ${path}`);
  const isColumn = /\.csv$/i.test(path);
  if (labels !== undefined && !isColumn && !existsSync(labels)) throw absent(`--labels ${labels}`);
  const [folder, name] = [dirname(path), basename(path)];
  const own = labels === undefined ? {} : { labels: resolve(labels) };
  if (statSync(path).isDirectory())
    return { folder: path, data: { source: { kind: 'files', folder: '.', ...own }, preprocess: [] } };
  if (/\.np[yz]$/i.test(name))
    return { folder, data: { source: { kind: 'arrays', inputs: name, ...own }, preprocess: [] } };
  if (/\.csv$/i.test(name))
    return { folder, data: { source: { kind: 'csv', file: name, label: labels ?? 'label' }, preprocess: [] } };
  if (/\.json$/i.test(name)) return { folder, data: parseDataSpec(readText(path), path) };
  throw new UsageError(`--data ${path}: a folder, a .npy, .npz or .csv file, or a description (.json) expected.`);
}
