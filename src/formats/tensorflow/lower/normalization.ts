import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { nchwAround } from './layout.js';

/**
 * Batch normalization `(x - mean) / sqrt(variance + epsilon) * scale + offset`: with the statistics it was given as one
 * product and one sum, in training with those of its input. Channels come last.
 */
const fusedBatchNorm: Lower = (c) => {
  const [scale, offset] = [c.input(1), c.input(2)];
  const training = c.attrs.bool('is_training', true);
  const outputs = nchwAround(c, c.input(0), (x) => {
    const mean = training ? meanOf(c, x) : c.input(3);
    const variance = training ? meanOf(c, c.emit('SQUARED_DIFFERENCE', [x, mean])) : c.input(4);
    const steadied = c.emit('ADD', [variance, c.scalar(variance, c.attrs.float('epsilon', 0.0001))]);
    const factor = c.emit('MUL', [c.emit('RSQRT', [steadied]), scale]);
    const scaled = c.emit('MUL', [x, factor]);
    const shift = c.emit('SUB', [offset, c.emit('MUL', [mean, factor])]);
    return [c.emit('ADD', [scaled, shift]), mean, variance];
  });
  const [y, mean, variance] = outputs as [Value, Value, Value];
  return [y, mean, training ? unbiased(c, c.input(0), variance) : variance, mean, variance, c.scalar(y, 0)];
};

/** The mean over all axes but the last. */
function meanOf(c: Lowering, x: Value): Value {
  const axes = Array.from({ length: c.rank(x, 'its input') - 1 }, (_, i) => i);
  return c.emit('MEAN', [x, c.i32(axes)], { keepDims: false });
}

/** The variance with Bessel's correction, which the second output has in training. */
function unbiased(c: Lowering, x: Value, variance: Value): Value {
  if (!c.isRead(2)) return variance;
  const shape = c.staticShape(x, 'its input');
  const count = shape.reduce((a, b) => a * b, 1) / (variance.shape?.[0] ?? 1);
  return c.emit('MUL', [variance, c.scalar(variance, count / Math.max(count - 1, 1))]);
}

/** Batch normalization as the first files of TensorFlow have it: scale and offset come last, and the scale may not count. */
const globalBatchNorm: Lower = (c) => {
  const [x, mean, variance, offset, scale] = [0, 1, 2, 3, 4].map((i) => c.input(i)) as [
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const root = c.emit('RSQRT', [c.emit('ADD', [variance, c.scalar(variance, c.attrs.float('variance_epsilon'))])]);
  const factor = c.attrs.bool('scale_after_normalization') ? c.emit('MUL', [root, scale]) : root;
  return [c.emit('ADD', [c.emit('MUL', [x, factor]), c.emit('SUB', [offset, c.emit('MUL', [mean, factor])])])];
};

const localResponse: Lower = (c) => [
  c.emit('LOCAL_RESPONSE_NORMALIZATION', [c.input(0)], {
    radius: c.attrs.int('depth_radius', 5),
    bias: c.attrs.float('bias', 1),
    alpha: c.attrs.float('alpha', 1),
    beta: c.attrs.float('beta', 0.5),
  }),
];

/** Normalization layers. */
export const normalizations: Readonly<Record<string, Lower>> = {
  BatchNormWithGlobalNormalization: globalBatchNorm,
  FusedBatchNorm: fusedBatchNorm,
  FusedBatchNormV2: fusedBatchNorm,
  FusedBatchNormV3: fusedBatchNorm,
  LRN: localResponse,
};
