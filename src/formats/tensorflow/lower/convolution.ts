import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import type { Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { isChannelsFirst, nchwAround, nonSpatial, spatial, toFirst, toLast } from './layout.js';
import { int32Input, reshapeWeights, transpose } from './shapes.js';

/** Sliding window attributes for the spatial axes. */
interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'SAME' | 'VALID';
  /** Cells before and behind each spatial axis, when the model gives them. */
  readonly explicit: readonly (readonly [number, number])[] | undefined;
}

function windowOf(c: Lowering, axes: number): Window {
  const ones = new Array<number>(axes).fill(1);
  const strides = c.attrs.ints('strides');
  const dilations = c.attrs.ints('dilations', ones);
  const fullDilations = dilations.length === 0 ? ones : dilations;
  if (nonSpatial(c, strides).some((s) => s !== 1))
    throw new ModelError('unsupported', 'has a stride over batch or channels.');
  if (nonSpatial(c, fullDilations).some((d) => d !== 1))
    throw new ModelError('unsupported', 'is dilated over batch or channels.');
  const padding = c.attrs.string('padding');
  return {
    strides: spatial(c, strides),
    dilations: spatial(c, fullDilations),
    padding: padding === 'SAME' ? 'SAME' : 'VALID',
    explicit: padding === 'EXPLICIT' ? explicitPadding(c) : undefined,
  };
}

function explicitPadding(c: Lowering): [number, number][] {
  const list = c.attrs.ints('explicit_paddings');
  const pairs = Array.from({ length: list.length / 2 }, (_, i): [number, number] => [
    list[2 * i] ?? 0,
    list[2 * i + 1] ?? 0,
  ]);
  return isChannelsFirst(c) ? pairs.slice(2) : pairs.slice(1, -1);
}

/** The input with explicit padding written out; channels come last. */
export function padExplicitly(c: Lowering, x: Value, pairs: readonly (readonly [number, number])[] | undefined): Value {
  if (!pairs || pairs.every(([before, behind]) => before === 0 && behind === 0)) return x;
  const all = [[0, 0], ...pairs, [0, 0]].flat();
  return c.emit('PAD', [x, c.i32(all, [pairs.length + 2, 2])]);
}

const options2d = ({ strides, dilations, padding }: Window) => ({
  padding,
  strideH: strides[0] ?? 1,
  strideW: strides[1] ?? 1,
  dilationHFactor: dilations[0] ?? 1,
  dilationWFactor: dilations[1] ?? 1,
});

function filterShape(c: Lowering, rank: number): Shape {
  const shape = c.staticShape(c.input(1), 'its filter');
  if (shape.length !== rank) throw new ModelError('invalid-graph', `filter expects rank ${rank}, got [${shape}]`);
  return shape;
}

const zeroBias = (c: Lowering, channels: number): Value =>
  c.keep(Constant.of('f32', [channels], new Float32Array(channels)), 'bias');

/** A filter `[H, W, I, O]` becomes `[O, H, W, I]`; the bias is 0 until a pass adds one to it. */
const conv2d: Lower = (c) => {
  const [, , , outputs = 0] = filterShape(c, 4);
  const window = windowOf(c, 4);
  const filter = transpose(c, c.input(1), [3, 0, 1, 2]);
  return nchwAround(c, c.input(0), (x) => [
    c.emit('CONV_2D', [padExplicitly(c, x, window.explicit), filter, zeroBias(c, outputs)], options2d(window)),
  ]);
};

/** A convolution of an image whose borders mirror what lies within. */
function paddedConv2d(c: Lowering, image: Value, paddings: Value, filter: Value): readonly Value[] {
  const isPadded = !paddings.constant?.numbers().every((p) => p === 0);
  const x = isPadded ? c.emit('MIRROR_PAD', [image, paddings], { mode: c.attrs.string('mode') }) : image;
  return conv2d(c.with([x, filter]));
}

/** What TensorFlow's tool for inference makes of a padding in front of a convolution. */
const fusedPadConv2d: Lower = (c) => paddedConv2d(c, c.input(0), int32Input(c, 1), c.input(2));

/** And of a resizing, with or without a padding. */
const fusedResizeAndPadConv2d: Lower = (c) => {
  const options = { alignCorners: c.attrs.bool('resize_align_corners', false), halfPixelCenters: false };
  const resized = c.emit('RESIZE_BILINEAR', [c.input(0), int32Input(c, 1)], options);
  return paddedConv2d(c, resized, int32Input(c, 2), c.input(3));
};

/** A filter `[H, W, C, M]` becomes `[1, H, W, C * M]`. */
const depthwise: Lower = (c) => {
  const [h = 0, w = 0, channels = 0, multiplier = 0] = filterShape(c, 4);
  const window = windowOf(c, 4);
  const filter = reshapeWeights(c, c.input(1), [1, h, w, channels * multiplier]);
  return nchwAround(c, c.input(0), (x) => [
    c.emit('DEPTHWISE_CONV_2D', [padExplicitly(c, x, window.explicit), filter, zeroBias(c, channels * multiplier)], {
      ...options2d(window),
      depthMultiplier: multiplier,
    }),
  ]);
};

