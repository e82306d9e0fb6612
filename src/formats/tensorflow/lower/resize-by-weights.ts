import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { areaWeights, cubicWeights, kernelWeights } from '../../../numerics/resize-weights.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { reshape } from './shapes.js';

/** Weights `[to, from]` along an axis (0 for rows, 1 for columns), given its length before and after. */
type Filter = (c: Lowering, from: number, to: number, axis: number) => Float32Array;

const isAligned = (c: Lowering): boolean => c.attrs.bool('align_corners', false);

const cubic: Filter = (c, from, to) =>
  cubicWeights(from, to, { isHalf: c.attrs.bool('half_pixel_centers', false), isAligned: isAligned(c) });

const area: Filter = (c, from, to) => areaWeights(from, to, isAligned(c));

const kernel: Filter = (c, from, to, axis) =>
  kernelWeights(from, to, {
    kernel: c.attrs.string('kernel_type', 'lanczos3'),
    scale: c.numbers(2, 'scale')[axis] ?? 1,
    translation: c.numbers(3, 'translation')[axis] ?? 0,
    antialias: c.attrs.bool('antialias', true),
  });

/** Images `[N, H, W, C]` of known sizes, resized by two products with constant weights: rows first, then columns. */
const resize =
  (filter: Filter): Lower =>
  (c) => {
    const x = castTo(c.input(0), 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
    const [batch = -1, height = -1, width = -1, channels = -1] = x.shape ?? [];
    if (height < 0 || width < 0 || channels < 0)
      throw new ModelError('unsupported', "needs images of a known size. Give the model's inputs fixed shapes.");
    const [toHeight = 0, toWidth = 0] = c.numbers(1, 'size');
    const product = ([from, to]: readonly [number, number], axis: number, value: typeof x) => {
      const weights = Constant.of('f32', [to, from], filter(c, from, to, axis));
      return c.emit('BATCH_MATMUL', [c.keep(weights, 'weights'), value]);
    };
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
