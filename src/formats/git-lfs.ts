import type { ByteSource, FileTree } from '../bytes/source.js';
import { isTree } from '../bytes/source.js';

const START = 'version https://git-lfs';
/** Pointers are shorter. */
const LARGEST = 1024;
/** Files that hold a model, in a folder. */
const PARTS = /^(saved_model\.pb|variables\/[^/]*|[^/]*\.(json|bin|h5|hdf5))$/;

/** Name of a file that is only a pointer of Git LFS: what a clone without its large files has in their place. */
export function lfsPointerIn(input: ByteSource | FileTree): string | undefined {
  if (!isTree(input)) return isPointer(input) ? input.name : undefined;
  return input.list().find((name) => {
    const file = PARTS.test(name) ? input.open(name) : undefined;
    return file && isPointer(file);
  });
}

const isPointer = (file: ByteSource): boolean =>
  file.size > START.length && file.size < LARGEST && String.fromCharCode(...file.read(0, START.length)) === START;
