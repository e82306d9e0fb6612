import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isFloat } from '../../../ir/tensor.js';
import type { Lower, Lowering } from './context.js';
import { entryOf, int32Input, packSizes, type Size, toInt32, transpose } from './shapes.js';

/** Rows `[N, …]` of data, the segment of each, and how many segments there are where that is given. */
interface Rows {
  readonly data: Value;
  /** `i32`, `[N]`. */
  readonly ids: Value;
  readonly count: Size | undefined;
}

const sumOf = (c: Lowering, data: Value, { ids, count }: Rows): Value =>
  count === undefined
    ? c.emit('SEGMENT_SUM', [data, ids])
    : c.emit('UNSORTED_SEGMENT_SUM', [data, ids, typeof count === 'number' ? c.i32(count) : count]);

/** A number for each segment as `[segments, 1, …]`, beside the sums of the rows. */
function besideSums(c: Lowering, numbers: Value, data: Value): Value {
  const rank = c.rank(data, 'its input');
  return rank === 1 ? numbers : c.emit('RESHAPE', [numbers, c.i32([-1, ...new Array<number>(rank - 1).fill(1)])]);
}

/** How many rows each segment has, at least 1: `f32`, `[segments, 1, …]`. */
function rowCounts(c: Lowering, rows: Rows): Value {
  const ones = c.emit('FILL', [c.emit('SHAPE', [rows.ids], { outType: 'INT32' }), c.make('f32', 1)]);
  return besideSums(c, c.emit('MAXIMUM', [sumOf(c, ones, rows), c.make('f32', 1)]), rows.data);
}

const sum = (c: Lowering, rows: Rows): Value => sumOf(c, rows.data, rows);

/** Sums over the counts of rows, or over the roots of those. */
const shareOf =
  (isRoot: boolean) =>
  (c: Lowering, rows: Rows): Value => {
    if (!isFloat(rows.data.dtype)) throw new ModelError('unsupported', 'takes floating-point numbers only.');
    const counts = rowCounts(c, rows);
    const divisor = isRoot ? c.emit('SQRT', [counts]) : counts;
    const share = c.emit('DIV', [c.scalar(counts, 1), divisor]);
    return c.emit('MUL', [sum(c, rows), share]);
  };

const mean = shareOf(false);
const sqrtN = shareOf(true);

/** Rows in the order of their segments. */
const sorted =
  (reduce: (c: Lowering, rows: Rows) => Value): Lower =>
  (c) => [reduce(c, { data: c.input(0), ids: int32Input(c, 1), count: undefined })];

/** Rows that indices choose: as many as input 3 says, or up to the last that has rows. */
const chosen =
  (reduce: (c: Lowering, rows: Rows) => Value): Lower =>
  (c) => {
    const data = c.emit('GATHER', [c.input(0), int32Input(c, 1)], { axis: 0, batchDims: 0 });
    return [reduce(c, { data, ids: int32Input(c, 2), count: c.inputs[3] && int32Input(c, 3) })];
  };

/** Extremes and products of sorted segments; `empty` is the result of one without rows. */
const extreme =
  (op: string, empty: number): Lower =>
  (c) => {
    const [data, ids] = [c.input(0), int32Input(c, 1)];
    const known = ids.constant?.numbers();
    const last = known ? c.i32(known.at(-1) ?? -1) : c.emit('REDUCE_MAX', [ids, c.i32([0])], { keepDims: false });
    const count = c.emit('ADD', [last, c.i32(1)]);
    const result = c.emit(op, [data, ids, count]);
    if (known && new Set(known).size === (known.at(-1) ?? -1) + 1) return [result];
    const ones = c.emit('FILL', [c.emit('SHAPE', [ids], { outType: 'INT32' }), c.make('f32', 1)]);
    const hasRows = c.emit('GREATER', [c.emit('UNSORTED_SEGMENT_SUM', [ones, ids, count]), c.make('f32', 0)]);
    return [c.emit('SELECT_V2', [besideSums(c, hasRows, data), result, c.scalar(result, empty)])];
  };

const unsorted =
  (op: string): Lower =>
  (c) => [c.emit(op, [c.input(0), int32Input(c, 1), int32Input(c, 2)])];

/**
 * A sparse matrix, given by places `[N, 2]`, values `[N]` and sizes, times a dense one: each value times the row of the
 * dense matrix that its column names, summed by rows.
 */
const sparseProduct: Lower = (c) => {
  const [rowAxis, columnAxis] = c.attrs.bool('adjoint_a', false) ? [1, 0] : [0, 1];
  const places = toInt32(c, c.input(0));
  const along = (axis: number) => c.emit('GATHER', [places, c.i32(axis)], { axis: 1, batchDims: 0 });
  const dense = c.attrs.bool('adjoint_b', false) ? transpose(c, c.input(3), [1, 0]) : c.input(3);
  const rows = c.emit('GATHER', [dense, along(columnAxis)], { axis: 0, batchDims: 0 });
  const terms = c.emit('MUL', [rows, c.emit('RESHAPE', [c.input(1), c.i32([-1, 1])])]);
  const count = c.emit('RESHAPE', [packSizes(c, [entryOf(c, toInt32(c, c.input(2)), rowAxis)]), c.i32([])]);
  return [c.emit('UNSORTED_SEGMENT_SUM', [terms, along(rowAxis), count])];
};

/** Sums, means and extremes of groups of rows. */
export const segments: Readonly<Record<string, Lower>> = {
  SegmentMax: extreme('UNSORTED_SEGMENT_MAX', 0),
  SegmentMean: sorted(mean),
  SegmentMin: extreme('UNSORTED_SEGMENT_MIN', 0),
  SegmentProd: extreme('UNSORTED_SEGMENT_PROD', 1),
  SegmentSum: sorted(sum),
  SparseSegmentMean: chosen(mean),
  SparseSegmentMeanWithNumSegments: chosen(mean),
  SparseSegmentSqrtN: chosen(sqrtN),
  SparseSegmentSqrtNWithNumSegments: chosen(sqrtN),
  SparseSegmentSum: chosen(sum),
  SparseSegmentSumWithNumSegments: chosen(sum),
  SparseTensorDenseMatMul: sparseProduct,
  UnsortedSegmentMax: unsorted('UNSORTED_SEGMENT_MAX'),
  UnsortedSegmentMin: unsorted('UNSORTED_SEGMENT_MIN'),
  UnsortedSegmentProd: unsorted('UNSORTED_SEGMENT_PROD'),
  UnsortedSegmentSum: unsorted('UNSORTED_SEGMENT_SUM'),
};
