import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelError } from '../errors.js';
import { writeError } from './system-errors.js';

/** A file of a folder that is written. */
export interface FolderFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes a folder of files: under a temporary name beside it, renamed at the end, so that a failure leaves nothing behind
 * and never harms what was there. A folder that is there already is replaced when `isOurs` knows all of its files.
 * Returns the bytes written.
 * @throws {ModelError} `invalid-option` when the place is taken or cannot be written.
 */
export function writeFolderAtomically(
  path: string,
  files: Iterable<FolderFile>,
  isOurs: (name: string) => boolean,
): number {
  const target = resolve(path);
  checkTarget(path, target, isOurs);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const old = `${temporary}.old`;
  try {
    mkdirSync(temporary, { recursive: true });
    let total = 0;
    for (const file of files) total += writeWhole(join(temporary, file.path), file.bytes);
    if (existsSync(target)) renameSync(target, old);
    renameSync(temporary, target);
    rmSync(old, { recursive: true, force: true });
    return total;
  } catch (error) {
    if (existsSync(old) && !existsSync(target)) renameSync(old, target);
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    throw writeError(error, path);
  }
}

function checkTarget(path: string, target: string, isOurs: (name: string) => boolean): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory())
    throw new ModelError('invalid-option', 'a folder expected, this is a file. Name another place.', { where: path });
  const other = readdirSync(target).find((name) => !isOurs(name));
  if (other === undefined) return;
  throw new ModelError('invalid-option', `a new or empty folder expected, it holds ${other}. Name another place.`, {
    where: path,
  });
}

function writeWhole(path: string, bytes: Uint8Array): number {
  const descriptor = openSync(path, 'wx');
  try {
    for (let done = 0; done < bytes.byteLength; ) done += writeSync(descriptor, bytes, done);
  } finally {
    closeSync(descriptor);
  }
  return bytes.byteLength;
}
