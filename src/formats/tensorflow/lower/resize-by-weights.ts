import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { kernelOf, type ResizeKernel } from './resize-kernels.js';
import { reshape } from './shapes.js';

/** Shares of input pixels in one output pixel: pairs of a position, which may lie outside, and a weight. */
type Shares = readonly (readonly [number, number])[];

/** The shares of each output pixel, given the length of an axis before and after. */
type Filter = (c: Lowering, from: number, to: number) => Shares[];

/** Steps between the cubic weights that TensorFlow has in a table. */
const STEPS = 1024;

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
 * A kernel around the place of each output pixel, as wide as a pixel of the smaller image where that shall not alias; no
 * share for places outside. Source: TensorFlow's `scale_and_translate_op.cc`.
 */
const scaledAndMoved = (c: Lowering, from: number, to: number, axis: 0 | 1): Shares[] => {
  const kernel: ResizeKernel = kernelOf(c.attrs.string('kernel_type', 'lanczos3'));
  const inverse = 1 / (c.numbers(2, 'scale')[axis] as number);
  const shift = -inverse * (c.numbers(3, 'translation')[axis] as number);
  const width = c.attrs.bool('antialias', true) ? Math.max(inverse, 1) : 1;
  return Array.from({ length: to }, (_, out) => {
    const place = Math.fround((out + 0.5) * inverse + shift);
    if (place < 0 || place > from) return [];
    const reach = kernel.radius * width;
    const first = Math.max(Math.ceil(place - reach - 0.5), 0);
    const last = Math.min(Math.floor(place + reach - 0.5), from - 1);
    const weight = (at: number): number => kernel.weight(Math.abs(at + 0.5 - place) / width);
    const shares = Array.from(
      { length: Math.max(last - first + 1, 0) },
      (__, i) => [first + i, weight(first + i)] as const,
    );
    const sum = shares.reduce((total, [, w]) => total + w, 0);
    return shares.map(([at, w]) => [at, w / sum] as const);
  });
};

/** Weights `[to, from]`; what lies outside belongs to the pixel at the border. */
function weightsOf(all: readonly Shares[], from: number): Constant {
  const to = all.length;
  const weights = new Float32Array(from * to);
  for (const [out, shares] of all.entries())
    for (const [at, weight] of shares) {
      const index = out * from + Math.min(Math.max(at, 0), from - 1);
      weights[index] = (weights[index] as number) + weight;
    }
  return Constant.of('f32', [to, from], weights);
}

/** Images `[N, H, W, C]` of known sizes, resized by two products with constant weights: rows first, then columns. */
const resize =
  (shares: (c: Lowering, from: number, to: number, axis: 0 | 1) => Shares[]): Lower =>
  (c) => {
    const x = castTo(c.input(0), 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
    const [batch = -1, height = -1, width = -1, channels = -1] = x.shape ?? [];
    if (height < 0 || width < 0 || channels < 0)
      throw new ModelError('unsupported', "needs images of a known size. Give the model's inputs fixed shapes.");
    const [toHeight = 0, toWidth = 0] = c.numbers(1, 'size');
    const product = (axis: 0 | 1, from: number, to: number, value: typeof x) =>
      c.emit('BATCH_MATMUL', [c.keep(weightsOf(shares(c, from, to, axis), from), 'weights'), value]);
    const rows = product(0, height, toHeight, reshape(c, x, [batch, height, width * channels]));
    const images = reshape(c, rows, [batch, toHeight, width, channels]);
    return [product(1, width, toWidth, images)];
  };

/** Resizing whose weights follow from the sizes. */
export const resizesByWeights: Readonly<Record<string, Lower>> = {
  ResizeArea: resize(area),
  ResizeBicubic: resize(cubic),
  ScaleAndTranslate: resize(scaledAndMoved),
};
