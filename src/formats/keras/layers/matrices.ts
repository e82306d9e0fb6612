import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { projected } from './dense.js';
import { axesOf, axisOf, numbersOf, twoOperands } from './operands.js';
import { asScalar, productOf, reshapeTo, sizeOf } from './sizes.js';

/** Rows and columns of matrices, which must be known. */
function matrixOf(c: LayerCall, x: Value): readonly [number, number] {
  const [rows = -1, columns = -1] = c.shapeOf(x).slice(-2);
  if (rows >= 0 && columns >= 0) return [rows, columns];
  throw new ModelError('unsupported', 'needs matrices of a known size. Give the inputs fixed shapes.');
}

/** The part of matrices on one side of diagonal `k`; zeros elsewhere. */
const triangle =
  (compare: 'LESS_EQUAL' | 'GREATER_EQUAL'): Lower =>
  (c) => {
    const x = c.input();
    const last = c.shapeOf(x).length - 1;
    const [k = 0] = numbersOf(c.plain(1, 'k')) ?? [];
    const counted = (axis: number): Value => c.emit('RANGE', [c.i32(0), asScalar(c, sizeOf(c, x, axis)), c.i32(1)]);
    const row = c.emit('EXPAND_DIMS', [c.emit('ADD', [counted(last - 1), c.i32(k)]), c.i32(1)]);
    const isKept = c.emit(compare, [c.emit('EXPAND_DIMS', [counted(last), c.i32(0)]), row]);
    return c.emit('SELECT_V2', [isKept, x, c.make(x.dtype, 0)]);
  };

/** The elements of a diagonal, as the last axis. */
function diagonal(c: LayerCall): Value {
  const [first, second] = [axisOf(c, 2, 'axis1', 0), axisOf(c, 3, 'axis2', 1)];
  const order = [...c.shapeOf(c.input()).keys()].filter((axis) => axis !== first && axis !== second);
  const x = c.transpose(c.input(), [...order, first, second]);
  const [rows, columns] = matrixOf(c, x);
  const offset = numbersOf(c.plain(1, 'offset'))?.[0] ?? 0;
  const [row, column] = [Math.max(0, -offset), Math.max(0, offset)];
  const count = Math.max(0, Math.min(rows - row, columns - column));
  const places = Array.from({ length: count }, (_, i) => (row + i) * columns + column + i);
  const flat = reshapeTo(c, x, [...order.map((_, i) => sizeOf(c, x, i)), rows * columns]);
  return c.emit('GATHER', [flat, c.i32(places)], { axis: order.length, batchDims: 0 });
}

const trace: Lower = (c) => {
  const all = diagonal(c);
  return c.emit('SUM', [all, c.i32([c.shapeOf(all).length - 1])], { keepDims: false });
};

/** Products of all pairs of elements. */
const outer: Lower = (c) => {
  const [x, y] = twoOperands(c);
  return c.emit('MUL', [c.reshape(x, [-1, 1]), c.reshape(y, [1, -1])]);
};

/** Sums of products over axes of both: matrices of what is left, and of what is summed. */
const tensordot: Lower = (c) => {
  const [x, y] = twoOperands(c).map((v) => c.float(v)) as [Value, Value];
  const given = c.plain(2, 'axes') ?? 2;
  const [p, q] = [c.shapeOf(x).length, c.shapeOf(y).length];
  const count = typeof given === 'number' ? given : 0;
  const listed = Array.isArray(given) ? given.map((axes) => numbersOf(axes) ?? []) : [];
  const counted = [Array.from({ length: count }, (_, i) => p - count + i), [...Array(count).keys()]];
  const [left = [], right = []] = (Array.isArray(given) ? listed : counted).map((axes, side) =>
    axes.map((axis) => (axis < 0 ? axis + (side === 0 ? p : q) : axis)),
  );
  const rest = (v: Value, axes: readonly number[]) => [...c.shapeOf(v).keys()].filter((axis) => !axes.includes(axis));
  const [rows, columns] = [rest(x, left), rest(y, right)];
  const [innerLast, innerFirst] = [c.transpose(x, [...rows, ...left]), c.transpose(y, [...right, ...columns])];
  if (innerFirst.constant && columns.length > 0) return projected(c, innerLast, innerFirst, undefined, right.length);
  const sizes = (v: Value, axes: readonly number[]) => axes.map((axis) => sizeOf(c, v, axis));
  const inner = productOf(c, sizes(y, right));
  const product = c.emit('BATCH_MATMUL', [
    reshapeTo(c, innerLast, [productOf(c, sizes(x, rows)), inner]),
    reshapeTo(c, innerFirst, [inner, productOf(c, sizes(y, columns))]),
  ]);
  return reshapeTo(c, product, [...sizes(x, rows), ...sizes(y, columns)]);
};

/** Vectors of three at right angles to two others. */
const cross: Lower = (c) => {
  const [x, y] = twoOperands(c);
  const axis = c.shapeOf(x).length - 1;
  const isLast = ['axisa', 'axisb', 'axisc'].every((key) => (numbersOf(c.plain(99, key))?.[0] ?? -1) === -1);
  if (!isLast || c.shapeOf(x)[axis] !== 3 || c.shapeOf(y).at(-1) !== 3)
    throw new ModelError('unsupported', 'is a cross product of other vectors than three numbers in the last axis.');
  const turned = (v: Value, by: number): Value =>
    c.emit('GATHER', [v, c.i32([0, 1, 2].map((i) => (i + by) % 3))], { axis: c.shapeOf(v).length - 1, batchDims: 0 });
  const product = (by: number): Value => c.emit('MUL', [turned(x, by), turned(y, 3 - by)]);
  return c.emit('SUB', [product(1), product(2)]);
};

/** Of the last axes of both. */
const inner: Lower = (c) => {
  const [x, y] = twoOperands(c);
  const axes = [[c.shapeOf(x).length - 1], [c.shapeOf(y).length - 1]];
  return tensordot(c.part({ args: [...c.facts.args.slice(0, 2), { value: axes }] }));
};

/** The product of the elements up to each, along an axis of known size. */
const cumprod: Lower = (c) => {
  const axis = axesOf(c, 1, 'axis', c.shapeOf(c.input()).length)?.[0] ?? 0;
  if (c.plain(2, 'exclusive') === true || c.plain(3, 'reverse') === true)
    throw new ModelError('unsupported', 'multiplies backwards, or leaves out the last of them.');
  const num = c.shapeOf(c.input())[axis] ?? -1;
  if (num < 0) throw new ModelError('unsupported', 'multiplies along an axis of unknown size.');
  const parts = c.emitAll('UNPACK', [c.input()], { num, axis });
  const sums: Value[] = [];
  for (const part of parts) sums.push(sums.length > 0 ? c.emit('MUL', [sums.at(-1), part]) : part);
  return c.emit('PACK', sums, { valuesCount: num, axis });
};

/** Functions of `keras.ops` of matrices and vectors, by class. */
export const matrices: Readonly<Record<string, Lower>> = {
  Cross: cross,
  Cumprod: cumprod,
  Diagonal: diagonal,
  Inner: inner,
  Outer: outer,
  Tensordot: tensordot,
  Trace: trace,
  Tril: triangle('LESS_EQUAL'),
  Triu: triangle('GREATER_EQUAL'),
};
