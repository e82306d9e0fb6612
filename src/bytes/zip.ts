import { ModelError } from '../errors.js';
import type { ByteSource } from './source.js';

/** Deflate cannot make bytes shrink more than this; a larger claim is a lie. */
const LARGEST_RATIO = 1032;

type Library = typeof import('fflate');
let library: Library | undefined;

/** Loads the zip library, so that {@link unzip} works from then on. */
export async function loadZip(): Promise<void> {
  library ??= await import('fflate');
}

const startsWith = (source: ByteSource, magic: readonly number[]): boolean =>
  source.size > magic.length && source.read(0, magic.length).every((byte, i) => byte === magic[i]);

export const isZip = (source: ByteSource): boolean => startsWith(source, [0x50, 0x4b, 3, 4]);
export const isGzip = (source: ByteSource): boolean => startsWith(source, [0x1f, 0x8b, 8]);

/**
 * The files of a zip archive whose names are wanted; each name once.
 * @throws {ModelError} `malformed-file` for a damaged archive, `invalid-option` when {@link loadZip} was not awaited.
 */
export function unzip(source: ByteSource, isWanted: (name: string) => boolean): ReadonlyMap<string, Uint8Array> {
  const { unzipSync } = libraryFor(source);
  const bytes = source.read(0, source.size);
  const taken = new Set<string>();
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (!isWanted(name) || taken.has(name)) return false;
        if (size > bytes.length || originalSize > size * LARGEST_RATIO + 64)
          throw new Error(`${name} cannot be so large`);
        taken.add(name);
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    throw new ModelError('malformed-file', `a zip archive expected, but: ${(error as Error).message}.`, {
      where: source.name,
      cause: error,
    });
  }
}

/** The bytes that a gzip file holds. @throws {ModelError} as {@link unzip} */
export function gunzip(source: ByteSource): Uint8Array {
  const { gunzipSync } = libraryFor(source);
  const bytes = source.read(0, source.size);
  const damaged = (why: string, cause?: unknown) =>
    new ModelError('malformed-file', `a gzip archive expected, but: ${why}.`, { where: source.name, cause });
  // The last four bytes say how many come out.
  const claimed =
    bytes.length < 18 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  if (claimed > bytes.length * LARGEST_RATIO) throw damaged(`its content cannot be so large (${claimed} bytes)`);
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw damaged((error as Error).message, error);
  }
}

function libraryFor(source: ByteSource): Library {
  if (library) return library;
  throw new ModelError('invalid-option', 'archives need a library that loads first. Await prepare(input) before.', {
    where: source.name,
  });
}
