import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import { activated } from './activations.js';
import type { LayerCall, Lower } from './context.js';
import { channelsLast } from './layout.js';

/** How a window slides over the spatial axes. */
export interface Window {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'SAME' | 'VALID';
  /** Only what came before a step counts: the cells before the first one are zeros. */
  readonly isCausal: boolean;
}

export function paddingOf(c: LayerCall): 'SAME' | 'VALID' {
  return c.config.string('padding', 'valid').toLowerCase() === 'same' ? 'SAME' : 'VALID';
}

/** The window of a layer over so many axes, as its configuration says. */
export function windowOf(c: LayerCall, axes: number): Window {
  return {
    strides: c.config.sizes('strides', axes, 1),
    dilations: c.config.sizes('dilation_rate', axes, 1),
    padding: paddingOf(c),
    isCausal: c.config.string('padding', 'valid').toLowerCase() === 'causal',
  };
}

/** A window that stops at every cell, and keeps the size. */
export function plainWindow(axes: number): Window {
  const ones = new Array<number>(axes).fill(1);
  return { strides: ones, dilations: ones, padding: 'SAME', isCausal: false };
}

const options2d = ({ strides, dilations, padding }: Window) => ({
  padding,
  strideH: strides[0] ?? 1,
  strideW: strides[1] ?? 1,
  dilationHFactor: dilations[0] ?? 1,
  dilationWFactor: dilations[1] ?? 1,
});

/** The bias of a layer, weight `index`, where it has one. */
const biasOf = (c: LayerCall, index: number): Value | undefined =>
  c.config.bool('use_bias', true) ? c.weight(index, 'bias') : undefined;

const zeros = (c: LayerCall, size: number): Value =>
  Value.constant(c.unique('bias'), Constant.of('f32', [size], new Float32Array(size)));

/** Weight `index`, filters of so many axes. @throws {ModelError} `malformed-file` when it has others. */
export function filterOf(c: LayerCall, index: number, what: string, rank: number): Value {
  const filter = c.weight(index, what);
  if (filter.shape?.length === rank) return filter;
  throw new ModelError('malformed-file', `${what} expects ${rank} axes, has [${filter.shape}]`);
}

/**
 * One axis more in front of the spatial one: `[N, T, C]` as images `[N, 1, T, C]`; a window over T becomes one over
 * `1 × T`.
 */
const asImage = (window: Window): Window => ({
  ...window,
  strides: [window.strides[0] ?? 1, ...window.strides],
  dilations: [1, ...window.dilations],
});

/** Zeros before the first step of a causal convolution. */
function padCausally(c: LayerCall, x: Value, { isCausal, dilations }: Window, kernelW: number): Value {
  if (!isCausal) return x;
  const before = (dilations.at(-1) ?? 1) * (kernelW - 1);
  return c.emit('PAD', [x, c.i32([0, 0, 0, 0, before, 0, 0, 0], [4, 2])]);
}

