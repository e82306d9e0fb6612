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

/**
 * The files of a zip archive whose names are wanted; each name once.
 * @throws {ModelError} `malformed-file` for a damaged archive, `invalid-option` when {@link loadZip} was not awaited.
 */
export function unzip(source: ByteSource, isWanted: (name: string) => boolean): ReadonlyMap<string, Uint8Array> {
  if (!library)
    throw new ModelError(
      'invalid-option',
      'zip archives need a library that loads first. Await prepare(input) before.',
      {
        where: source.name,
      },
    );
  const bytes = source.read(0, source.size);
  const taken = new Set<string>();
  try {
    const files = library.unzipSync(bytes, {
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
