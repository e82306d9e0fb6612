import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { Config } from '../config.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { projected } from './dense.js';
import { einsum } from './einsum.js';
import { dtypeNamed } from './elementwise.js';
import { images } from './images.js';
import { concatenate } from './merge.js';
import { axesOf, axisOf, listedOperands, numbersOf, operandAt, twoOperands } from './operands.js';
import { pools } from './pooling.js';

/** A list of sizes, some of which may be computed when the model runs; undefined where there is none. */
function sizesOf(c: LayerCall, operand: Operand | undefined): Value | number[] | undefined {
  if (!operand) return undefined;
  if ('tensor' in operand) return c.cast(operand.tensor, 'i32');
  if ('value' in operand) return numbersOf(operand.value);
  const each = operand.list.map((o) => ('tensor' in o ? c.cast(o.tensor, 'i32') : 'value' in o ? numbersOf(o.value)?.[0] : undefined)); // biome-ignore format: long
  if (each.every((n) => typeof n === 'number')) return each;
  const scalars = each.map((n) => (typeof n === 'number' ? c.i32(n) : n));
  return c.emit('PACK', scalars, { valuesCount: scalars.length, axis: 0 });
}

/** The sizes of a tensor that a function makes of nothing: its first argument. */
export function shapeOfResult(c: LayerCall): Value {
  const sizes = sizesOf(c, c.facts.args[0] ?? c.facts.kwargs.shape ?? c.facts.kwargs.dims);
  if (!sizes) throw new ModelError('malformed-file', 'shape: numbers expected');
  return Array.isArray(sizes) ? c.i32(sizes) : sizes;
}

const reshape: Lower = (c) => {
  const keys = ['newshape', 'target_shape', 'shape'];
  const configured = keys.map((key) => numbersOf(c.config.get(key))).find((v) => v);
  const target = sizesOf(c, c.facts.args[1] ?? keys.map((key) => c.facts.kwargs[key]).find((v) => v)) ?? configured;
  if (!target) throw new ModelError('unsupported', 'reshapes to sizes that are computed when the model runs.');
  return Array.isArray(target) ? c.reshape(c.input(), target) : c.emit('RESHAPE', [c.input(), target]);
};

const transpose: Lower = (c) => {
  const x = c.input();
  const rank = c.shapeOf(x).length;
  const reversed = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return c.transpose(x, axesOf(c, 1, 'perm', rank) ?? axesOf(c, 1, 'axes', rank) ?? reversed);
};

/** Axes `from` at the places `to`, the others in order around them. */
function moved(c: LayerCall, x: Value, from: readonly number[], to: readonly number[]): Value {
  const order = [...Array(c.shapeOf(x).length).keys()].filter((axis) => !from.includes(axis));
  const pairs = to.map((place, i) => [place, from[i] ?? 0] as const).sort(([a], [b]) => a - b);
  for (const [place, axis] of pairs) order.splice(place, 0, axis);
  return c.transpose(x, order);
}

const swapAxes: Lower = (c) => {
  const [a, b] = [axisOf(c, 1, 'axis1', 0), axisOf(c, 2, 'axis2', 0)];
  const order = [...Array(c.shapeOf(c.input()).length).keys()];
  [order[a], order[b]] = [b, a];
  return c.transpose(c.input(), order);
};

const squeeze: Lower = (c) => {
  const shape = c.shapeOf(c.input());
  const all = shape.flatMap((d, i) => (d === 1 ? [i] : []));
  return c.emit('SQUEEZE', [c.input()], { squeezeDims: axesOf(c, 1, 'axis', shape.length) ?? all });
};

const expandDims: Lower = (c) => {
  const axes = numbersOf(c.plain(1, 'axis')) ?? [-1];
  const rank = c.shapeOf(c.input()).length + axes.length;
  const places = axes.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b);
  return places.reduce((x, place) => c.emit('EXPAND_DIMS', [x, c.i32(place)]), c.input());
};

const stack: Lower = (c) => {
  const axis = axisOf(c, 1, 'axis', 0, 1);
  const values = listedOperands(c);
  return c.emit('PACK', values, { valuesCount: values.length, axis });
};

