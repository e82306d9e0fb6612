import { ModelError } from '../errors.js';
import { type ByteSource, bytesSource, type FileTree } from './source.js';
import { gunzip, isGzip, isZip, loadZip, unzip } from './zip.js';

/**
 * What an archive holds: the files of a `.zip` or `.tar`, or the file that a `.gz` is; undefined for other files.
 * @throws {ModelError} `malformed-file` for a damaged archive.
 */
export async function openArchive(source: ByteSource): Promise<FileTree | ByteSource | undefined> {
  if (isTar(source)) return openTar(source);
  if (!isZip(source) && !isGzip(source)) return undefined;
  await loadZip();
  return isZip(source) ? openZip(source) : bytesSource(gunzip(source), source.name.replace(/\.t?gz$/i, ''));
}

/** The names of a zip archive's files. Await `loadZip` before. */
export function zipNames(source: ByteSource): string[] {
  const names: string[] = [];
  unzip(source, (name) => {
    if (!name.endsWith('/')) names.push(name);
    return false;
  });
  return names;
}

/** The files are unpacked one at a time, when they are opened. */
function openZip(source: ByteSource): FileTree {
  const names = new Set(zipNames(source));
  const opened = new Map<string, ByteSource>();
  return {
    name: source.name.replace(/\.zip$/i, ''),
    list: () => [...names].sort(),
    open(path) {
      if (!names.has(path)) return undefined;
      const known = opened.get(path) ?? bytesSource(unzip(source, (name) => name === path).get(path)!, path);
      opened.set(path, known);
      return known;
    },
  };
}

const BLOCK = 512;
const MAGIC = { at: 257, text: 'ustar' };

const isTar = (source: ByteSource): boolean =>
  source.size > BLOCK && String.fromCharCode(...source.read(MAGIC.at, MAGIC.text.length)) === MAGIC.text;

async function openTar(source: ByteSource): Promise<FileTree> {
  const { parseTar } = await import('nanotar');
  // The library takes the whole of a buffer.
  const bytes = source.read(0, source.size).slice();
  checkTar(bytes, source.name);
  const files = new Map(
    parseTar(bytes).flatMap(({ name, type, data }) =>
      type === 'file' ? [[name.replace(/^\.\//, ''), data ?? new Uint8Array()] as const] : [],
    ),
  );
  return {
    name: source.name.replace(/\.tar$/i, ''),
    list: () => [...files.keys()].sort(),
    open(path) {
      const data = files.get(path);
      return data && bytesSource(data, path);
    },
  };
}

/** Where the sizes of the entries lead: the library believes them. */
function checkTar(bytes: Uint8Array, name: string): void {
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0; ) {
    const digits = String.fromCharCode(...bytes.subarray(at + 124, at + 136)).replace(/[\0 ]+$/, '');
    const size = /^ *[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
    if (!(at + BLOCK + size <= bytes.length))
      throw new ModelError('malformed-file', `a tar archive expected, but an entry has the size '${digits}'.`, {
        where: `${name} @0x${at.toString(16)}`,
      });
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
}