/** The sizes of the result, channels last. */
function outputSizes(c: Lowering, rank: number): Value {
  const sizes = int32Input(c, 0);
  if (!isChannelsFirst(c)) return sizes;
  return c.emit('GATHER', [sizes, c.i32(toLast(rank))], { axis: 0, batchDims: 0 });
}

/** A filter `[H, W, O, I]` becomes `[O, H, W, I]`. */
const conv2dTranspose: Lower = (c) => {
  const window = windowOf(c, 4);
  if (window.dilations.some((d) => d !== 1))
    throw new ModelError('unsupported', 'is a dilated transposed convolution.');
  const filter = transpose(c, c.input(1), [2, 0, 1, 3]);
  const options = { padding: window.padding, strideH: window.strides[0] ?? 1, strideW: window.strides[1] ?? 1 };
  const sizes = outputSizes(c, 4);
  return nchwAround(c, c.input(2), (x) => {
    if (!window.explicit) return [c.emit('TRANSPOSE_CONV', [sizes, filter, x], options)];
    return [croppedTranspose(c, [sizes, filter, x], options, window.explicit)];
  });
};

/** Explicit padding of a transposed convolution cuts cells off its full result. */
function croppedTranspose(
  c: Lowering,
  [sizes, filter, x]: readonly [Value, Value, Value],
  options: { readonly strideH: number; readonly strideW: number },
  pairs: readonly (readonly [number, number])[],
): Value {
  const wanted = sizes.constant?.numbers();
  if (!wanted) throw new ModelError('unsupported', 'has explicit padding and a size that is computed at run time.');
  const [[top, bottom] = [0, 0], [left, right] = [0, 0]] = pairs;
  const [n = 1, h = 1, w = 1, o = 1] = wanted;
  const full = c.i32([n, h + top + bottom, w + left + right, o]);
  const all = c.emit('TRANSPOSE_CONV', [full, filter, x], { ...options, padding: 'VALID' });
  return c.emit('SLICE', [all, c.i32([0, top, left, 0]), c.i32([n, h, w, o])]);
}

const options3d = ({ strides, dilations, padding }: Window) => ({
  padding,
  strideD: strides[0] ?? 1,
  strideH: strides[1] ?? 1,
  strideW: strides[2] ?? 1,
  dilationDFactor: dilations[0] ?? 1,
  dilationHFactor: dilations[1] ?? 1,
  dilationWFactor: dilations[2] ?? 1,
});

const conv3d: Lower = (c) => {
  filterShape(c, 5);
  const window = windowOf(c, 5);
  return nchwAround(c, c.input(0), (x) => [c.emit('CONV_3D', [x, c.input(1), undefined], options3d(window))]);
};

const conv3dTranspose: Lower = (c) => {
  const window = windowOf(c, 5);
  const sizes = outputSizes(c, 5);
  return nchwAround(c, c.input(2), (x) => [
    c.emit('CONV_3D_TRANSPOSE', [sizes, c.input(1), x, undefined], options3d(window)),
  ]);
};

/** Depth to space and back, for the layout that the operators know. */
const blocks =
  (op: string): Lower =>
  (c) => {
    const blockSize = c.attrs.int('block_size');
    if (c.attrs.string('data_format', 'NHWC') === 'NCHW_VECT_C')
      throw new ModelError('unsupported', 'has vectorized channels.');
    return nchwAround(c, c.input(0), (x) => [c.emit(op, [x], { blockSize })]);
  };

/** Order of a shape or permutation of the other layout, as a gather. */
const permuteVector: Lower = (c) => {
  const [from, to] = [c.attrs.string('src_format', 'NHWC'), c.attrs.string('dst_format', 'NCHW')];
  if (from === to) return [c.input(0)];
  const rank = from.length;
  const order = from.startsWith('NC') ? toLast(rank) : toFirst(rank);
  return [c.emit('GATHER', [c.input(0), c.i32(order)], { axis: 0, batchDims: 0 })];
};

/** Convolutions and rearrangements of images. */
export const convolutions: Readonly<Record<string, Lower>> = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dTranspose,
  Conv3D: conv3d,
  Conv3DBackpropInputV2: conv3dTranspose,
  DataFormatVecPermute: permuteVector,
  DepthToSpace: blocks('DEPTH_TO_SPACE'),
  DepthwiseConv2dNative: depthwise,
  FusedPadConv2D: fusedPadConv2d,
  FusedResizeAndPadConv2D: fusedResizeAndPadConv2d,
  SpaceToDepth: blocks('SPACE_TO_DEPTH'),
};
