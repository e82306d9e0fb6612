import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isObject } from '../json.js';
import type { LayerCall, Lower } from './context.js';

/** Axes counted from the front. */
function axesOf(c: LayerCall, rank: number, fallback: number): number[] {
  const axes = (c.config.numbers('axis') ?? [fallback]).map((a) => (a < 0 ? a + rank : a));
  if (axes.every((a) => Number.isInteger(a) && a >= 0 && a < rank)) return axes.sort((a, b) => a - b);
  throw new ModelError('malformed-file', `axis: axes of ${rank} expected, got ${axes}`);
}

/** Weights of one axis, or several, in a shape that broadcasts against a value of `rank` axes. */
export function spread(c: LayerCall, weights: Value, axes: readonly number[], rank: number): Value {
  const shape = weights.shape ?? [];
  const isLast = axes.every((a, i) => a === rank - axes.length + i);
  if (isLast || shape.length !== axes.length) return weights;
  const full = new Array<number>(rank - (axes[0] ?? 0)).fill(1);
  for (const [i, axis] of axes.entries()) full[axis - (axes[0] ?? 0)] = shape[i] ?? 1;
  return c.reshapeWeights(weights, full);
}

/** `x factor + offset`, each of which may be absent. */
export function affine(c: LayerCall, x: Value, factor: Value | undefined, offset: Value | undefined): Value {
  const y = factor ? c.emit('MUL', [x, factor]) : x;
  return offset ? c.emit('ADD', [y, offset]) : y;
}

/** The scale and offset of a normalization that has them, and the index of the weight behind. */
function gammaAndBeta(c: LayerCall): { gamma: Value | undefined; beta: Value | undefined; next: number } {
  let next = 0;
  const gamma = c.config.bool('scale', true) ? c.weight(next++, 'gamma') : undefined;
  const beta = c.config.bool('center', true) ? c.weight(next++, 'beta') : undefined;
  return { gamma, beta, next };
}

/** `gamma (x - mean) / sqrt(variance + epsilon) + beta`, as one factor and one offset of each channel. */
const batchNormalization: Lower = (c) => {
  const x = c.float(c.input());
  const rank = c.shapeOf(x).length;
  const axes = axesOf(c, rank, -1);
  const { gamma, beta, next } = gammaAndBeta(c);
  const [mean, variance] = [c.weight(next, 'moving_mean'), c.weight(next + 1, 'moving_variance')];
  const inverse = c.emit('RSQRT', [c.emit('ADD', [variance, c.f32(c.config.number('epsilon', 1e-3))])]);
  const factor = gamma ? c.emit('MUL', [inverse, gamma]) : inverse;
  const shift = c.emit('MUL', [mean, factor]);
  const offset = beta ? c.emit('SUB', [beta, shift]) : c.emit('NEG', [shift]);
  return affine(c, x, spread(c, factor, axes, rank), spread(c, offset, axes, rank));
};

/** `(x - mean) / sqrt(variance + epsilon)` over the axes. */
export function standardized(c: LayerCall, x: Value, axes: readonly number[], epsilon: number): Value {
  const over = c.i32(axes);
  const mean = c.emit('MEAN', [x, over], { keepDims: true });
  const variance = c.emit('MEAN', [c.emit('SQUARED_DIFFERENCE', [x, mean]), over], { keepDims: true });
  const inverse = c.emit('RSQRT', [c.emit('ADD', [variance, c.f32(epsilon)])]);
  return c.emit('MUL', [c.emit('SUB', [x, mean]), inverse]);
}

/** `x / sqrt(mean x² + epsilon)` over the axes. */
export function rootMeanSquared(c: LayerCall, x: Value, axes: readonly number[], epsilon: number): Value {
  const square = c.emit('MEAN', [c.emit('MUL', [x, x]), c.i32(axes)], { keepDims: true });
  return c.emit('MUL', [x, c.emit('RSQRT', [c.emit('ADD', [square, c.f32(epsilon)])])]);
}

const layerNormalization: Lower = (c) => {
  const x = c.float(c.input());
  const rank = c.shapeOf(x).length;
  const axes = axesOf(c, rank, -1);
  const epsilon = c.config.number('epsilon', 1e-3);
  if (c.config.bool('rms_scaling', false)) {
    const mean = c.emit('MEAN', [x, c.i32(axes)], { keepDims: true });
    const squares = c.emit('MEAN', [c.emit('SQUARED_DIFFERENCE', [x, mean]), c.i32(axes)], { keepDims: true });
    const inverse = c.emit('RSQRT', [c.emit('ADD', [squares, c.f32(epsilon)])]);
    return c.emit('MUL', [c.emit('MUL', [x, inverse]), spread(c, c.weight(0, 'gamma'), axes, rank)]);
  }
  const { gamma, beta } = gammaAndBeta(c);
  const y = standardized(c, x, axes, epsilon);
  return affine(c, y, gamma && spread(c, gamma, axes, rank), beta && spread(c, beta, axes, rank));
};

