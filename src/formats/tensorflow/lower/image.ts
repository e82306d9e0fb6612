import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { slidingSize } from '../../../ops/shapes.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { int32Input } from './shapes.js';

const cast = (c: Lowering, x: Value, dtype: 'f32'): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));

const resizeOptions = (c: Lowering) => ({
  alignCorners: c.attrs.bool('align_corners', false),
  halfPixelCenters: c.attrs.bool('half_pixel_centers', false),
});

/** Interpolation happens in float whatever the image has. */
const resizeBilinear: Lower = (c) => [
  c.emit('RESIZE_BILINEAR', [cast(c, c.input(0), 'f32'), int32Input(c, 1)], resizeOptions(c)),
];

const resizeNearest: Lower = (c) => {
  const x = c.input(0);
  const resized = c.emit('RESIZE_NEAREST_NEIGHBOR', [cast(c, x, 'f32'), int32Input(c, 1)], resizeOptions(c));
  return [castTo(resized, x.dtype, (n) => c.emitAll(n.op, n.inputs, n.options))];
};

/** The chosen boxes are padded to the largest number of them: a slice keeps those that count. */
function trimmed(c: Lowering, values: readonly Value[], valid: Value): Value[] {
  if (c.attrs.bool('pad_to_max_output_size', false)) return [...values];
  const size = c.emit('RESHAPE', [valid, c.i32([1])]);
  return values.map((v) => c.emit('SLICE', [v, c.i32([0]), size]));
}

const LOWEST = -3.4028234663852886e38;

/** `threshold` is the overlap from which boxes suppress each other, `score` the least score of a box. */
function suppress(c: Lowering, threshold: Value, score: Value): [Value, Value] {
  const inputs = [c.input(0), c.input(1), int32Input(c, 2), threshold, score];
  const [indices, valid] = c.emitAll('NON_MAX_SUPPRESSION_V4', inputs) as [Value, Value];
  const [kept] = trimmed(c, [indices], valid) as [Value];
  return [kept, valid];
}

const suppressionV1: Lower = (c) => [
  suppress(c, c.make('f32', c.attrs.float('iou_threshold', 0.5)), c.make('f32', LOWEST))[0],
];
const suppressionV2: Lower = (c) => [suppress(c, c.input(3), c.make('f32', LOWEST))[0]];
const suppressionV3: Lower = (c) => [suppress(c, c.input(3), c.input(4))[0]];
const suppressionV4: Lower = (c) => suppress(c, c.input(3), c.input(4));

/** More than any two boxes overlap. */
const NEVER = 2;

/**
 * Where scores decay with the overlap (a sigma above zero), TensorFlow's boxes do not suppress each other besides;
 * those of the operator here do, from the threshold on.
 */
const suppressionV5: Lower = (c) => {
  const sigma = c.input(5);
  const isSoft = (sigma.constant?.numbers()[0] ?? 0) > 0;
  const threshold = isSoft ? c.make('f32', NEVER) : c.input(3);
  const inputs = [c.input(0), c.input(1), int32Input(c, 2), threshold, c.input(4), sigma];
  const [indices, scores, valid] = c.emitAll('NON_MAX_SUPPRESSION_V5', inputs) as [Value, Value, Value];
  return [...trimmed(c, [indices, scores], valid), valid];
};

/** Distance from the mean of each channel, scaled: `(x - mean) * factor + mean`. */
const adjustContrast: Lower = (c) => {
  const x = c.input(0);
  const mean = c.emit('MEAN', [x, c.i32([-3, -2])], { keepDims: true });
  return [c.emit('ADD', [c.emit('MUL', [c.emit('SUB', [x, mean]), c.input(1)]), mean])];
};

/**
 * Patches of an image as channels. Square patches side by side are blocks of space; others are a convolution whose every
 * output copies one cell of the window.
 */
const extractPatches: Lower = (c) => {
  const x = c.input(0);
  const [, h = 1, w = 1] = c.attrs.ints('ksizes');
  const [, sh = 1, sw = 1] = c.attrs.ints('strides');
  const [, dh = 1, dw = 1] = c.attrs.ints('rates');
  const padding = c.attrs.string('padding') === 'SAME' ? 'SAME' : 'VALID';
  const [n = -1, height = -1, width = -1, channels = -1] = x.shape ?? [];
  if (channels < 0) throw new ModelError('unsupported', 'needs a known number of channels.');
  const fits = height % h === 0 && width % w === 0;
  const isBlocks = h === w && sh === h && sw === w && dh === 1 && dw === 1 && height > 0 && width > 0;
  if (isBlocks && (fits || padding === 'VALID')) {
    const rows = slidingSize(height, h, sh, 1, padding) * h;
    const columns = slidingSize(width, w, sw, 1, padding) * w;
    const whole = fits ? x : c.emit('SLICE', [x, c.i32([0, 0, 0, 0]), c.i32([n, rows, columns, channels])]);
    return [c.emit('SPACE_TO_DEPTH', [whole], { blockSize: h })];
  }
  const outputs = h * w * channels;
  const identity = new Array<number>(outputs * outputs).fill(0).map((_, i) => Number(i % (outputs + 1) === 0));
  const options = { padding, strideH: sh, strideW: sw, dilationHFactor: dh, dilationWFactor: dw };
  const filter = c.make('f32', identity, [outputs, h, w, channels]);
  const zeros = c.make('f32', new Array<number>(outputs).fill(0));
  return [c.emit('CONV_2D', [x, filter, zeros], options)];
};

/** Images and boxes. */
export const images: Readonly<Record<string, Lower>> = {
  AdjustContrastv2: adjustContrast,
  ExtractImagePatches: extractPatches,
  NonMaxSuppression: suppressionV1,
  NonMaxSuppressionV2: suppressionV2,
  NonMaxSuppressionV3: suppressionV3,
  NonMaxSuppressionV4: suppressionV4,
  NonMaxSuppressionV5: suppressionV5,
  ResizeBilinear: resizeBilinear,
  ResizeNearestNeighbor: resizeNearest,
};
