import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { LayerCall, Lower } from './context.js';
import { convolve, windowOf } from './convolution.js';
import { asBool } from './elementwise.js';
import { channelsLast } from './layout.js';
import { affine, rootMeanSquared, spread, standardized } from './normalization.js';
import { axesOf, numbersOf, operandAt } from './operands.js';

/** Far below any score. */
const UNSEEN = -0.7 * 3.4028234663852886e38;

/** Keras's own where the call gives none. */
const epsilonOf = (c: LayerCall, fallback = 1e-7): number => numbersOf(c.plain(99, 'epsilon'))?.[0] ?? fallback;

/** The axes that are normalized. */
const axesWithin = (c: LayerCall, x: Value): number[] => {
  const rank = c.shapeOf(x).length;
  return axesOf(c, 99, 'axis', rank) ?? [rank - 1];
};

const layerNormalization: Lower = (c) => {
  const x = c.float(c.input());
  if (c.plain(99, 'rms_scaling') === true) throw new ModelError('unsupported', 'scales by the root of mean squares.');
  const [axes, rank] = [axesWithin(c, x), c.shapeOf(x).length];
  const [gamma, beta] = [operandAt(c, 1, 'gamma', 'f32'), operandAt(c, 2, 'beta', 'f32')];
  const y = standardized(c, x, axes, epsilonOf(c));
  return affine(c, y, gamma && spread(c, gamma, axes, rank), beta && spread(c, beta, axes, rank));
};

const rmsNormalization: Lower = (c) => {
  const x = c.float(c.input());
  const axes = axesWithin(c, x);
  const scale = operandAt(c, 1, 'scale', 'f32');
  const y = rootMeanSquared(c, x, axes, epsilonOf(c));
  return affine(c, y, scale && spread(c, scale, axes, c.shapeOf(x).length), undefined);
};

const batchNormalization: Lower = (c) => {
  const x = c.float(c.input());
  const [axes, rank] = [axesWithin(c, x), c.shapeOf(x).length];
  const [mean, variance] = [operandAt(c, 1, 'mean', 'f32'), operandAt(c, 2, 'variance', 'f32')];
  const [offset, scale] = [operandAt(c, 3, 'offset', 'f32'), operandAt(c, 4, 'scale', 'f32')];
  if (!mean || !variance) throw new ModelError('malformed-file', 'expects a mean and a variance');
  const inverse = c.emit('RSQRT', [c.emit('ADD', [variance, c.f32(epsilonOf(c, 1e-3))])]);
  const factor = scale ? c.emit('MUL', [inverse, scale]) : inverse;
  const shift = c.emit('MUL', [mean, factor]);
  const moved = offset ? c.emit('SUB', [offset, shift]) : c.emit('NEG', [shift]);
  return affine(c, x, spread(c, factor, axes, rank), spread(c, moved, axes, rank));
};

const convolution: Lower = (c) => {
  const kernel = operandAt(c, 1, 'kernel', 'f32');
  const axes = c.shapeOf(c.input()).length - 2;
  if (!kernel || axes < 1 || axes > 3) throw new ModelError('unsupported', 'expects a kernel over one to three axes.');
  return channelsLast(c, c.float(c.input()), (x) =>
    convolve(c, axes as 1 | 2 | 3, x, kernel, undefined, windowOf(c, axes)),
  );
};

/** Keys or values `[N, S, heads, U]` for so many heads: each serves as many of the query's. */
function forHeads(c: LayerCall, x: Value, heads: number): Value {
  const own = c.shapeOf(x)[2] ?? -1;
  if (own === heads || own < 0 || heads < 0) return x;
  const places = Array.from({ length: heads }, (_, i) => Math.floor((i * own) / heads));
  return c.emit('GATHER', [x, c.i32(places)], { axis: 2, batchDims: 0 });
}

/** Places of the keys at or before that of the query. */
function causal(c: LayerCall, scores: Value): Value {
  const [queries = -1, keys = -1] = c.shapeOf(scores).slice(-2);
  if (queries < 0 || keys < 0) throw new ModelError('unsupported', 'is causal over an unknown number of steps.');
  const seen = Array.from({ length: queries * keys }, (_, i) => Number(i % keys <= Math.floor(i / keys)));
  return c.make('bool', seen, [queries, keys]);
}

/** Attention of queries `[N, T, heads, U]` to keys and values `[N, S, heads, U]`. */
const dotProductAttention: Lower = (c) => {
  const [query, key, value] = [0, 1, 2].map((i) => c.float(c.input(i))) as [Value, Value, Value];
  if ((c.plain(99, 'attn_logits_soft_cap') ?? null) !== null) throw new ModelError('unsupported', 'has a soft cap.');
  const [, , heads = -1, units = -1] = c.shapeOf(query);
  const first = (x: Value): Value => c.transpose(forHeads(c, x, heads), [0, 2, 1, 3]);
  const [scale = 1 / Math.sqrt(units)] = numbersOf(c.plain(5, 'scale')) ?? [];
  const product = c.emit('BATCH_MATMUL', [first(query), first(key)], { adjX: false, adjY: true });
  const bias = operandAt(c, 3, 'bias', 'f32');
  const scaled = affine(c, product, c.f32(scale), bias);
  const mask = operandAt(c, 4, 'mask');
  const seen = [...(mask ? [asBool(c, mask)] : []), ...(c.plain(99, 'is_causal') === true ? [causal(c, product)] : [])];
  const scores = seen.reduce((x, visible) => c.emit('SELECT_V2', [visible, x, c.f32(UNSEEN)]), scaled);
  const shares = c.emit('SOFTMAX', [scores], { beta: 1 });
  const mixed = c.emit('BATCH_MATMUL', [shares, first(value)], { adjX: false, adjY: false });
  return c.transpose(mixed, [0, 2, 1, 3]);
};

/** Functions of `keras.ops` that do what layers with weights do, by class. */
export const functionsWithWeights: Readonly<Record<string, Lower>> = {
  BatchNorm: batchNormalization,
  Conv: convolution,
  DotProductAttention: dotProductAttention,
  LayerNorm: layerNormalization,
  RMSNorm: rmsNormalization,
};
