import { ModelError } from '../errors.js';

/** Random access to the bytes of one file; reads are lazy, so a 2 GB file costs only what is asked of it. */
export interface ByteSource {
  /** Name for messages, usually the file's name. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /**
   * The bytes `[offset, offset + length)`. May be a view: do not write to it.
   * @throws {ModelError} `malformed-file` when the range does not lie in the file.
   */
  read(offset: number, length: number): Uint8Array;
  /** The file of that name in the same folder, or undefined; absent where the folder is not known. */
  beside?(name: string): ByteSource | undefined;
}

/** A folder of files, as a SavedModel is: file names are relative to it and use `/`. */
export interface FileTree {
  readonly name: string;
  /** The file by which the folder was opened, when it was one of several that may be meant. */
  readonly main?: string;
  /** All files below the folder. */
  list(): readonly string[];
  /** The file, or undefined when there is none of that name. */
  open(path: string): ByteSource | undefined;
}

/** Tells a folder from a file. */
export const isTree = (input: ByteSource | FileTree): input is FileTree => 'open' in input;

/** Checks a range against a size; shared by all sources, so that the message is the same everywhere. */
export function checkRange(name: string, size: number, offset: number, length: number): void {
  if (offset >= 0 && length >= 0 && offset + length <= size) return;
  throw new ModelError(
    'malformed-file',
    `${length} bytes expected, the file ends after ${size}. It may be incomplete.`,
    {
      where: `${name} @0x${Math.max(0, offset).toString(16)}`,
    },
  );
}

/** A source over bytes in memory. */
export function bytesSource(bytes: Uint8Array, name = 'bytes'): ByteSource {
  return {
    name,
    size: bytes.byteLength,
    read(offset, length) {
      checkRange(name, bytes.byteLength, offset, length);
      return bytes.subarray(offset, offset + length);
    },
  };
}

/** A folder held in memory: path -> bytes. This is how a browser passes a SavedModel. */
export function memoryTree(files: Readonly<Record<string, Uint8Array>>, name = 'model'): FileTree {
  return {
    name,
    list: () => Object.keys(files).sort(),
    open: (path) => (Object.hasOwn(files, path) ? bytesSource(files[path] as Uint8Array, path) : undefined),
  };
}
