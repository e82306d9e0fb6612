import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { kernelOf } from './sampling-kernels.js';
import { reshape } from './shapes.js';

/** Shares of input pixels in one output pixel: pairs of a position, which may lie outside, and a weight. */
type Shares = readonly (readonly [number, number])[];

/** The shares of each output pixel, given the length of an axis before and after; the axis is 0 for rows, 1 for columns. */
type Filter = (c: Lowering, from: number, to: number, axis: number) => Shares[];

/** Steps between the cubic weights that TensorFlow has in a table. */
const STEPS = 1024;

/** Weights that sum up to less count as none. */
const LEAST_SUM = 1.1754944e-35;

/** Four pixels around each place, with cubic weights. Pixels outside are the nearest ones, or (half pixels) left out. */
const cubic: Filter = (c, from, to) => {
  const isHalf = c.attrs.bool('half_pixel_centers', false);
  const isAligned = c.attrs.bool('align_corners', false) && to > 1;
  const scale = Math.fround(isAligned ? (from - 1) / (to - 1) : from / to);
  const a = isHalf ? -0.5 : -0.75;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return Array.from({ length: to }, (_, out) => {
    const place = Math.fround(isHalf ? (out + 0.5) * scale - 0.5 : out * scale);
    const first = Math.floor(place);
    const part = Math.round((place - first) * STEPS) / STEPS;
    const weights = [far(part + 1), near(part), near(1 - part), far(2 - part)];
    const shares = weights.map((w, i) => [first - 1 + i, w] as const);
    if (!isHalf) return shares;
    const inside = shares.filter(([at]) => at >= 0 && at < from);
    const sum = inside.reduce((total, [, w]) => total + w, 0);
    return inside.map(([at, w]) => [at, w / sum] as const);
  });
};

/** All pixels that an output pixel covers, by how much of them. */
const area: Filter = (c, from, to) => {
  const isAligned = c.attrs.bool('align_corners', false) && to > 1;
  const scale = isAligned ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, out) => {
    const [begin, end] = [out * scale, (out + 1) * scale];
    const first = Math.floor(begin);
    const count = Math.max(Math.ceil(end) - first, 1);
    return Array.from({ length: count }, (_, i) => {
      const at = first + i;
      return [at, (Math.min(at + 1, end) - Math.max(at, begin)) / scale] as const;
    });
  });
};

/**
 * All pixels within the kernel around each place; a kernel against aliasing is as wide as the pixels that one output pixel
 * stands for. Places outside of the image are 0.
 *
 * Source: TensorFlow `kernels/image/scale_and_translate_op.cc`.
 */
const kernel: Filter = (c, from, to, axis) => {
  const { radius, at } = kernelOf(c.attrs.string('kernel_type', 'lanczos3'));
  const step = Math.fround(1 / (c.numbers(2, 'scale')[axis] ?? 1));
  const shift = Math.fround(-step * (c.numbers(3, 'translation')[axis] ?? 0));
  const width = c.attrs.bool('antialias', true) ? Math.max(step, 1) : 1;
  const inside = (i: number): number => Math.min(Math.max(i, 0), from - 1);
  return Array.from({ length: to }, (_, out) => {
    const place = Math.fround(Math.fround((out + 0.5) * step) + shift);
    if (place < 0 || place > from) return [];
    const first = inside(Math.ceil(Math.fround(place - radius * width - 0.5)));
    const last = inside(Math.floor(Math.fround(place + radius * width - 0.5)));
    const weights = Array.from({ length: last - first + 1 }, (_, i) => at(Math.abs(first + i + 0.5 - place) / width));
    const sum = weights.reduce((a, b) => a + b, 0);
    return Math.abs(sum) < LEAST_SUM ? [] : weights.map((w, i) => [first + i, w / sum] as const);
  });
};

/** Weights `[to, from]` of a filter; what lies outside belongs to the pixel at the border. */
function weightsOf(filter: Filter, c: Lowering, [from, to]: readonly [number, number], axis: number): Constant {
  const weights = new Float32Array(from * to);
  for (const [out, shares] of filter(c, from, to, axis).entries())
    for (const [at, weight] of shares) {
      const index = out * from + Math.min(Math.max(at, 0), from - 1);
      weights[index] = (weights[index] as number) + weight;
    }
  return Constant.of('f32', [to, from], weights);
}

/** Images `[N, H, W, C]` of known sizes, resized by two products with constant weights: rows first, then columns. */
const resize =
  (filter: Filter): Lower =>
  (c) => {
    const x = castTo(c.input(0), 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
    const [batch = -1, height = -1, width = -1, channels = -1] = x.shape ?? [];
    if (height < 0 || width < 0 || channels < 0)
      throw new ModelError('unsupported', "needs images of a known size. Give the model's inputs fixed shapes.");
    const [toHeight = 0, toWidth = 0] = c.numbers(1, 'size');
    const product = (sizes: readonly [number, number], axis: number, value: typeof x) =>
      c.emit('BATCH_MATMUL', [c.keep(weightsOf(filter, c, sizes, axis), 'weights'), value]);
    const rows = product([height, toHeight], 0, reshape(c, x, [batch, height, width * channels]));
    const images = reshape(c, rows, [batch, toHeight, width, channels]);
    return [product([width, toWidth], 1, images)];
  };

/** Resizing whose weights follow from the sizes. */
export const resizesByWeights: Readonly<Record<string, Lower>> = {
  ResizeArea: resize(area),
  ResizeBicubic: resize(cubic),
  ScaleAndTranslate: resize(kernel),
};
