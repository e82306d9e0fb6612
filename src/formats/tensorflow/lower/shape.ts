import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isFloat } from '../../../ir/tensor.js';
import { knownElements } from '../../../ops/build.js';
import { normalizeAxis } from '../../../ops/shapes.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import type { Lower, Lowering } from './context.js';
import { int32Input, knownNumbers, transpose } from './shapes.js';

const unknownCount = (shape: readonly number[] | undefined): number =>
  shape ? shape.filter((d) => d < 0).length : Number.POSITIVE_INFINITY;

/**
 * The shape becomes a constant where all sizes but one are known. The one that is not becomes -1, unless a size of 0 would
 * leave it open.
 */
const reshape: Lower = (c) => {
  const x = c.input(0);
  const sizes = knownElements(c.input(1));
  const target = sizes && knownTarget(sizes);
  if (!target) return [c.emit('RESHAPE', [x, int32Input(c, 1)])];
  const [wanted] = [c.emit('RESHAPE', [x, c.i32(target)])];
  if (!target.includes(-1) || wanted.constant || unknownCount(wanted.shape) > 0) return [wanted];
  return [c.emit('RESHAPE', [x, c.i32([...(wanted.shape ?? [])])])];
};

function knownTarget(sizes: readonly (number | undefined)[]): number[] | undefined {
  const open = sizes.filter((d) => d === undefined || d < 0).length;
  if (open > 1 || (open === 1 && sizes.includes(0))) return undefined;
  return sizes.map((d) => d ?? -1);
}

/** A reshape where one size at most is unknown, else the operator of its own. */
const squeeze: Lower = (c) => {
  const x = c.input(0);
  const { shape } = x;
  const given = c.attrs.ints('squeeze_dims', []);
  const dims = given.length > 0 || !shape ? given : shape.flatMap((d, i) => (d === 1 ? [i] : []));
  if (!shape) return [c.emit('SQUEEZE', [x], { squeezeDims: dims })];
  const dropped = new Set(dims.map((d) => normalizeAxis(d, shape.length)));
  const left = shape.filter((_, i) => !dropped.has(i));
  if (unknownCount(left) <= 1) return [c.emit('RESHAPE', [x, c.i32(left)])];
  return [c.emit('SQUEEZE', [x], { squeezeDims: [...dims] })];
};

const expandDims: Lower = (c) => {
  const x = c.input(0);
  const axis = int32Input(c, 1);
  const at = knownNumbers(axis)?.[0];
  if (!x.shape || at === undefined || unknownCount(x.shape) > 0) return [c.emit('EXPAND_DIMS', [x, axis])];
  const sizes = [...x.shape];
  sizes.splice(normalizeAxis(at, sizes.length + 1), 0, 1);
  return [c.emit('RESHAPE', [x, c.i32(sizes)])];
};

const permute: Lower = (c) => {
  const permutation = c.input(1).constant?.numbers();
  if (permutation) return [transpose(c, c.input(0), permutation)];
  return [c.emit('TRANSPOSE', [c.input(0), int32Input(c, 1)])];
};

const shapeOf = (c: Lowering, x: Value): Value =>
  c.emit('SHAPE', [x], { outType: tensorTypeOf(c.type('out_type', 'i32')) });

const size: Lower = (c) => [c.emit('REDUCE_PROD', [shapeOf(c, c.input(0)), c.i32(0)], { keepDims: false })];

const pack: Lower = (c) => [c.emit('PACK', c.inputs, { valuesCount: c.inputs.length, axis: c.attrs.int('axis', 0) })];

/** One slice an element where the operator does not take the type. */
const unpack: Lower = (c) => {
  const x = c.input(0);
  const axis = c.attrs.int('axis', 0);
  const num = c.attrs.int('num');
  if (x.dtype !== 'i64' || x.constant) return c.emitAll('UNPACK', [x], { num, axis });
  const rank = c.rank(x, 'its input');
  const at = normalizeAxis(axis, rank);
  return Array.from({ length: num }, (_, i) => {
    const begin = new Array<number>(rank).fill(0);
    const end = new Array<number>(rank).fill(0);
    begin[at] = i;
    end[at] = i + 1;
    const masks = (1 << rank) - 1 - (1 << at);
    const inputs = [x, c.i32(begin), c.i32(end), c.i32(new Array<number>(rank).fill(1))];
    return c.emit('STRIDED_SLICE', inputs, { beginMask: masks, endMask: masks, shrinkAxisMask: 1 << at });
  });
};

function concatenate(c: Lowering, values: readonly Value[], axis: number): Value {
  return c.emit('CONCATENATION', values, { axis });
}

/** `Concat` has the axis in front, `ConcatV2` behind. */
const concat: Lower = (c) => [concatenate(c, c.inputs.slice(1), c.number(0, 'axis'))];
const concatV2: Lower = (c) => {
  const last = c.inputs.length - 1;
  return [concatenate(c, c.inputs.slice(0, last), c.number(last, 'axis'))];
};

