import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { isChannelsFirst, nchwAround, nonSpatial, spatial } from './layout.js';
import { reshape } from './shapes.js';

const LOWEST = -3.4028234663852886e38;

interface Pool {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: string;
}

function poolOf(c: Lowering, ksize: readonly number[], strides: readonly number[]): Pool {
  if ([...nonSpatial(c, ksize), ...nonSpatial(c, strides)].some((n) => n !== 1))
    throw new ModelError('unsupported', 'pools over batch or channels.');
  return { size: spatial(c, ksize), strides: spatial(c, strides), padding: c.attrs.string('padding') };
}

/** `size` and `strides` are `[height, width]`. */
function pool2d(c: Lowering, op: string, x: Value, { size, strides, padding }: Pool): Value {
  const [filterHeight = 1, filterWidth = 1] = size;
  const [strideH = 1, strideW = 1] = strides;
  return c.emit(op, [x], { padding, strideW, strideH, filterWidth, filterHeight });
}

const pool =
  (op: string): Lower =>
  (c) => {
    const how = poolOf(c, c.attrs.ints('ksize'), c.attrs.ints('strides'));
    return nchwAround(c, c.input(0), (x) => [pool2d(c, op, ...padded(c, x, how))]);
  };

const maxPoolV2: Lower = (c) => {
  const how = poolOf(c, c.numbers(1, 'window'), c.numbers(2, 'stride'));
  return nchwAround(c, c.input(0), (x) => [pool2d(c, 'MAX_POOL_2D', x, how)]);
};

/** Explicit padding of a maximum: cells that never win. */
function padded(c: Lowering, x: Value, how: Pool): [Value, Pool] {
  if (how.padding !== 'EXPLICIT') return [x, how];
  const list = c.attrs.ints('explicit_paddings');
  const pairs = isChannelsFirst(c) ? [0, 0, ...list.slice(4), 0, 0] : list;
  return [c.emit('PADV2', [x, c.i32(pairs, [4, 2]), c.scalar(x, LOWEST)]), { ...how, padding: 'VALID' }];
}

/** A pool over three axes is a pool over the last two and then one over the first: `[N, D, H, W, C]`. */
const pool3d =
  (op: string): Lower =>
  (c) => {
    const how = poolOf(c, c.attrs.ints('ksize'), c.attrs.ints('strides'));
    return nchwAround(c, c.input(0), (x) => [poolDepth(c, op, poolPlanes(c, op, x, how), how)]);
  };

/** Planes `[N * D, H, W, C]` of a volume, pooled and put back: `[N, D, H', W', C]`. */
function poolPlanes(c: Lowering, op: string, x: Value, how: Pool): Value {
  const [n, d, h, w, channels] = volume(c, x);
  const planes = reshape(c, x, [n < 0 ? -1 : n * d, h, w, channels]);
  const pooled = pool2d(c, op, planes, { ...how, size: how.size.slice(1), strides: how.strides.slice(1) });
  const [, oh = -1, ow = -1] = pooled.shape ?? [];
  return reshape(c, pooled, [n, d, oh, ow, channels]);
}

/** The depth axis of `[N, D, H, W, C]` as the height of images `[N, D, H * W, C]`. */
function poolDepth(c: Lowering, op: string, x: Value, how: Pool): Value {
  const [n, d, h, w, channels] = volume(c, x);
  const [size = 1] = how.size;
  const [stride = 1] = how.strides;
  const flat = reshape(c, x, [n, d, h * w, channels]);
  const pooled = pool2d(c, op, flat, { ...how, size: [size, 1], strides: [stride, 1] });
  return reshape(c, pooled, [n, pooled.shape?.[1] ?? -1, h, w, channels]);
}

function volume(c: Lowering, x: Value): [number, number, number, number, number] {
  const [n = -1, d = -1, h = -1, w = -1, channels = -1] = x.shape ?? [];
  if (d < 0 || h < 0 || w < 0 || channels < 0) c.staticShape(x, 'its input');
  return [n, d, h, w, channels];
}

/** Pooling. */
export const pools: Readonly<Record<string, Lower>> = {
  AvgPool: pool('AVERAGE_POOL_2D'),
  AvgPool3D: pool3d('AVERAGE_POOL_2D'),
  MaxPool: pool('MAX_POOL_2D'),
  MaxPool3D: pool3d('MAX_POOL_2D'),
  MaxPoolV2: maxPoolV2,
};