/** In parts of one size, or at the given places, or in parts of given sizes. */
const split: Lower = (c) => {
  const sizes = numbersOf(c.plain(1, 'num_or_size_splits'));
  const places = numbersOf(c.plain(1, 'indices_or_sections'));
  const axis = axisOf(c, 2, 'axis', 0);
  const [count = 1] = sizes ?? places ?? [];
  const isEven = !Array.isArray(c.plain(1, 'num_or_size_splits') ?? c.plain(1, 'indices_or_sections'));
  if (isEven) return c.emitAll('SPLIT', [c.i32(axis), c.input()], { numSplits: count });
  const total = c.shapeOf(c.input())[axis] ?? -1;
  const ends = [...(places ?? []), total];
  const each = sizes ?? ends.map((end, i) => end - (ends[i - 1] ?? 0));
  return c.emitAll('SPLIT_V', [c.input(), c.i32(each), c.i32(axis)], { numSplits: each.length });
};

const unstack: Lower = (c) => {
  const axis = axisOf(c, 2, 'axis', 0);
  const num = c.shapeOf(c.input())[axis] ?? -1;
  if (num < 0)
    throw new ModelError('unsupported', 'takes apart an axis of unknown size. Give the inputs fixed shapes.');
  return c.emitAll('UNPACK', [c.input()], { num, axis });
};

const tile: Lower = (c) => {
  const rank = c.shapeOf(c.input()).length;
  const given = ['repeats', 'multiples'].map((key) => c.facts.kwargs[key]).find((v) => v);
  const times = sizesOf(c, c.facts.args[1] ?? given) ?? numbersOf(c.config.get('repeats'));
  if (!times) throw new ModelError('malformed-file', 'repeats: numbers expected');
  if (!Array.isArray(times)) return c.emit('TILE', [c.input(), times]);
  const all = times.length === 1 && rank > 1 ? [...Array<number>(rank - 1).fill(1), ...times] : times;
  return c.emit('TILE', [c.input(), c.i32(all)]);
};

/** Every cell so many times, along an axis. */
const repeat: Lower = (c) => {
  const [times = 1] = numbersOf(c.plain(1, 'repeats')) ?? [];
  const axis = axisOf(c, 2, 'axis', 0);
  const size = c.shapeOf(c.input())[axis] ?? -1;
  if (size < 0 || Array.isArray(c.plain(1, 'repeats')) || c.plain(2, 'axis') === undefined)
    throw new ModelError('unsupported', 'repeats cells along an axis of unknown size, or by several numbers.');
  const rows = Array.from({ length: size * times }, (_, i) => Math.floor(i / times));
  return c.emit('GATHER', [c.input(), c.i32(rows)], { axis, batchDims: 0 });
};

/** Each axis by its shift; one shift is for all of them. */
const roll: Lower = (c) => {
  const shape = c.shapeOf(c.input());
  const shifts = numbersOf(c.plain(1, 'shift')) ?? [0];
  const axes = axesOf(c, 2, 'axis', shape.length);
  if (!axes) throw new ModelError('unsupported', 'rolls all axes as one. Name the axis.');
  return axes.reduce((x, axis, i) => {
    const size = shape[axis] ?? -1;
    const shift = shifts[i] ?? shifts[0] ?? 0;
    if (size < 0) throw new ModelError('unsupported', 'rolls an axis of unknown size. Give the inputs fixed shapes.');
    const places = Array.from({ length: size }, (_, at) => (((at - shift) % size) + size) % size);
    return c.emit('GATHER', [x, c.i32(places)], { axis, batchDims: 0 });
  }, c.input());
};

const flip: Lower = (c) => {
  const rank = c.shapeOf(c.input()).length;
  return c.emit('REVERSE_V2', [c.input(), c.i32(axesOf(c, 1, 'axis', rank) ?? [...Array(rank).keys()])]);
};

