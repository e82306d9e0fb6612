import { ModelError } from '../../src/errors.js';
import type { ModelInput } from '../../src/formats/types.js';
import type { PickedFile } from '../protocol.js';
import { fileSource } from './file-source.js';

/** Files that say nothing without those that lie around them. */
const NEEDS_OTHERS = /^(saved_model\.pb(txt)?|model\.json)$/;

/**
 * What a user gave: one file, or the files of a folder.
 * @throws {ModelError} `unsupported` for nothing, and for a file without its folder.
 */
export function modelInput(files: readonly PickedFile[]): ModelInput {
  const [first] = files;
  if (!first) throw new ModelError('unsupported', 'a model expected, got an empty folder.');
  if (files.length > 1 || first.path.includes('/')) return treeOf(files);
  if (NEEDS_OTHERS.test(first.path))
    throw new ModelError('unsupported', `${first.path} needs the other files of its folder. Give the whole folder.`);
  return fileSource(first.file);
}

function treeOf(picked: readonly PickedFile[]): ModelInput {
  const files = new Map(picked.map(({ path, file }) => [path, fileSource(file)]));
  const [folder, ...more] = picked[0]?.path.split('/') ?? [];
  return {
    name: folder !== undefined && more.length > 0 ? folder : 'model',
    list: () => [...files.keys()].sort(),
    open: (path) => files.get(path),
  };
}
