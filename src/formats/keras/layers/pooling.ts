import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { paddingOf } from './convolution.js';
import { channelsLast } from './layout.js';

type Kind = 'AVERAGE_POOL_2D' | 'MAX_POOL_2D';

/** A pool over the axes 1 and 2 of `[N, H, W, C]`. */
function pool2d(c: LayerCall, op: Kind, x: Value, size: readonly number[], strides: readonly number[]): Value {
  const [filterHeight = 1, filterWidth = 1] = size;
  const [strideH = 1, strideW = 1] = strides;
  return c.emit(op, [x], { padding: paddingOf(c), strideH, strideW, filterHeight, filterWidth });
}

const pool =
  (op: Kind, axes: 1 | 2 | 3): Lower =>
  (c) => {
    const size = c.config.sizes('pool_size', axes, 2);
    const strides = c.config.get('strides') === undefined ? size : c.config.sizes('strides', axes);
    return channelsLast(c, c.float(c.input()), (x) => {
      if (axes === 2) return pool2d(c, op, x, size, strides);
      if (axes === 3) return pool3d(c, op, x, size, strides);
      const image = c.emit('EXPAND_DIMS', [x, c.i32(1)]);
      return c.emit('SQUEEZE', [pool2d(c, op, image, [1, ...size], [1, ...strides])], { squeezeDims: [1] });
    });
  };

/** A pool over three axes is one over the last two and then one over the first: `[N, D, H, W, C]`. */
function pool3d(c: LayerCall, op: Kind, x: Value, size: readonly number[], strides: readonly number[]): Value {
  const [n = -1, d = 1, h = 1, w = 1, channels = 1] = c.knownShape(x);
  const planes = c.reshape(x, [n < 0 ? -1 : n * d, h, w, channels]);
  const pooled = pool2d(c, op, planes, size.slice(1), strides.slice(1));
  const [, oh = 1, ow = 1] = pooled.shape ?? [];
  const flat = c.reshape(pooled, [n, d, oh * ow, channels]);
  const deep = pool2d(c, op, flat, [size[0] ?? 1, 1], [strides[0] ?? 1, 1]);
  return c.reshape(deep, [n, deep.shape?.[1] ?? -1, oh, ow, channels]);
}

const globalPool =
  (op: 'MEAN' | 'REDUCE_MAX'): Lower =>
  (c) => {
    const x = c.float(c.input());
    const rank = c.shapeOf(x).length;
    const isFirst = c.config.dataFormat === 'channels_first';
    const axes = Array.from({ length: rank - 2 }, (_, i) => i + (isFirst ? 2 : 1));
    const keepDims = c.config.bool('keepdims', false);
    const mask = c.mask;
    if (op === 'MEAN' && mask && rank === 3) return maskedMean(c, x, mask, keepDims);
    return c.emit(op, [x, c.i32(axes)], { keepDims });
  };

/** The mean of the steps that count: `[N, T, C]` and `[N, T]`. */
function maskedMean(c: LayerCall, x: Value, mask: Value, keepDims: boolean): Value {
  const counts = c.emit('EXPAND_DIMS', [c.cast(mask, 'f32'), c.i32(-1)]);
  const sum = c.emit('SUM', [c.emit('MUL', [x, counts]), c.i32([1])], { keepDims });
  return c.emit('DIV', [sum, c.emit('SUM', [counts, c.i32([1])], { keepDims })]);
}

/** Pooling. */
export const pools: Readonly<Record<string, Lower>> = {
  AveragePooling1D: pool('AVERAGE_POOL_2D', 1),
  AveragePooling2D: pool('AVERAGE_POOL_2D', 2),
  AveragePooling3D: pool('AVERAGE_POOL_2D', 3),
  GlobalAveragePooling1D: globalPool('MEAN'),
  GlobalAveragePooling2D: globalPool('MEAN'),
  GlobalAveragePooling3D: globalPool('MEAN'),
  GlobalMaxPooling1D: globalPool('REDUCE_MAX'),
  GlobalMaxPooling2D: globalPool('REDUCE_MAX'),
  GlobalMaxPooling3D: globalPool('REDUCE_MAX'),
  MaxPooling1D: pool('MAX_POOL_2D', 1),
  MaxPooling2D: pool('MAX_POOL_2D', 2),
  MaxPooling3D: pool('MAX_POOL_2D', 3),
};
