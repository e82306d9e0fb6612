import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { axisOf, numbersOf, operandAt } from './operands.js';
import { asScalar, sizeOf } from './sizes.js';

/** Works on an axis as the last one. */
function onLast(c: LayerCall, x: Value, axis: number, work: (x: Value) => Value): Value {
  const last = c.shapeOf(x).length - 1;
  const order = c.shapeOf(x).map((_, i) => (i === axis ? last : i === last ? axis : i));
  return c.transpose(work(c.transpose(x, order)), order);
}

/** Elements along the last axis from the largest on, and where each was: equal ones in their order. */
function topDown(c: LayerCall, x: Value): readonly [Value, Value] {
  const size = asScalar(c, sizeOf(c, x, c.shapeOf(x).length - 1));
  return c.emitAll('TOPK_V2', [x, size]) as [Value, Value];
}

/** The same from the smallest on. */
function sorted(c: LayerCall, x: Value): readonly [Value, Value] {
  const [values, places] = topDown(c, c.emit('NEG', [x]));
  return [c.emit('NEG', [values]), places];
}

/** Elements in order along an axis (0), or their places (1). */
const inOrder =
  (output: 0 | 1): Lower =>
  (c) => {
    const isFalling = String(c.plain(2, 'direction') ?? '').toUpperCase() === 'DESCENDING';
    const ordered = (x: Value) => (isFalling ? topDown(c, x) : sorted(c, x))[output];
    return onLast(c, c.input(), axisOf(c, 1, 'axis', -1), ordered);
  };

/** The number below which a share of all along an axis lies, between two of them by its distance. */
function quantile(c: LayerCall, share: number): Value {
  const isWhole = c.plain(99, 'axis') === undefined;
  const x = c.float(isWhole ? c.reshape(c.input(), [-1]) : c.input());
  const axis = isWhole ? 0 : axisOf(c, 99, 'axis', -1);
  const found = onLast(c, x, axis, (last) => {
    const size = c.shapeOf(last).at(-1) ?? -1;
    if (size < 0) throw new ModelError('unsupported', 'sorts an axis of unknown size. Give the inputs fixed shapes.');
    const at = share * (size - 1);
    const [all] = sorted(c, last);
    const element = (i: number): Value =>
      c.emit('GATHER', [all, c.i32([i])], { axis: c.shapeOf(last).length - 1, batchDims: 0 });
    const [low, part] = [Math.floor(at), at - Math.floor(at)];
    if (part === 0) return element(low);
    const step = c.emit('SUB', [element(low + 1), element(low)]);
    return c.emit('ADD', [element(low), c.emit('MUL', [step, c.f32(part)])]);
  });
  if (c.plain(99, 'keepdims') !== true) return c.emit('SQUEEZE', [found], { squeezeDims: [axis] });
  return isWhole ? c.reshape(found, c.shapeOf(c.input()).map(() => 1)) : found; // biome-ignore format: short
}

const quantiles =
  (whole: number, key: string): Lower =>
  (c) => {
    const shares = c.plain(1, key);
    if (typeof shares !== 'number') throw new ModelError('unsupported', 'gives several quantiles. Ask for each alone.');
    const method = c.plain(99, 'method') ?? 'linear';
    if (method !== 'linear') throw new ModelError('unsupported', `has the method '${method}'; linear is known here.`);
    return quantile(c, shares / whole);
  };

/** How many of sorted numbers are below each element, or not above it. */
function countBelow(c: LayerCall, x: Value, numbers: Value, isRight: boolean): Value {
  const each = c.emit('EXPAND_DIMS', [x, c.i32(c.shapeOf(x).length)]);
  const isBelow = c.emit(isRight ? 'GREATER_EQUAL' : 'GREATER', [each, numbers]);
  return c.emit('SUM', [c.cast(isBelow, 'i32'), c.i32([c.shapeOf(x).length])], { keepDims: false });
}

const digitize: Lower = (c) => {
  const bins = operandAt(c, 1, 'bins', 'f32') ?? c.f32(numbersOf(c.plain(1, 'bins')) ?? []);
  return countBelow(c, c.float(c.input()), bins, true);
};

const searchSorted: Lower = (c) => {
  const [numbers, x] = [operandAt(c, 0, 'sorted_sequence', 'f32'), operandAt(c, 1, 'values', 'f32')];
  if (!numbers || !x || c.shapeOf(numbers).length !== 1)
    throw new ModelError('unsupported', 'searches in more than one row of numbers.');
  return countBelow(c, x, numbers, c.plain(99, 'side') === 'right');
};

/** Whether the element of a row that a number tells is among the k largest: as many are larger at most. */
const inTopK: Lower = (c) => {
  const [targets, rows] = [c.cast(c.input(0), 'i32'), c.float(c.input(1))];
  const column = c.emit('EXPAND_DIMS', [targets, c.i32(1)]);
  const own = c.emit('GATHER', [rows, column], { axis: 1, batchDims: 1 });
  const larger = c.cast(c.emit('GREATER', [rows, own]), 'i32');
  const count = c.emit('SUM', [larger, c.i32([1])], { keepDims: false });
  return c.emit('LESS', [count, c.i32(numbersOf(c.plain(2, 'k'))?.[0] ?? 1)]);
};

/** Functions of `keras.ops` that order elements, by class. */
export const sortings: Readonly<Record<string, Lower>> = {
  Argsort: inOrder(1),
  Digitize: digitize,
  InTopK: inTopK,
  Median: (c) => quantile(c, 0.5),
  Percentile: quantiles(100, 'q'),
  Quantile: quantiles(1, 'q'),
  SearchSorted: searchSorted,
  Sort: inOrder(0),
};
