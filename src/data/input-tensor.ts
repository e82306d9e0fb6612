import { decodeJpeg, decodePng, isJpeg, isPng } from '../bytes/image.js';
import { isNpy } from '../bytes/npy.js';
import { decodeNpz, isZip } from '../bytes/npz.js';
import { decodeWav, isWav } from '../bytes/wav.js';
import { ModelError } from '../errors.js';
import { isFloat, type Tensor } from '../ir/tensor.js';
import { fitTensor, type Wanted } from './fit-tensor.js';
import { imageTensor } from './image-tensor.js';
import { type Normalization, normalizePixels } from './normalize.js';
import { readNpy, tensorOfNpy } from './npy-tensor.js';
import { type SoundOptions, soundTensor } from './sound-tensor.js';

/** How images and sound become tensors. */
export interface InputOptions extends SoundOptions {
  readonly normalize?: Normalization;
}

/**
 * The tensor for an input from the bytes of a file: `.npy`, `.npz` (the array of the input's name, or the only one), PNG,
 * JPEG or WAV, told apart by how they begin.
 * @throws {ModelError} `unsupported` for other files, `malformed-file` for damaged ones, `invalid-data` when the contents
 *   do not fit the input.
 */
export async function inputTensor(
  bytes: Uint8Array,
  wanted: Wanted,
  where: string,
  options: InputOptions = {},
): Promise<Tensor> {
  const array = isNpy(bytes)
    ? readNpy(bytes, where)
    : isZip(bytes)
      ? await fromNpz(bytes, wanted.name, where)
      : undefined;
  if (array) return fitTensor(asPixels(array, wanted, options.normalize), wanted, where);
  if (isPng(bytes)) return imageTensor(await decodePng(bytes, where), wanted, where, options.normalize);
  if (isJpeg(bytes)) return imageTensor(await decodeJpeg(bytes, where), wanted, where, options.normalize);
  if (isWav(bytes)) return soundTensor(decodeWav(bytes, where), wanted, where, options);
  throw new ModelError('unsupported', 'a .npy, .npz, PNG, JPEG or WAV file expected, this is none.', { where });
}

/** Bytes for a float input are pixels when a normalization is given; other arrays are taken as they are. */
function asPixels(array: Tensor, { dtype }: Wanted, normalize: Normalization | undefined): Tensor {
  if (!normalize || array.dtype !== 'u8' || !isFloat(dtype)) return array;
  return { dtype: 'f32', shape: array.shape, data: normalizePixels(array.data as Uint8Array, normalize) };
}

async function fromNpz(bytes: Uint8Array, name: string, where: string): Promise<Tensor> {
  const arrays = await decodeNpz(bytes, where);
  const names = Object.keys(arrays);
  const array = arrays[name] ?? (names.length === 1 ? arrays[names[0] as string] : undefined);
  if (!array)
    throw new ModelError('not-found', `an array '${name}' expected, it holds ${names.join(', ') || 'none'}.`, {
      where,
    });
  return tensorOfNpy(array);
}
