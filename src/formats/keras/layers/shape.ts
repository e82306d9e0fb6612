import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Config } from '../config.js';
import type { LayerCall, Lower } from './context.js';
import { enlarge } from './images.js';
import { toLast } from './layout.js';

const flatten: Lower = (c) => {
  const x = c.input();
  const shape = c.knownShape(x);
  const isFirst = c.config.dataFormat === 'channels_first' && shape.length > 2;
  const ordered = isFirst ? c.transpose(x, toLast(shape.length)) : x;
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  return c.reshape(ordered, [shape[0] ?? -1, size]);
};

const reshape: Lower = (c) => {
  const x = c.input();
  const given = c.config.get('target_shape');
  // TensorFlow.js writes null for a size that follows from the others.
  const target = (Array.isArray(given) ? given : [given]).map((d) => (typeof d === 'number' ? d : -1));
  const [n = -1, ...rest] = c.shapeOf(x);
  const total = rest.every((d) => d >= 0) ? rest.reduce((a, b) => a * b, 1) : -1;
  const known = target.filter((d) => d >= 0).reduce((a, b) => a * b, 1);
  const sizes = target.map((d) => (d < 0 && total >= 0 && known > 0 ? total / known : d));
  if (sizes.some((d) => !Number.isInteger(d)) || (total >= 0 && sizes.reduce((a, b) => a * b, 1) !== total))
    throw new ModelError('malformed-file', `target_shape [${target}] does not hold [${rest}]`);
  return c.reshape(x, [n, ...sizes]);
};

const permute: Lower = (c) => {
  const dims = c.config.numbers('dims') ?? [];
  const rank = c.shapeOf(c.input()).length;
  if (dims.length !== rank - 1 || [...dims].sort((a, b) => a - b).some((d, i) => d !== i + 1))
    throw new ModelError('malformed-file', `dims: an order of ${rank - 1} axes expected, got [${dims}]`);
  return c.transpose(c.input(), [0, ...dims]);
};

/** `[N, C]` becomes `[N, n, C]`. */
const repeatVector: Lower = (c) => {
  const row = c.emit('EXPAND_DIMS', [c.input(), c.i32(1)]);
  return c.emit('TILE', [row, c.i32([1, c.config.integer('n', undefined, 1), 1])]);
};

/** Pairs of cells before and behind each of `axes` axes: `n`, `[h, w]` or `[[top, bottom], [left, right]]`. */
export function pairsOf(config: Config, key: string, axes: number, fallback: number): [number, number][] {
  const value = config.get(key) ?? fallback;
  const isNested = Array.isArray(value) && value.some((v) => Array.isArray(v));
  const list = config.numbers(key) ?? [fallback];
  const pairs =
    list.length === 1
      ? new Array<number>(2 * axes).fill(list[0] ?? 0)
      : list.length === axes && !isNested && axes > 1
        ? list.flatMap((n) => [n, n])
        : list;
  if (pairs.length !== 2 * axes || pairs.some((n) => !Number.isSafeInteger(n) || n < 0))
    throw new ModelError('malformed-file', `${key}: cells before and behind ${axes} axes expected, got [${list}]`);
  return Array.from({ length: axes }, (_, i) => [pairs[2 * i] ?? 0, pairs[2 * i + 1] ?? 0]);
}

/** Pairs of the spatial axes, with zeros for batch and channels. */
function withOthers(c: LayerCall, pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const none = [0, 0] as const;
  return c.config.dataFormat === 'channels_first' ? [none, none, ...pairs] : [none, ...pairs, none];
}

const zeroPadding =
  (axes: number): Lower =>
  (c) => {
    const all = withOthers(c, pairsOf(c.config, 'padding', axes, 1));
    return c.emit('PAD', [c.input(), c.i32(all.flat(), [all.length, 2])]);
  };

/** Without so many cells before and behind, along axes of any size. */
function cutOff(c: LayerCall, x: Value, pairs: readonly (readonly [number, number])[]): Value {
  const [begin, end] = [pairs.map(([before]) => before), pairs.map(([, behind]) => -behind)];
  const endMask = end.reduce((mask, n, i) => (n === 0 ? mask | (1 << i) : mask), 0);
  const inputs = [x, c.i32(begin), c.i32(end), c.i32(pairs.map(() => 1))];
  return c.emit('STRIDED_SLICE', inputs, { beginMask: 0, endMask, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 });
}

const cropping =
  (axes: number): Lower =>
  (c) => {
    const x = c.input();
    const all = withOthers(c, pairsOf(c.config, 'cropping', axes, axes === 1 ? 1 : 0));
    const shape = c.shapeOf(x);
    if (shape.some((d, i) => i > 0 && d < 0)) return cutOff(c, x, all);
    const sizes = shape.map((d, i) => (i === 0 ? -1 : d - (all[i]?.[0] ?? 0) - (all[i]?.[1] ?? 0)));
    if (sizes.some((d, i) => i > 0 && d < 0)) throw new ModelError('malformed-file', `cropping leaves [${sizes}]`);
    return c.emit('SLICE', [x, c.i32(all.map(([before]) => before)), c.i32(sizes)]);
  };

/** Every cell `size` times, along an axis. */
function repeat(c: LayerCall, x: Value, axis: number, times: number): Value {
  if (times === 1) return x;
  const shape = c.knownShape(x);
  const apart = c.emit('EXPAND_DIMS', [x, c.i32(axis + 1)]);
  const multiples = new Array<number>(shape.length + 1).fill(1);
  multiples[axis + 1] = times;
  const sizes = shape.map((d, i) => (i === axis ? d * times : d));
  return c.reshape(c.emit('TILE', [apart, c.i32(multiples)]), sizes);
}

/** `[N, T, C]`; where T is unknown, as images of width 1. */
const upsampling1d: Lower = (c) => {
  const x = c.input();
  const times = c.config.sizes('size', 1, 2)[0] ?? 1;
  if ((c.shapeOf(x)[1] ?? -1) >= 0) return repeat(c, x, 1, times);
  const image = c.emit('EXPAND_DIMS', [c.float(x), c.i32(2)]);
  return c.emit('SQUEEZE', [enlarge(c, image, [times, 1], 'nearest')], { squeezeDims: [2] });
};

const upsampling3d: Lower = (c) => {
  const first = c.config.dataFormat === 'channels_first' ? 2 : 1;
  return c.config.sizes('size', 3, 2).reduce((x, times, i) => repeat(c, x, first + i, times), c.input());
};

/** Layers that move elements. */
export const shapes: Readonly<Record<string, Lower>> = {
  Cropping1D: cropping(1),
  Cropping2D: cropping(2),
  Cropping3D: cropping(3),
  Flatten: flatten,
  Permute: permute,
  RepeatVector: repeatVector,
  Reshape: reshape,
  UpSampling1D: upsampling1d,
  UpSampling3D: upsampling3d,
  ZeroPadding1D: zeroPadding(1),
  ZeroPadding2D: zeroPadding(2),
  ZeroPadding3D: zeroPadding(3),
};
