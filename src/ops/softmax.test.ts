import { expect, it } from 'vitest';
import type { Op } from './define.js';
import { softmaxes } from './softmax.js';
import { errorOf, f16, f32, testOp, versionOf } from './testing.js';

const [softmax, logSoftmax] = softmaxes as readonly [Op, Op];

// Expected values: tf.nn.softmax and tf.nn.log_softmax of TensorFlow 2.21.
testOp(softmax, {
  'beta scales the logits': {
    inputs: { input: f32([2, 3], [1, 2, 3, -1, 0, 1]) },
    options: { beta: 2 },
    output: f32([2, 3], [0.01587624, 0.1173104, 0.8668134, 0.01587624, 0.1173104, 0.8668134]),
    version: 1,
  },
  'large logits do not overflow': {
    inputs: { input: f32([2, 2], [1000, 1000, -1000, 1000]) },
    output: f32([2, 2], [0.5, 0.5, 0, 1]),
  },
  '16-bit floats work': {
    inputs: { input: f16([2], [0, 0]) },
    output: f16([2], [0.5, 0.5]),
    version: 4,
  },
});

testOp(logSoftmax, {
  'the logarithm of the softmax': {
    inputs: { input: f32([2, 3], [1, 2, 3, -1, 0, 1]) },
    output: f32([2, 3], [-2.407606, -1.407606, -0.4076059, -2.407606, -1.407606, -0.4076059]),
    version: 1,
  },
  'large logits do not lose the small ones': {
    inputs: { input: f32([1, 2], [-1000, 1000]) },
    output: f32([1, 2], [-2000, 0]),
  },
});

it('a scalar has no last axis', () => {
  expect(errorOf(softmax, { inputs: { input: f32([], [1]) } })).toBe('input expects rank 1 or more, got a scalar');
});

it('integers have versions of their own', () => {
  const value = (dtype: 'i8' | 'i16') => ({ dtype, shape: [2] });
  expect(versionOf(softmax, [value('i8')], [value('i8')])).toBe(2);
  expect(versionOf(softmax, [value('i16')], [value('i16')])).toBe(3);
  expect(versionOf(logSoftmax, [value('i8')], [value('i8')])).toBe(2);
});
