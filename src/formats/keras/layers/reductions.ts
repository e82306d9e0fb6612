import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { asBool } from './elementwise.js';
import { axesOf, axisOf, numbersOf } from './operands.js';

/** Over which axes, and whether they stay with size 1: an argument, or all axes. */
function scopeOf(c: LayerCall): { readonly axes: number[]; readonly keepDims: boolean } {
  const rank = c.shapeOf(c.input()).length;
  const axes = axesOf(c, 1, 'axis', rank) ?? Array.from({ length: rank }, (_, i) => i);
  const keepDims = c.plain(2, 'keepdims') === true || c.plain(2, 'keep_dims') === true;
  return { axes, keepDims };
}

const reduction =
  (op: string, prepare: (c: LayerCall, x: Value) => Value = (_, x) => x): Lower =>
  (c) => {
    const { axes, keepDims } = scopeOf(c);
    return c.emit(op, [prepare(c, c.input()), c.i32(axes)], { keepDims });
  };

const asFloat = (c: LayerCall, x: Value): Value => c.float(x);
/** Bools are counted. */
const asNumber = (c: LayerCall, x: Value): Value => (x.dtype === 'bool' ? c.cast(x, 'i32') : x);

function variance(c: LayerCall): Value {
  const { axes, keepDims } = scopeOf(c);
  const x = c.float(c.input());
  const mean = c.emit('MEAN', [x, c.i32(axes)], { keepDims: true });
  return c.emit('MEAN', [c.emit('SQUARED_DIFFERENCE', [x, mean]), c.i32(axes)], { keepDims });
}

const moments: Lower = (c) => {
  const over = c.part({ kwargs: { ...c.facts.kwargs, axis: { value: c.plain(1, 'axes') ?? null } } });
  return [reduction('MEAN', asFloat)(over) as Value, variance(over)];
};

/** `log sum e^x`, without overflow. */
const logSumExp: Lower = (c) => {
  const { axes, keepDims } = scopeOf(c);
  const x = c.float(c.input());
  const most = c.emit('REDUCE_MAX', [x, c.i32(axes)], { keepDims: true });
  const sum = c.emit('SUM', [c.emit('EXP', [c.emit('SUB', [x, most])]), c.i32(axes)], { keepDims: true });
  const y = c.emit('ADD', [c.emit('LOG', [sum]), most]);
  return keepDims ? y : c.emit('SQUEEZE', [y], { squeezeDims: axes });
};

/** The place of the extreme along an axis; of all elements in a row where none is given. */
const argExtreme =
  (op: 'ARG_MAX' | 'ARG_MIN', fallback?: number): Lower =>
  (c) => {
    const isWhole = c.plain(1, 'axis') === undefined && fallback === undefined;
    const x = isWhole ? c.reshape(c.input(), [-1]) : c.input();
    const axis = isWhole ? 0 : axisOf(c, 1, 'axis', fallback ?? 0);
    const outputType =
      String(c.plain(99, 'output_type') ?? '').includes('32') || c.facts.isOperation ? 'INT32' : 'INT64';
    const y = c.emit(op, [x, c.i32(axis)], { outputType });
    if (c.plain(2, 'keepdims') !== true) return y;
    return isWhole ? c.reshape(y, c.shapeOf(c.input()).map(() => 1)) : c.emit('EXPAND_DIMS', [y, c.i32(axis)]); // biome-ignore format: short
  };

/** The length of the vectors along the axes. */
const norm: Lower = (c) => {
  const { axes, keepDims } = scopeOf(c.part({ args: c.facts.args.slice(0, 1) }));
  const order = c.plain(1, 'ord') ?? 'euclidean';
  const x = c.float(c.input());
  if (order === 1) return c.emit('SUM', [c.emit('ABS', [x]), c.i32(axes)], { keepDims });
  if (order !== 2 && order !== 'euclidean' && order !== 'fro')
    throw new ModelError('unsupported', `is a norm of order ${order}; 1 and 2 are known here.`);
  return c.emit('SQRT', [c.emit('SUM', [c.emit('MUL', [x, x]), c.i32(axes)], { keepDims })]);
};

/** Vectors of length 1, whose length before is at least the square root of `least`. */
const unit =
  (least: number): Lower =>
  (c) => {
    const order = c.plain(99, 'order') ?? 2;
    if (order !== 2) throw new ModelError('unsupported', `normalizes by order ${order}; 2 is known here.`);
    const rank = c.shapeOf(c.input()).length;
    const axes = axesOf(c, 1, 'axis', rank) ?? (c.facts.isOperation ? [rank - 1] : [...Array(rank).keys()]);
    const x = c.float(c.input());
    const epsilon = numbersOf(c.plain(99, 'epsilon'))?.[0];
    const bound = epsilon === undefined ? least : c.facts.isOperation ? epsilon ** 2 : epsilon;
    const squares = c.emit('SUM', [c.emit('MUL', [x, x]), c.i32(axes)], { keepDims: true });
    return c.emit('MUL', [x, c.emit('RSQRT', [c.emit('MAXIMUM', [squares, c.f32(bound)])])]);
  };

/** Functions of `keras.ops` over axes, by class. */
export const reductions: Readonly<Record<string, Lower>> = {
  All: reduction('REDUCE_ALL', asBool),
  Amax: reduction('REDUCE_MAX'),
  Amin: reduction('REDUCE_MIN'),
  Any: reduction('REDUCE_ANY', asBool),
  Argmax: argExtreme('ARG_MAX'),
  Argmin: argExtreme('ARG_MIN'),
  Average: (c) => {
    const weights = c.facts.kwargs.weights;
    if (weights && 'tensor' in weights) throw new ModelError('unsupported', 'is an average by weights.');
    return reduction('MEAN', asFloat)(c);
  },
  CountNonzero: reduction('SUM', (c, x) => c.cast(asBool(c, x), 'i32')),
  EuclideanNorm: norm,
  L2Loss: (c) => {
    const x = c.float(c.reshape(c.input(), [-1]));
    return c.emit('MUL', [c.emit('SUM', [c.emit('MUL', [x, x]), c.i32([0])], { keepDims: false }), c.f32(0.5)]);
  },
  L2Normalize: unit(1e-12),
  Logsumexp: logSumExp,
  Max: reduction('REDUCE_MAX'),
  Mean: reduction('MEAN', asFloat),
  Min: reduction('REDUCE_MIN'),
  Norm: norm,
  Normalize: unit(1e-14),
  Moments: moments,
  Prod: reduction('REDUCE_PROD'),
  Ptp: (c) => c.emit('SUB', [reduction('REDUCE_MAX')(c) as Value, reduction('REDUCE_MIN')(c) as Value]),
  Std: (c) => c.emit('SQRT', [variance(c)]),
  Sum: reduction('SUM', asNumber),
  TensorFlowArgMax: argExtreme('ARG_MAX', 0),
  TensorFlowArgMin: argExtreme('ARG_MIN', 0),
  Var: variance,
};
