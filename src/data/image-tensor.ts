import type { Pixels } from '../bytes/image.js';
import { ModelError } from '../errors.js';
import { printShape } from '../ir/print.js';
import { allocate, integerLimits, isFloat, type Shape, type Tensor } from '../ir/tensor.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import { fitTensor, type Wanted } from './fit-tensor.js';
import { type Normalization, standardNormalization } from './normalize.js';

/**
 * An image as the tensor of an input `[1, H, W, C]` or `[1, C, H, W]` (C = 1, 3 or 4; unknown H and W are the image's).
 * It is stretched to H x W, bilinear with half-pixel centres. Float inputs get `(x - mean) / std` of pixels 0..1;
 * integer inputs with a quantization get that number quantized when a normalization is given, and else, as plain
 * integers do, the pixels 0..255 (signed 8-bit ones moved by -128).
 * @throws {ModelError} `invalid-data` when the input cannot take an image.
 */
export function imageTensor(image: Pixels, wanted: Wanted, where: string, normalization?: Normalization): Tensor {
  const layout = layoutOf(wanted, where);
  const height = layout.height < 0 ? image.height : layout.height;
  const width = layout.width < 0 ? image.width : layout.width;
  const planes = toPlanes(image, layout.channels).map((plane) => resizeBilinear(plane, image, { width, height }));
  const asReal = isFloat(wanted.dtype) || normalization !== undefined;
  const values = planes.map((plane, c) =>
    asReal ? normalized(plane, c, normalization ?? standardNormalization) : plane,
  );
  const shape = layout.channelsFirst ? [1, layout.channels, height, width] : [1, height, width, layout.channels];
  const data = layout.channelsFirst ? joined(values) : interleaved(values);
  if (asReal) return fitTensor({ dtype: 'f32', shape, data }, wanted, where);
  return { dtype: wanted.dtype, shape, data: wholePixels(data, wanted, where) };
}

interface Layout {
  readonly channelsFirst: boolean;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

const isChannels = (size: number | undefined): boolean => size === 1 || size === 3 || size === 4;

function layoutOf({ name, shape }: Wanted, where: string): Layout {
  const [batch = 0, a = 0, b = 0, c = 0] = shape;
  const takesOne = shape.length === 4 && (batch === 1 || batch < 0);
  if (takesOne && isChannels(c)) return { channelsFirst: false, height: a, width: b, channels: c };
  if (takesOne && isChannels(a)) return { channelsFirst: true, height: b, width: c, channels: a };
  const got: Shape = shape;
  throw new ModelError(
    'invalid-data',
    `an image goes into [1, H, W, C] or [1, C, H, W] with C = 1, 3 or 4; input '${name}' is ${printShape(got)}. Give a .npy file.`,
    { where },
  );
}

/** Channels as planes of numbers in 0..255. Grey from colours by ITU-R BT.601; an alpha that is missing is 255. */
function toPlanes({ channels, data, white, width, height }: Pixels, wanted: number): Float32Array[] {
  const count = width * height;
  const plane = (at: (pixel: number) => number) => Float32Array.from({ length: count }, (_, i) => at(i * channels));
  const channel = (c: number) => plane((i) => ((data[i + c] as number) * 255) / white);
  const isGrey = channels < 3;
  if (wanted === 1) {
    if (isGrey) return [channel(0)];
    const [r, g, b] = [channel(0), channel(1), channel(2)];
    return [r.map((x, i) => 0.299 * x + 0.587 * (g[i] as number) + 0.114 * (b[i] as number))];
  }
  const colours = (isGrey ? [0, 0, 0] : [0, 1, 2]).map(channel);
  if (wanted === 3) return colours;
  const hasAlpha = channels === 2 || channels === 4;
  return [...colours, hasAlpha ? channel(channels - 1) : new Float32Array(count).fill(255)];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Half-pixel centres, no antialiasing: what `tf.image.resize` does by default. */
function resizeBilinear(plane: Float32Array, from: Size, to: Size): Float32Array {
  if (from.width === to.width && from.height === to.height) return plane;
  const columns = taps(from.width, to.width);
  const rows = taps(from.height, to.height);
  const out = new Float32Array(to.width * to.height);
  let at = 0;
  for (const y of rows) {
    const [upper, lower] = [y.low * from.width, y.high * from.width];
    for (const x of columns) {
      const top = mix(plane[upper + x.low] as number, plane[upper + x.high] as number, x.fraction);
      const bottom = mix(plane[lower + x.low] as number, plane[lower + x.high] as number, x.fraction);
      out[at++] = mix(top, bottom, y.fraction);
    }
  }
  return out;
}

const mix = (a: number, b: number, fraction: number): number => a + (b - a) * fraction;

function taps(from: number, to: number) {
  return Array.from({ length: to }, (_, i) => {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const low = Math.floor(centre);
    return { low: clamp(low, 0, from - 1), high: clamp(low + 1, 0, from - 1), fraction: centre - low };
  });
}

function normalized(plane: Float32Array, channel: number, { mean, std }: Normalization): Float32Array {
  const m = mean[mean.length === 1 ? 0 : channel] ?? 0;
  const s = std[std.length === 1 ? 0 : channel] ?? 1;
  return plane.map((x) => (x / 255 - m) / s);
}

function joined(planes: readonly Float32Array[]): Float32Array {
  const size = planes[0]?.length ?? 0;
  const out = new Float32Array(size * planes.length);
  for (const [c, plane] of planes.entries()) out.set(plane, c * size);
  return out;
}

function interleaved(planes: readonly Float32Array[]): Float32Array {
  const out = new Float32Array((planes[0]?.length ?? 0) * planes.length);
  for (const [c, plane] of planes.entries())
    for (let i = 0; i < plane.length; i++) out[i * planes.length + c] = plane[i] as number;
  return out;
}

function wholePixels(values: Float32Array, { name, dtype }: Wanted, where: string): Tensor['data'] {
  const limits = integerLimits[dtype];
  if (!limits || limits[1] < 127)
    throw new ModelError('invalid-data', `input '${name}' expects ${dtype}, which holds no pixels. Give a .npy file.`, {
      where,
    });
  const offset = dtype === 'i8' ? -128 : 0;
  const out = allocate(dtype, values.length) as Int8Array;
  for (let i = 0; i < out.length; i++) out[i] = roundHalfAway(values[i] as number) + offset;
  return out;
}