/** Work on images where the layer works on sequences: an axis of size 1 comes and goes. */
function around1d(c: LayerCall, x: Value, work: (image: Value) => Value): Value {
  const image = c.emit('EXPAND_DIMS', [x, c.i32(1)]);
  return c.emit('SQUEEZE', [work(image)], { squeezeDims: [1] });
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

/**
 * `x` `[N, .., I]`, of so many spatial axes and channels at the end, convolved with filters `[K.., I, O]`. Those of one
 * and two axes are kept as `[O, H, W, I]`.
 */
export function convolve(
  c: LayerCall,
  axes: 1 | 2 | 3,
  x: Value,
  kernel: Value,
  bias: Value | undefined,
  window: Window,
): Value {
  const shape = kernel.shape ?? [];
  const someBias = bias ?? zeros(c, shape.at(-1) ?? 0);
  if (axes === 3) return c.emit('CONV_3D', [x, kernel, someBias], options3d(window));
  const filter = c.transpose(axes === 1 ? c.reshapeWeights(kernel, [1, ...shape]) : kernel, [3, 0, 1, 2]);
  const how = axes === 1 ? asImage(window) : window;
  const padded = (image: Value) => padCausally(c, image, how, shape.at(-3) ?? 1);
  const work = (image: Value) => c.emit('CONV_2D', [padded(image), filter, someBias], options2d(how));
  return axes === 1 ? around1d(c, x, work) : work(x);
}

const conv =
  (axes: 1 | 2 | 3): Lower =>
  (c) => {
    if (axes === 3 && c.config.integer('groups', 1) !== 1)
      throw new ModelError('unsupported', 'is a 3-D convolution in groups.');
    const kernel = filterOf(c, 0, 'kernel', axes + 2);
    const [bias, window] = [biasOf(c, 1), windowOf(c, axes)];
    return channelsLast(c, c.float(c.input()), (x) => {
      checkChannels(x, (kernel.shape?.at(-2) ?? -1) * c.config.integer('groups', 1));
      return activated(c, convolve(c, axes, x, kernel, bias, window));
    });
  };

/** Other channels would be read as groups. @throws {ModelError} `invalid-graph`. */
function checkChannels(x: Value, wanted: number): void {
  const channels = x.shape?.at(-1) ?? -1;
  if (channels >= 0 && channels !== wanted)
    throw new ModelError('invalid-graph', `takes ${wanted} channels, its input has ${channels}.`);
}

/** Depthwise filters `[K.., C, M]`, kept as `[1, H, W, C M]`; gives the convolved images and the number of channels. */
function depthwiseImages(c: LayerCall, axes: 1 | 2, x: Value, bias: (channels: number) => Value): Value {
  const kernel = filterOf(c, 0, 'depthwise_kernel', axes + 2);
  const shape = kernel.shape ?? [];
  const [h = 1, w = 1, channels = 1, multiplier = 1] = axes === 1 ? [1, ...shape] : shape;
  const plain = windowOf(c, axes);
  const window = axes === 1 ? asImage(plain) : plain;
  const filter = c.reshapeWeights(kernel, [1, h, w, channels * multiplier]);
  const options = { ...options2d(window), depthMultiplier: multiplier };
  return c.emit('DEPTHWISE_CONV_2D', [padCausally(c, x, window, w), filter, bias(channels * multiplier)], options);
}

const depthwise =
  (axes: 1 | 2): Lower =>
  (c) => {
    const work = (x: Value) => depthwiseImages(c, axes, x, (size) => biasOf(c, 1) ?? zeros(c, size));
    return channelsLast(c, c.float(c.input()), (x) => activated(c, axes === 1 ? around1d(c, x, work) : work(x)));
  };

const separable =
  (axes: 1 | 2): Lower =>
  (c) => {
    const pointwise = filterOf(c, 1, 'pointwise_kernel', axes + 2);
    const [outputs = 1, inputs = 1] = [pointwise.shape?.at(-1), pointwise.shape?.at(-2)];
    const filter = c.transpose(c.reshapeWeights(pointwise, [1, 1, inputs, outputs]), [3, 0, 1, 2]);
    const bias = biasOf(c, 2) ?? zeros(c, outputs);
    const options = options2d({ ...plainWindow(2), padding: 'VALID' });
    const work = (x: Value) =>
      c.emit('CONV_2D', [depthwiseImages(c, axes, x, (size) => zeros(c, size)), filter, bias], options);
    return channelsLast(c, c.float(c.input()), (x) => activated(c, axes === 1 ? around1d(c, x, work) : work(x)));
  };

/**
 * The size of a transposed convolution along an axis, from Keras's rule: n steps of `stride`, a window of k cells, and
 * `extra`, the size beyond the least one, where the model gives it.
 */
export function transposedSize(n: number, k: number, stride: number, isSame: boolean, extra?: number): number {
  if (!isSame) return (n - 1) * stride + k + (extra ?? Math.max(k, stride) - k);
  return extra === undefined ? n * stride : (n - 1) * stride + (k % 2) + extra;
}

/** Filters `[K.., O, I]`, kept as `[O, H, W, I]`. */
const convTranspose =
  (axes: 1 | 2): Lower =>
  (c) => {
    const kernel = filterOf(c, 0, 'kernel', axes + 2);
    const shape = kernel.shape ?? [];
    const [h = 1, w = 1, o = 1, i = 1] = axes === 1 ? [1, ...shape] : shape;
    const plain = windowOf(c, axes);
    if (plain.dilations.some((d) => d !== 1))
      throw new ModelError('unsupported', 'is a dilated transposed convolution.');
    const filter4 = axes === 1 ? c.reshapeWeights(kernel, [h, w, o, i]) : kernel;
    const filter = c.transpose(filter4, [2, 0, 1, 3]);
    const extra = c.config.numbers('output_padding');
    const strides = axes === 1 ? [1, plain.strides[0] ?? 1] : plain.strides;
    const extras = axes === 1 ? [undefined, extra?.[0]] : [extra?.[0], extra?.[1] ?? extra?.[0]];
    const bias = biasOf(c, 1);
    const work = (x: Value) => transposedImages(c, x, { filter, kernel: [h, w], strides, extras, isSame: plain.padding === 'SAME' }); // biome-ignore format: long
    return channelsLast(c, c.float(c.input()), (x) => {
      const y = axes === 1 ? around1d(c, x, work) : work(x);
      return activated(c, bias ? c.emit('ADD', [y, bias]) : y);
    });
  };

/** Filters `[K.., O, I]`, as they are. */
const convTranspose3d: Lower = (c) => {
  const filter = filterOf(c, 0, 'kernel', 5);
  const window = windowOf(c, 3);
  if (window.dilations.some((d) => d !== 1))
    throw new ModelError('unsupported', 'is a dilated transposed convolution.');
  const extra = c.config.numbers('output_padding');
  const [outputs = 0] = filter.shape?.slice(3) ?? [];
  const bias = biasOf(c, 1);
  return channelsLast(c, c.float(c.input()), (x) => {
    const [n = -1, ...spatial] = c.knownShape(x).slice(0, 4);
    const sizes = spatial.map((size, i) =>
      transposedSize(
        size,
        filter.shape?.[i] ?? 1,
        window.strides[i] ?? 1,
        window.padding === 'SAME',
        extra?.[i] ?? extra?.[0],
      ),
    );
    const batch = n >= 0 ? c.i32(n) : c.sizeAt(c.emit('SHAPE', [x], { outType: 'INT32' }), 0);
    const size = c.emit('PACK', [batch, ...[...sizes, outputs].map((d) => c.i32(d))], { valuesCount: 5, axis: 0 });
    const y = c.emit('CONV_3D_TRANSPOSE', [size, filter, x, undefined], options3d(window));
    return activated(c, bias ? c.emit('ADD', [y, bias]) : y);
  });
};

interface TransposedWindow {
  readonly filter: Value;
  readonly kernel: readonly [number, number];
  readonly strides: readonly number[];
  readonly extras: readonly (number | undefined)[];
  readonly isSame: boolean;
}

function transposedImages(c: LayerCall, x: Value, w: TransposedWindow): Value {
  const [n = -1, ...spatial] = c.shapeOf(x).slice(0, 3);
  const [strideH = 1, strideW = 1] = w.strides;
  const sizeFrom = (size: number, i: 0 | 1): number => transposedSize(size, w.kernel[i], w.strides[i] ?? 1, w.isSame, w.extras[i]); // biome-ignore format: long
  const outputs = w.filter.shape?.[0] ?? 0;
  const shape = c.emit('SHAPE', [x], { outType: 'INT32' });
  // Every size grows by the stride with each cell.
  const computed = (i: 0 | 1): Value => {
    const scaled = c.emit('MUL', [c.sizeAt(shape, i + 1), c.i32(w.strides[i] ?? 1)]);
    return c.emit('ADD', [scaled, c.i32(sizeFrom(0, i))]);
  };
  const along = (i: 0 | 1): Value => ((spatial[i] ?? -1) >= 0 ? c.i32(sizeFrom(spatial[i] ?? 0, i)) : computed(i));
  const sizes = [n >= 0 ? c.i32(n) : c.sizeAt(shape, 0), along(0), along(1), c.i32(outputs)];
  const padding = w.isSame ? 'SAME' : 'VALID';
  const size = c.emit('PACK', sizes, { valuesCount: 4, axis: 0 });
  return c.emit('TRANSPOSE_CONV', [size, w.filter, x], { padding, strideH, strideW });
}

/** Convolutions. */
export const convolutions: Readonly<Record<string, Lower>> = {
  Conv1D: conv(1),
  Conv1DTranspose: convTranspose(1),
  Conv2D: conv(2),
  Conv2DTranspose: convTranspose(2),
  Conv3D: conv(3),
  Conv3DTranspose: convTranspose3d,
  Convolution1D: conv(1),
  Convolution2D: conv(2),
  DepthwiseConv1D: depthwise(1),
  DepthwiseConv2D: depthwise(2),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
};