/** Statistics over groups of channels, `[N, ..., C]` as `[N, ..., G, C / G]`. */
const groupNormalization: Lower = (c) => {
  const given = c.float(c.input());
  const rank = c.shapeOf(given).length;
  const [axis = rank - 1] = axesOf(c, rank, -1);
  const others = [...Array(rank).keys()].filter((i) => i !== axis);
  const x = c.transpose(given, [...others, axis]);
  const shape = c.shapeOf(x);
  const channels = shape[rank - 1] ?? -1;
  const groups = c.config.number('groups', 32) === -1 ? channels : c.config.integer('groups', 32, 1);
  if (channels < 0 || channels % groups !== 0)
    throw new ModelError('malformed-file', `groups: a divisor of ${channels} expected`);
  const parts = c.reshape(x, [...shape.slice(0, -1), groups, channels / groups], x);
  const over = Array.from({ length: rank - 2 }, (_, i) => i + 1);
  const y = standardized(c, parts, [...over, rank], c.config.number('epsilon', 1e-3));
  const { gamma, beta } = gammaAndBeta(c);
  const back = Array.from({ length: rank }, (_, i) => (i === axis ? rank - 1 : others.indexOf(i)));
  return c.transpose(affine(c, c.reshape(y, shape, x), gamma, beta), back);
};

/** `x / sqrt(max(sum x², 1e-24))`, as Keras bounds the norm. */
const unitNormalization: Lower = (c) => {
  const x = c.float(c.input());
  const axes = axesOf(c, c.shapeOf(x).length, -1);
  const squares = c.emit('SUM', [c.emit('MUL', [x, x]), c.i32(axes)], { keepDims: true });
  return c.emit('MUL', [x, c.emit('RSQRT', [c.emit('MAXIMUM', [squares, c.f32(1e-24)])])]);
};

/** Numbers of the configuration, nested or not. */
function configured(c: LayerCall, key: string): Value | undefined {
  const list = c.config.numbers(key);
  return list && c.f32(list, list.length === 1 ? [] : [list.length]);
}

/** `(x - mean) / max(sqrt(variance), 1e-7)`, with statistics from the configuration or the weights. */
const normalization: Lower = (c) => {
  const x = c.float(c.input());
  const rank = c.shapeOf(x).length;
  const axes = c.config.object.axis === null ? [] : axesOf(c, rank, -1);
  const read = (key: string, index: number) => configured(c, key) ?? c.weight(index, key);
  const [mean, variance] = [read('mean', 0), read('variance', 1)];
  const deviation = c.emit('MAXIMUM', [c.emit('SQRT', [variance]), c.f32(1e-7)]);
  const [m, d] = [spread(c, mean, axes, rank), spread(c, deviation, axes, rank)];
  if (c.config.bool('invert', false)) return c.emit('ADD', [m, c.emit('MUL', [x, d])]);
  return c.emit('DIV', [c.emit('SUB', [x, m]), d]);
};

const rescaling: Lower = (c) => {
  const x = c.float(c.input());
  const offset = configured(c, 'offset');
  const isZero = offset?.constant?.numbers().every((n) => n === 0) ?? true;
  const scale = isObject(c.config.get('scale')) ? undefined : configured(c, 'scale');
  return affine(c, x, scale ?? c.f32(1), isZero ? undefined : offset);
};

/** Normalization. */
export const normalizations: Readonly<Record<string, Lower>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  BatchNormalizationV2: batchNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  // Of ConvNeXt, in `keras.applications`.
  LayerScale: (c) => c.emit('MUL', [c.float(c.input()), c.weight(0, 'gamma')]),
  Normalization: normalization,
  RMSNormalization: (c) => {
    const x = c.float(c.input());
    const rank = c.shapeOf(x).length;
    const axes = axesOf(c, rank, -1);
    const y = rootMeanSquared(c, x, axes, c.config.number('epsilon', 1e-6));
    return c.emit('MUL', [y, spread(c, c.weight(0, 'scale'), axes, rank)]);
  },
  Rescaling: rescaling,
  SyncBatchNormalization: batchNormalization,
  UnitNormalization: unitNormalization,
};
