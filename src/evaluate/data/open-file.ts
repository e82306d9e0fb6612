import type { ByteSource, FileTree } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';

/** A file of the tree. @throws {ModelError} `not-found`. */
export function openFile(tree: FileTree, path: string): ByteSource {
  const file = tree.open(path.replace(/^\.\//, ''));
  if (file) return file;
  throw new ModelError('not-found', `a file expected in ${tree.name}.`, { where: path });
}
