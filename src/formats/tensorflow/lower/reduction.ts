import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import type { Lower, Lowering } from './context.js';
import { isChannelsFirst } from './layout.js';
import { int32Input, toInt32 } from './shapes.js';

/** A reduction over the axes of its second input. */
const reduce =
  (op: string): Lower =>
  (c) => [c.emit(op, [c.input(0), int32Input(c, 1)], keep(c))];

const keep = (c: Lowering) => ({ keepDims: c.attrs.bool('keep_dims', false) });

const euclideanNorm: Lower = (c) => {
  const x = c.input(0);
  const squares = c.emit('MUL', [x, x]);
  return [c.emit('SQRT', [c.emit('SUM', [squares, int32Input(c, 1)], keep(c))])];
};

/** Position of the largest or smallest element along an axis. */
const arg =
  (op: string): Lower =>
  (c) => {
    const axis = c.inputs[1] ? int32Input(c, 1) : c.i32(0);
    return [c.emit(op, [c.input(0), axis], { outputType: tensorTypeOf(c.type('output_type', 'i64')) })];
  };

const cumsum: Lower = (c) => {
  const options = { exclusive: c.attrs.bool('exclusive', false), reverse: c.attrs.bool('reverse', false) };
  return [c.emit('CUMSUM', [c.input(0), c.i32(c.number(1, 'axis'))], options)];
};

const allAxes = (c: Lowering, x: Value): Value => c.i32(Array.from({ length: c.rank(x, 'its input') }, (_, i) => i));

const l2Loss: Lower = (c) => {
  const x = c.input(0);
  const sum = c.emit('SUM', [c.emit('MUL', [x, x]), allAxes(c, x)], { keepDims: false });
  return [c.emit('MUL', [sum, c.scalar(sum, 0.5)])];
};

const bucketize: Lower = (c) => [c.emit('BUCKETIZE', [c.input(0)], { boundaries: c.attrs.floats('boundaries') })];

const biasAddGrad: Lower = (c) => {
  const x = c.input(0);
  const rank = c.rank(x, 'its input');
  const channel = isChannelsFirst(c) ? 1 : rank - 1;
  const axes = Array.from({ length: rank }, (_, i) => i).filter((axis) => axis !== channel);
  return [c.emit('SUM', [x, c.i32(axes)], { keepDims: false })];
};

/** How often each number below a size occurs in a row, weighted where there are weights: sums of one-hot rows. */
function countRows(c: Lowering, rows: Value, weights: Value, binary: boolean): Value {
  const rank = c.rank(rows, 'its input');
  const size = int32Input(c, 1);
  const like = c.scalar(weights, 1);
  const hot = c.emit('ONE_HOT', [rows, size, like, c.scalar(weights, 0)], { axis: -1 });
  const axis = c.i32([rank - 1]);
  if (binary) return c.emit('REDUCE_MAX', [hot, axis], { keepDims: false });
  const isWeighted = !weights.shape?.includes(0);
  const terms = isWeighted ? c.emit('MUL', [hot, c.emit('EXPAND_DIMS', [weights, c.i32(-1)])]) : hot;
  return c.emit('SUM', [terms, axis], { keepDims: false });
}

const denseBincount: Lower = (c) => {
  const rows = c.input(0).dtype === 'i64' ? c.input(0) : toInt32(c, c.input(0));
  return [countRows(c, rows, c.input(2), c.attrs.bool('binary_output', false))];
};

/** All numbers in one row. */
const bincount: Lower = (c) => {
  const flat = (x: Value) => c.emit('RESHAPE', [x, c.i32([-1])]);
  const weights = c.input(2);
  return [countRows(c, flat(toInt32(c, c.input(0))), weights.shape?.includes(0) ? weights : flat(weights), false)];
};

/** The largest elements of the last axis; old files say how many in an attribute. */
const topK: Lower = (c) => c.emitAll('TOPK_V2', [c.input(0), c.inputs[1] ? int32Input(c, 1) : c.i32(c.attrs.int('k'))]);

const approximateTopK: Lower = (c) => {
  const x = c.input(0);
  const rank = c.rank(x, 'its input');
  const axis = c.attrs.int('reduction_dimension', -1);
  if (!c.attrs.bool('is_max_k', true)) throw new ModelError('unsupported', 'looks for the smallest elements.');
  if (axis !== -1 && axis !== rank - 1) throw new ModelError('unsupported', `works on axis ${axis}, not the last one.`);
  return c.emitAll('TOPK_V2', [x, c.i32(c.attrs.int('k'))]);
};

/** Reductions, positions of extremes and running sums. */
export const reductions: Readonly<Record<string, Lower>> = {
  All: reduce('REDUCE_ALL'),
  Any: reduce('REDUCE_ANY'),
  ApproxTopK: approximateTopK,
  ArgMax: arg('ARG_MAX'),
  ArgMin: arg('ARG_MIN'),
  BiasAddGrad: biasAddGrad,
  Bincount: bincount,
  Bucketize: bucketize,
  Cumsum: cumsum,
  DenseBincount: denseBincount,
  EuclideanNorm: euclideanNorm,
  L2Loss: l2Loss,
  Max: reduce('REDUCE_MAX'),
  Mean: reduce('MEAN'),
  Min: reduce('REDUCE_MIN'),
  Prod: reduce('REDUCE_PROD'),
  Sum: reduce('SUM'),
  TopK: topK,
  TopKV2: topK,
};