const split: Lower = (c) => {
  const numSplits = c.attrs.int('num_split');
  const x = c.input(1);
  if (x.dtype !== 'i64') return c.emitAll('SPLIT', [c.i32(c.number(0, 'axis')), x], { numSplits });
  const axis = normalizeAxis(c.number(0, 'axis'), c.rank(x, 'its input'));
  const total = c.staticShape(x, 'its input')[axis] as number;
  const sizes = c.i32(new Array<number>(numSplits).fill(total / numSplits));
  return c.emitAll('SPLIT_V', [x, sizes, c.i32(axis)], { numSplits });
};

const splitV: Lower = (c) => {
  const x = c.input(0);
  const sizes = c.numbers(1, 'list of sizes');
  const axis = c.number(2, 'axis');
  const total = x.shape?.[normalizeAxis(axis, x.shape.length)];
  const rest = (total ?? -1) - sizes.filter((s) => s >= 0).reduce((a, b) => a + b, 0);
  const known = total === undefined || total < 0 ? sizes : sizes.map((s) => (s < 0 ? rest : s));
  return c.emitAll('SPLIT_V', [x, c.i32(known), c.i32(axis)], { numSplits: c.attrs.int('num_split', sizes.length) });
};

const range: Lower = (c) => [c.emit('RANGE', [c.input(0), c.input(1), c.input(2)])];

/** Evenly spaced numbers: a constant, or `start + i * (stop - start) / (count - 1)`. */
const linSpace: Lower = (c) => {
  const [start, stop] = [c.input(0), c.input(1)];
  const count = c.number(2, 'number of values');
  const steps = c.make(
    start.dtype,
    Array.from({ length: count }, (_, i) => (count > 1 ? i / (count - 1) : 0)),
  );
  if (!isFloat(start.dtype)) throw new ModelError('unsupported', 'takes floating-point numbers only.');
  return [c.emit('ADD', [c.emit('MUL', [c.emit('SUB', [stop, start]), steps]), start])];
};

/** The runtime reverses one axis at a time. */
const reverse: Lower = (c) => {
  const x = c.input(0);
  const axes = c.numbers(1, 'list of axes');
  return [axes.reduce((v, axis) => c.emit('REVERSE_V2', [v, c.i32([axis])]), x)];
};

const reverseSequence: Lower = (c) => [
  c.emit('REVERSE_SEQUENCE', [c.input(0), c.input(1)], {
    seqDim: c.attrs.int('seq_dim'),
    batchDim: c.attrs.int('batch_dim', 0),
  }),
];

/** Two slices that change places, for each axis. */
const roll: Lower = (c) => {
  const x = c.input(0);
  const rank = c.rank(x, 'its input');
  const shifts = c.numbers(1, 'shift');
  const axes = c.numbers(2, 'axis').map((a) => normalizeAxis(a, rank));
  return [axes.reduce((v, axis, i) => rollAxis(c, v, axis, shifts[i] ?? 0), x)];
};

function rollAxis(c: Lowering, x: Value, axis: number, shift: number): Value {
  const shape = x.shape ?? [];
  const size = shape[axis] ?? -1;
  if (size < 0) c.staticShape(x, 'the axis it rolls');
  const by = size === 0 ? 0 : ((shift % size) + size) % size;
  if (by === 0) return x;
  const part = (from: number, length: number) => {
    const begin = shape.map((_, i) => (i === axis ? from : 0));
    const sizes = shape.map((d, i) => (i === axis ? length : d));
    return c.emit('SLICE', [x, c.i32(begin), c.i32(sizes)]);
  };
  return concatenate(c, [part(size - by, by), part(0, size - by)], axis);
}

const fill: Lower = (c) => [c.emit('FILL', [int32Input(c, 0), c.input(1)])];

const empty: Lower = (c) => {
  const dtype = c.type('dtype');
  return [c.emit('BROADCAST_TO', [c.make(dtype, 0), int32Input(c, 0)])];
};

const mirrorPad: Lower = (c) => {
  const mode = c.attrs.string('mode');
  return [c.emit('MIRROR_PAD', [c.input(0), int32Input(c, 1)], { mode })];
};

const tile: Lower = (c) => [c.emit('TILE', [c.input(0), int32Input(c, 1)])];

const rank: Lower = (c) => [c.emit('RANK', [c.input(0)])];

/** Shape arithmetic and movement of whole axes. */
export const shapes: Readonly<Record<string, Lower>> = {
  Concat: concat,
  ConcatV2: concatV2,
  Empty: empty,
  ExpandDims: expandDims,
  Fill: fill,
  LinSpace: linSpace,
  MirrorPad: mirrorPad,
  Pack: pack,
  Pad: (c) => [c.emit('PAD', [c.input(0), int32Input(c, 1)])],
  PadV2: (c) => [c.emit('PADV2', [c.input(0), int32Input(c, 1), c.input(2)])],
  ParallelConcat: (c) => [concatenate(c, c.inputs, 0)],
  Range: range,
  Rank: rank,
  Reshape: reshape,
  ReverseSequence: reverseSequence,
  ReverseV2: reverse,
  Roll: roll,
  Shape: (c) => [shapeOf(c, c.input(0))],
  ShapeN: (c) => c.inputs.map((x) => shapeOf(c, x)),
  Size: size,
  Split: split,
  SplitV: splitV,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: permute,
  Unpack: unpack,
};
