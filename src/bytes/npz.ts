import { ModelError } from '../errors.js';
import { decodeNpy, type NpyArray } from './npy.js';

/** Deflate cannot make bytes shrink more than this; a larger claim is a lie. */
const LARGEST_RATIO = 1032;

export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);

/**
 * The arrays of a `.npz` file (a zip of `.npy` files), by name without `.npy`.
 * @throws {ModelError} `malformed-file` for a damaged archive, and what {@link decodeNpy} throws.
 */
export async function decodeNpz(bytes: Uint8Array, where: string): Promise<Record<string, NpyArray>> {
  const files = await unzip(bytes, where);
  const arrays: Record<string, NpyArray> = Object.create(null);
  for (const [name, file] of Object.entries(files))
    if (name.endsWith('.npy')) arrays[name.slice(0, -4)] = decodeNpy(file, `${where}/${name}`);
  return arrays;
}

async function unzip(bytes: Uint8Array, where: string): Promise<Record<string, Uint8Array>> {
  const { unzipSync } = await import('fflate');
  try {
    return unzipSync(bytes, {
      filter: ({ name, size, originalSize }) => {
        if (size > bytes.length || originalSize > size * LARGEST_RATIO + 64)
          throw new Error(`${name} cannot be so large`);
        return true;
      },
    });
  } catch (error) {
    throw new ModelError('malformed-file', `a zip archive expected, but: ${(error as Error).message}.`, {
      where,
      cause: error,
    });
  }
}
