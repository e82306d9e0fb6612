import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { packSizes, reshape, sizesOf } from './shapes.js';

const cast = (c: Lowering, x: Value, dtype: 'i32' | 'f32'): Value =>
  castTo(x, dtype, (n) => c.emitAll(n.op, n.inputs, n.options));

/** In each row, how many sorted numbers `[B, n]` stand before each value `[B, m]`. */
const bound =
  (comparison: 'LESS' | 'LESS_EQUAL'): Lower =>
  (c) => {
    const sorted = c.emit('EXPAND_DIMS', [c.input(0), c.i32(1)]);
    const values = c.emit('EXPAND_DIMS', [c.input(1), c.i32(2)]);
    const isBefore = cast(c, c.emit(comparison, [sorted, values]), 'i32');
    return [inType(c, c.emit('SUM', [isBefore, c.i32([2])], { keepDims: false }), 'out_type')];
  };

/** Integers in the type that an attribute names. */
function inType(c: Lowering, x: Value, attribute: string): Value {
  return castTo(x, c.type(attribute, 'i32'), (n) => c.emitAll(n.op, n.inputs, n.options));
}

/** Whether fewer than k predictions `[N, C]` of a row exceed that of its target `[N]`. */
const inTopK: Lower = (c) => {
  const [predictions, targets] = [c.input(0), c.input(1)];
  const own = c.emit('GATHER', [predictions, c.emit('EXPAND_DIMS', [targets, c.i32(1)])], { axis: 1, batchDims: 1 });
  const better = cast(c, c.emit('GREATER', [predictions, own]), 'i32');
  const count = c.emit('SUM', [better, c.i32([1])], { keepDims: false });
  return [c.emit('LESS', [count, cast(c, c.input(2), 'i32')])];
};

/** How many values fall into each of equal parts of a range; those outside fall into the outer ones. */
const histogram: Lower = (c) => {
  const count = c.number(2, 'number of bins');
  const values = cast(c, reshape(c, c.input(0), [-1]), 'f32');
  const [low, high] = c.emitAll('UNPACK', [cast(c, c.input(1), 'f32')], { num: 2, axis: 0 }) as [Value, Value];
  const step = c.emit('DIV', [c.emit('SUB', [high, low]), c.make('f32', count)]);
  const place = c.emit('FLOOR', [c.emit('DIV', [c.emit('SUB', [values, low]), step])]);
  const inside = c.emit('MINIMUM', [c.emit('MAXIMUM', [place, c.make('f32', 0)]), c.make('f32', count - 1)]);
  const rows = c.emit('ONE_HOT', [cast(c, inside, 'i32'), c.i32(count), c.i32(1), c.i32(0)], { axis: -1 });
  return [inType(c, c.emit('SUM', [rows, c.i32([0])], { keepDims: false }), 'dtype')];
};

/** The different values of a vector, which of them each element is, and how many elements each of them is. */
const uniqueWithCounts: Lower = (c) => {
  const options = { idxOutType: tensorTypeOf('i32') };
  const [values, at] = c.emitAll('UNIQUE', [c.input(0)], options) as [Value, Value];
  if (!c.isRead(2)) return [values, inType(c, at, 'out_idx')];
  const [[length = 0], [count = 0]] = [sizesOf(c, at), sizesOf(c, values)];
  const ones = c.emit('FILL', [packSizes(c, [length]), c.i32(1)]);
  const howMany = typeof count === 'number' ? c.i32(count) : count;
  const counts = c.emit('UNSORTED_SEGMENT_SUM', [ones, at, howMany]);
  return [values, inType(c, at, 'out_idx'), inType(c, counts, 'out_idx')];
};

/** The elements of one vector that the other does not have, and where they are. */
const difference: Lower = (c) => {
  const pairs = c.emit('EQUAL', [c.emit('EXPAND_DIMS', [c.input(0), c.i32(1)]), c.input(1)]);
  const isFound = c.emit('REDUCE_ANY', [pairs, c.i32([1])], { keepDims: false });
  const places = c.emit('WHERE', [c.emit('LOGICAL_NOT', [isFound])]);
  const at = cast(c, reshape(c, places, [-1]), 'i32');
  return [c.emit('GATHER', [c.input(0), at], { axis: 0 }), inType(c, at, 'out_idx')];
};

/** Along the only axis of a vector. */
const uniqueV2: Lower = (c) => {
  c.numbers(1, 'axis');
  const rank = c.rank(c.input(0), 'its input');
  if (rank === 1) return uniqueWithCounts(c);
  throw new ModelError(
    'unsupported',
    `looks for different parts of ${rank} axes: elements of a vector alone can be found.`,
  );
};

/** Searching and counting. */
export const searches: Readonly<Record<string, Lower>> = {
  HistogramFixedWidth: histogram,
  InTopKV2: inTopK,
  ListDiff: difference,
  LowerBound: bound('LESS'),
  UniqueV2: uniqueV2,
  UniqueWithCounts: uniqueWithCounts,
  UniqueWithCountsV2: uniqueV2,
  UpperBound: bound('LESS_EQUAL'),
};
