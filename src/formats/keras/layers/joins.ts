import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { axesOf, axisOf, listedOperands, numbersOf, operandAt, operandsOf, twoOperands } from './operands.js';
import { asScalar, sizeOf } from './sizes.js';

const joined = (c: LayerCall, values: readonly Value[], axis: number): Value =>
  c.emit('CONCATENATION', values, { axis, fusedActivationFunction: 'NONE' });

/** Along an axis; without one, all elements in a row. */
const append: Lower = (c) => {
  const both = twoOperands(c);
  if (c.plain(2, 'axis') === undefined) return joined(c, both.map((x) => c.reshape(x, [-1])), 0); // biome-ignore format: short
  return joined(c, both, axisOf(c, 2, 'axis', 0));
};

/** Side by side: vectors along their only axis, others along the second. */
const hstack: Lower = (c) => {
  const values = listedOperands(c);
  return joined(c, values, c.shapeOf(values[0] as Value).length === 1 ? 0 : 1);
};

/** One below the other: vectors are rows. */
const vstack: Lower = (c) => {
  const rows = listedOperands(c).map((x) => (c.shapeOf(x).length === 1 ? c.emit('EXPAND_DIMS', [x, c.i32(0)]) : x));
  return joined(c, rows, 0);
};

/** Parts whose sizes differ by one at most, the larger ones first. */
const arraySplit: Lower = (c) => {
  const axis = axisOf(c, 2, 'axis', 0);
  const size = c.shapeOf(c.input())[axis] ?? -1;
  if (size < 0)
    throw new ModelError('unsupported', 'takes apart an axis of unknown size. Give the inputs fixed shapes.');
  const [count = 1] = numbersOf(c.plain(1, 'indices_or_sections')) ?? [];
  const sizes = Array.from({ length: count }, (_, i) => Math.floor(size / count) + Number(i < size % count));
  return c.emitAll('SPLIT_V', [c.input(), c.i32(sizes), c.i32(axis)], { numSplits: sizes.length });
};

const flipped = (c: LayerCall, x: Value, axis: number): Value => c.emit('REVERSE_V2', [x, c.i32([axis])]);

/** Quarter turns, from the first of two axes towards the second. */
export const rot90: Lower = (c) => {
  const x = c.input();
  const rank = c.shapeOf(x).length;
  const [from = 0, to = 1] = axesOf(c, 2, 'axes', rank) ?? [0, 1];
  const turns = (((numbersOf(c.plain(1, 'k'))?.[0] ?? 1) % 4) + 4) % 4;
  const order = [...Array(rank).keys()].map((axis) => (axis === from ? to : axis === to ? from : axis));
  if (turns === 0) return x;
  if (turns === 2) return flipped(c, flipped(c, x, from), to);
  return turns === 1 ? c.transpose(flipped(c, x, to), order) : flipped(c, c.transpose(x, order), to);
};

/** Elements by their place along an axis, for each place of the other axes. */
const takeAlongAxis: Lower = (c) => {
  const [x, found] = [c.input(), operandAt(c, 1, 'indices', 'i32')];
  const rank = c.shapeOf(x).length;
  if (!found || c.plain(2, 'axis') === undefined || c.shapeOf(found).length !== rank)
    throw new ModelError('unsupported', 'takes elements along no axis.');
  const axis = axisOf(c, 2, 'axis', -1);
  // Places are counted from the end where they are negative.
  const places = c.emit('FLOOR_MOD', [found, asScalar(c, sizeOf(c, x, axis))]);
  const order = [...Array(rank).keys()].filter((i) => i !== axis);
  const back = [...Array(rank).keys()].map((i) => (i === axis ? rank - 1 : order.indexOf(i)));
  const last = (v: Value): Value => c.transpose(v, [...order, axis]);
  const others = (v: Value) => order.map((i) => c.shapeOf(v)[i] as number);
  if (others(x).some((n, i) => n !== others(places)[i]))
    throw new ModelError('unsupported', 'takes elements by places that are spread over other axes.');
  const taken = c.emit('GATHER', [last(x), last(places)], { axis: rank - 1, batchDims: rank - 1 });
  return c.transpose(taken, back);
};

/** Each element less the one before it, so many times. */
const diff: Lower = (c) => {
  const axis = axisOf(c, 2, 'axis', -1);
  const times = numbersOf(c.plain(1, 'n'))?.[0] ?? 1;
  const rank = c.shapeOf(c.input()).length;
  const part = (x: Value, begin: number, end: number): Value => {
    const at = (n: number) => c.i32([...Array(rank).keys()].map((i) => (i === axis ? n : 0)));
    const all = (1 << rank) - 1;
    const others = all & ~(1 << axis);
    const options = { beginMask: begin === 0 ? all : others, endMask: end === 0 ? all : others };
    return c.emit('STRIDED_SLICE', [x, at(begin), at(end), c.i32(Array<number>(rank).fill(1))], options);
  };
  let x = c.input();
  for (let i = 0; i < times; i++) x = c.emit('SUB', [part(x, 1, 0), part(x, 0, -1)]);
  return x;
};

/** Of several choices the first whose condition holds, for each element. */
const select: Lower = (c) => {
  const [conditions, choices] = [0, 1].map((i) => {
    const operand = c.facts.args[i] ?? c.facts.kwargs[i === 0 ? 'condlist' : 'choicelist'];
    return operand ? operandsOf(c.part({ args: [operand], kwargs: {} })) : [];
  }) as [Value[], Value[]];
  const [first] = choices;
  if (!first || conditions.length !== choices.length) throw new ModelError('unsupported', 'expects a choice for each condition.'); // biome-ignore format: long
  const otherwise = operandAt(c, 2, 'default', first.dtype) ?? c.make(first.dtype, 0);
  return conditions.reduceRight((rest, condition, i) => c.emit('SELECT_V2', [condition, choices[i], rest]), otherwise);
};

/** Elements of several vectors, each along an axis of its own. */
const meshgrid: Lower = (c) => {
  const vectors = listedOperands(c).map((x) => c.reshape(x, [-1]));
  const places = vectors.map((_, i) => (c.plain(99, 'indexing') !== 'ij' && i < 2 && vectors.length > 1 ? 1 - i : i));
  const shaped = vectors.map((x, i) => c.reshape(x, vectors.map((_, k) => (k === places[i] ? -1 : 1)))); // biome-ignore format: short
  const sizes = places.map((_, axis) => vectors[places.indexOf(axis)] as Value);
  const shape = joined(c, sizes.map((x) => c.emit('SHAPE', [x], { outType: 'INT32' })), 0); // biome-ignore format: short
  return shaped.map((x) => c.emit('BROADCAST_TO', [x, shape]));
};

/** Functions of `keras.ops` that put tensors together, take them apart or turn them, by class. */
export const joins: Readonly<Record<string, Lower>> = {
  Append: append,
  ArraySplit: arraySplit,
  Diff: diff,
  Fliplr: (c) => flipped(c, c.input(), 1),
  Flipud: (c) => flipped(c, c.input(), 0),
  Hstack: hstack,
  Meshgrid: meshgrid,
  Rot90: rot90,
  Select: select,
  TakeAlongAxis: takeAlongAxis,
  Vstack: vstack,
};
