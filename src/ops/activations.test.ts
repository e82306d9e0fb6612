import { addN } from './add-n.js';
import { gelu } from './gelu.js';
import { leakyRelu } from './leaky-relu.js';
import { prelu } from './prelu.js';
import { f32, i32, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(leakyRelu, {
  'negative numbers are flattened': {
    inputs: { input: f32([4], [-3, -0.5, 0, 2]) },
    options: { alpha: 0.1 },
    output: f32([4], [-0.3, -0.05, 0, 2]),
  },
});

testOp(prelu, {
  'each channel has its slope': {
    inputs: { input: f32([2, 3], [-0.32, 1.31, 1.31, -0.11, 1.07, -0.17]), alpha: f32([3], [0.1, 0.5, -1]) },
    output: f32([2, 3], [-0.032, 1.31, 1.31, -0.011, 1.07, 0.17]),
  },
});

testOp(gelu, {
  'the exact form has its values': {
    inputs: { input: f32([11], [-9, -4, -3, -2, -0.5, 0, 0.3, 1, 2.4, 2.6, 5]) },
    options: { approximate: false },
    output: f32(
      [11],
      [
        -1.015731e-18, -0.000126685, -0.0040496946, -0.045500267, -0.15426877, 0, 0.18537344, 0.8413447, 2.380326,
        2.5878808, 4.9999986,
      ],
    ),
  },
  'the approximation has its values': {
    inputs: { input: f32([11], [-9, -4, -3, -2, -0.5, 0, 0.3, 1, 2.4, 2.6, 5]) },
    options: { approximate: true },
    output: f32(
      [11],
      [-0, -7.024596e-5, -0.0036373923, -0.045402307, -0.154286, 0, 0.18537094, 0.841192, 2.3807232, 2.588346, 5],
    ),
  },
});

testOp(addN, {
  'all are added': {
    inputs: {
      values: [
        f32([2, 2], [-0.51, 0.18, -1.19, -0.73]),
        f32([2, 2], [0.83, 1.08, -1.77, 0.93]),
        f32([2, 2], [1.27, -0.22, -1.75, 0.73]),
      ],
    },
    output: f32([2, 2], [1.5899999, 1.04, -4.71, 0.93]),
  },
  'one stays as it is': {
    inputs: { values: [i32([2], [1, 2])] },
    output: i32([2], [1, 2]),
  },
});
