import { decodeJpeg, decodePng, isJpeg, isPng, type Pixels } from '../../bytes/image.js';
import { decodeWav, isWav } from '../../bytes/wav.js';
import type { Wanted } from '../../data/fit-tensor.js';
import { imageTensor } from '../../data/image-tensor.js';
import { soundTensor } from '../../data/sound-tensor.js';
import { ModelError } from '../../errors.js';
import { elementCount, type Tensor } from '../../ir/tensor.js';
import { numbersOf } from '../numbers.js';
import { logMel } from './log-mel.js';
import type { Step } from './spec.js';

/** The steps of images speak of pixels 0..255. */
const RAW = { mean: [0], std: [1 / 255] };

export const hasSteps = (steps: readonly Step[]): boolean => steps.length > 0;

/** An image, as pixels 0..255 that no step has touched, or a sound, as samples -1..1, through all steps. */
export async function fileTensor(
  bytes: Uint8Array,
  steps: readonly Step[],
  wanted: Wanted,
  where: string,
): Promise<Tensor> {
  if (isWav(bytes)) {
    const rate = steps.find((s) => s.step === 'log-mel')?.rate;
    const sound = soundTensor(
      decodeWav(bytes, where),
      { name: wanted.name, dtype: 'f32', shape: [-1] },
      where,
      rate === undefined ? {} : { rate },
    );
    return applySteps(sound, steps);
  }
  const pixels = isPng(bytes)
    ? await decodePng(bytes, where)
    : isJpeg(bytes)
      ? await decodeJpeg(bytes, where)
      : undefined;
  if (!pixels) throw new ModelError('malformed-file', 'a PNG, JPEG, WAV or .npy file expected.', { where });
  const resize = steps.find((s) => s.step === 'resize');
  const channels = channelsOf(wanted);
  const shape = [1, resize?.height ?? pixels.height, resize?.width ?? pixels.width, channels];
  const image = imageTensor(pixels as Pixels, { name: wanted.name, dtype: 'f32', shape }, where, RAW);
  const rest = steps.filter((s) => s !== resize);
  return applySteps({ ...image, shape: shape.slice(1) }, rest);
}

/** Channels that an image input has: on the last axis, or the first behind the batch. */
function channelsOf({ shape }: Wanted): number {
  const [, a = 0, , c = 0] = shape;
  return [1, 3, 4].includes(c) ? c : [1, 3, 4].includes(a) ? a : 3;
}

/** A tensor without its batch axis, through all steps; a step that does not suit it is an error. */
export const applySteps = (tensor: Tensor, steps: readonly Step[]): Tensor => steps.reduce(applyStep, tensor);

function applyStep(tensor: Tensor, step: Step): Tensor {
  const { shape } = tensor;
  const f32 = (data: Float32Array, to = shape): Tensor => ({ dtype: 'f32', shape: to, data });
  switch (step.step) {
    case 'scale': {
      // Each step is rounded, as arithmetic with arrays of 32-bit floats does it where models are trained.
      const { by = 1, over = 1, add = 0 } = step;
      return f32(Float32Array.from(numbersOf(tensor), (x) => Math.fround(Math.fround(x * by) / over) + add));
    }
    case 'normalize': {
      const { mean, std } = step;
      const channels = shape.at(-1) ?? 1;
      const at = (list: readonly number[], i: number) => list[list.length === 1 ? 0 : i % channels] ?? Number.NaN;
      return f32(numbersOf(tensor).map((x, i) => (x - at(mean, i)) / at(std, i)));
    }
    case 'center-crop':
      return cropped(tensor, step.height, step.width);
    case 'channels-first':
      return channelsFirst(tensor);
    case 'log-mel': {
      const { data, frames } = logMel(numbersOf(tensor), step);
      return f32(data, [frames, step.bins]);
    }
    case 'resize':
      return resized(tensor, step.height, step.width);
    default:
      return step satisfies never;
  }
}

function imageSizes({ shape }: Tensor, step: string): [number, number, number] {
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length === 2 || shape.length === 3) return [height, width, channels];
  throw new ModelError('invalid-data', `step '${step}' expects [H, W, C], got [${shape}].`);
}

function resized(tensor: Tensor, height: number, width: number): Tensor {
  const [h, w, channels] = imageSizes(tensor, 'resize');
  // Pixels of any range: what stretching does is linear.
  const pixels = { height: h, width: w, channels, white: 255, data: numbersOf(tensor) };
  const shape = [1, height, width, channels];
  const out = imageTensor(pixels as unknown as Pixels, { name: 'image', dtype: 'f32', shape }, 'resize', RAW);
  return { ...out, shape: shape.slice(1) };
}

function cropped(tensor: Tensor, height: number, width: number): Tensor {
  const [h, w, channels] = imageSizes(tensor, 'center-crop');
  if (height > h || width > w)
    throw new ModelError(
      'invalid-data',
      `step 'center-crop' expects at least [${height}, ${width}], got [${h}, ${w}]. Resize first.`,
    );
  const [top, left] = [(h - height) >> 1, (w - width) >> 1];
  const from = numbersOf(tensor);
  const data = new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const start = ((y + top) * w + left) * channels;
    data.set(from.subarray(start, start + width * channels), y * width * channels);
  }
  return { dtype: 'f32', shape: [height, width, channels], data };
}

function channelsFirst(tensor: Tensor): Tensor {
  const [h, w, channels] = imageSizes(tensor, 'channels-first');
  const from = numbersOf(tensor);
  const data = new Float32Array(elementCount([h, w, channels]));
  for (let i = 0; i < h * w; i++)
    for (let c = 0; c < channels; c++) data[c * h * w + i] = from[i * channels + c] as number;
  return { dtype: 'f32', shape: [channels, h, w], data };
}