const pad: Lower = (c) => {
  const given = c.plain(1, 'pad_width') ?? c.plain(1, 'paddings');
  const rank = c.shapeOf(c.input()).length;
  const pairs = (Array.isArray(given) ? given : [given]).flat(2) as number[];
  const all = pairs.length === 1 ? Array<number>(2 * rank).fill(pairs[0] ?? 0) : pairs.length === 2 ? Array.from({ length: 2 * rank }, (_, i) => pairs[i % 2] ?? 0) : pairs; // biome-ignore format: long
  const widths = c.i32(all, [rank, 2]);
  const mode = String(c.plain(2, 'mode') ?? 'constant').toLowerCase();
  if (mode === 'reflect' || mode === 'symmetric')
    return c.emit('MIRROR_PAD', [c.input(), widths], { mode: mode.toUpperCase() });
  if (mode !== 'constant') throw new ModelError('unsupported', `pads by '${mode}'.`);
  const [value = 0] = numbersOf(c.plain(3, 'constant_values')) ?? [];
  if (value === 0) return c.emit('PAD', [c.input(), widths]);
  return c.emit('PADV2', [c.input(), widths, c.make(c.input().dtype, value)]);
};

const broadcastTo: Lower = (c) => {
  const sizes = sizesOf(c, c.facts.args[1] ?? c.facts.kwargs.shape) ?? numbersOf(c.config.get('shape'));
  if (!sizes) throw new ModelError('malformed-file', 'shape: numbers expected');
  return c.emit('BROADCAST_TO', [c.input(), Array.isArray(sizes) ? c.i32(sizes) : sizes]);
};

/** Rows by index, which are counted from the end where they are negative constants. */
const take: Lower = (c) => {
  const x = operandAt(c, 0, 'params') ?? c.input();
  const indices = operandAt(c, 1, 'indices', 'i32') ?? c.input(1);
  const isWhole = c.facts.isOperation && c.plain(2, 'axis') === undefined;
  const [batchDims = 0] = numbersOf(c.plain(99, 'batch_dims')) ?? [];
  const given = isWhole ? 0 : (numbersOf(c.plain(2, 'axis'))?.[0] ?? batchDims);
  const axis = given < 0 ? given + c.shapeOf(x).length : given;
  const source = isWhole ? c.reshape(x, [-1]) : x;
  const size = c.shapeOf(source)[axis] ?? -1;
  const places = indices.constant?.numbers().map((n) => (Number(n) < 0 && size >= 0 ? Number(n) + size : Number(n)));
  return c.emit('GATHER', [source, places ? c.i32([...places], c.shapeOf(indices)) : indices], { axis, batchDims });
};

const oneHot: Lower = (c) => {
  const [depth = 1] = numbersOf(c.plain(1, 'num_classes')) ?? numbersOf(c.plain(1, 'depth')) ?? [];
  const dtype = c.plain(99, 'dtype') === undefined ? 'f32' : dtypeNamed(c.plain(99, 'dtype'));
  const values = [1, 0].map((n) => c.make(dtype, n));
  return c.emit('ONE_HOT', [c.cast(c.input(), 'i32'), c.i32(depth), ...values], { axis: Number(c.plain(99, 'axis') ?? -1) }); // biome-ignore format: long
};

const filled =
  (value: number): Lower =>
  (c) => {
    const x = c.input();
    const dtype = c.plain(1, 'dtype') === undefined ? x.dtype : dtypeNamed(c.plain(1, 'dtype'));
    return c.emit('FILL', [c.emit('SHAPE', [x], { outType: 'INT32' }), c.make(dtype, value)]);
  };

/** Zeros and ones of a tensor of bools, as the masks of Keras 3 have them beside tensors of numbers. */
const zerosLike: Lower = (c) => filled(0)(c);

const matmul: Lower = (c) => {
  const [a, b] = twoOperands(c);
  const flag = (...keys: string[]): boolean => keys.some((key) => c.plain(99, key) === true);
  const options = { adjX: flag('transpose_a', 'adjoint_a'), adjY: flag('transpose_b', 'adjoint_b') };
  if (b.constant && c.shapeOf(b).length === 2 && !options.adjX && !options.adjY)
    return projected(c, a, b, undefined, 1);
  if (c.shapeOf(a).length > 1 && c.shapeOf(b).length > 1) return c.emit('BATCH_MATMUL', [a, b], options);
  throw new ModelError('unsupported', 'multiplies a matrix and a vector.');
};

const topK: Lower = (c) => c.emitAll('TOPK_V2', [c.float(c.input()), c.i32(numbersOf(c.plain(1, 'k'))?.[0] ?? 1)]);

const cumsum: Lower = (c) => {
  const options = { exclusive: c.plain(99, 'exclusive') === true, reverse: c.plain(99, 'reverse') === true };
  return c.emit('CUMSUM', [c.input(), c.i32(axisOf(c, 1, 'axis', 0))], options);
};

const cut: Lower = (c) => {
  const [begin, size] = [sizesOf(c, c.facts.args[1] ?? c.facts.kwargs.begin), numbersOf(c.plain(2, 'shape')) ?? numbersOf(c.plain(2, 'size'))]; // biome-ignore format: long
  if (!begin || !size) throw new ModelError('unsupported', 'cuts by sizes that are computed when the model runs.');
  return c.emit('SLICE', [c.input(), Array.isArray(begin) ? c.i32(begin) : begin, c.i32(size)]);
};

/** What a layer of that class does; the function's arguments are its configuration. */
const asLayer =
  (lower: Lower | undefined, config: (c: LayerCall) => Record<string, unknown>): Lower =>
  (c) =>
    lower?.(c.part({ config: new Config({ ...c.config.object, ...(config(c) as object) }), args: c.facts.args.slice(0, 1), kwargs: {} })) ?? []; // biome-ignore format: long

const resize: Lower = asLayer(images.Resizing, (c) => {
  const [height, width] = numbersOf(c.plain(1, 'size')) ?? [];
  const interpolation = c.plain(2, 'interpolation') ?? c.plain(2, 'method') ?? 'bilinear';
  if (c.plain(99, 'preserve_aspect_ratio') === true)
    throw new ModelError('unsupported', 'keeps proportions. Give the size that follows from them.');
  const antialias = c.plain(99, 'antialias') === true;
  return { height: height ?? null, width: width ?? null, interpolation, antialias };
});

const pooled =
  (kind: 'Average' | 'Max'): Lower =>
  (c) => {
    const axes = c.shapeOf(c.input()).length - 2;
    return asLayer(pools[`${kind}Pooling${axes}D`], () => ({}))(c);
  };

/** Functions of `keras.ops` that move elements, by class. */
export const rearrangements: Readonly<Record<string, Lower>> = {
  AveragePool: pooled('Average'),
  BroadcastTo: broadcastTo,
  Concatenate: concatenate,
  Cumsum: cumsum,
  DepthToSpace: (c) =>
    c.emit('DEPTH_TO_SPACE', [c.input()], { blockSize: numbersOf(c.plain(1, 'block_size'))?.[0] ?? 2 }),
  Dot: matmul,
  Einsum: einsum,
  ExpandDims: expandDims,
  Flip: flip,
  FullLike: (c) => filled(numbersOf(c.plain(1, 'fill_value'))?.[0] ?? 0)(c.part({ args: c.facts.args.slice(0, 1) })),
  Matmul: matmul,
  MaxPool: pooled('Max'),
  Moveaxis: (c) => {
    const rank = c.shapeOf(c.input()).length;
    return moved(c, c.input(), axesOf(c, 1, 'source', rank) ?? [], axesOf(c, 2, 'destination', rank) ?? []);
  },
  OneHot: oneHot,
  OnesLike: filled(1),
  Pad: pad,
  Ravel: (c) => c.reshape(c.input(), [-1]),
  Repeat: repeat,
  Reshape: reshape,
  Resize: resize,
  Roll: roll,
  Slice: cut,
  SpaceToDepth: (c) =>
    c.emit('SPACE_TO_DEPTH', [c.input()], { blockSize: numbersOf(c.plain(1, 'block_size'))?.[0] ?? 2 }),
  Split: split,
  Squeeze: squeeze,
  Stack: stack,
  Swapaxes: swapAxes,
  Take: take,
  Tile: tile,
  TopK: topK,
  Transpose: transpose,
  Unstack: unstack,
  ZerosLike: zerosLike,
};
