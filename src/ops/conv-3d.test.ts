import { expect, it } from 'vitest';
import { conv3d } from './conv-3d.js';
import { conv3dTranspose } from './conv-3d-transpose.js';
import { errorOf, f32, i32, mixed, testOp } from './testing.js';

// Expected values: tf.nn.conv3d and tf.nn.conv3d_transpose of TensorFlow 2.21; dilation with the TFLite reference kernel.
testOp(conv3d, {
  'each axis has its stride, and SAME padding': {
    inputs: {
      input: f32([1, 3, 4, 3, 2], mixed(72)),
      filter: f32([2, 2, 2, 2, 2], mixed(32, 1)),
      bias: f32([2], [1, -1]),
    },
    options: { padding: 'SAME', strideH: 2 },
    output: f32(
      [1, 3, 2, 3, 2],
      [
        46, -32, 43, -51, -11, 47, -49, 41, -30, 44, 32, -46, 43, -51, 7, 51, -13, -29, -30, 44, 11, -52, -3, 10, 27,
        19, -4, 35, -1, -12, -27, -50, 30, -23, -13, 29,
      ],
    ),
  },
  'each axis has its dilation, and RELU bounds the result': {
    inputs: { input: f32([1, 3, 4, 3, 2], mixed(72)), filter: f32([2, 2, 2, 2, 2], mixed(32, 1)) },
    options: { padding: 'VALID', dilationDFactor: 2, dilationHFactor: 2, fusedActivationFunction: 'RELU' },
    output: f32([1, 1, 2, 2, 2], [77, 2, 0, 27, 2, 77, 0, 3]),
  },
});

testOp(conv3dTranspose, {
  'the output has the size asked for': {
    inputs: {
      outputShape: i32([5], [1, 4, 3, 2, 2]),
      filter: f32([2, 2, 2, 2, 2], mixed(32, 1)),
      input: f32([1, 2, 2, 1, 2], mixed(8)),
      bias: f32([2], [1, -1]),
    },
    options: { padding: 'SAME', strideD: 2, strideH: 2, strideW: 2 },
    output: f32(
      [1, 4, 3, 2, 2],
      [
        27, -6, -13, -24, 24, -9, -16, 28, 24, -24, -13, -6, 21, -12, -19, 25, -4, -15, -22, 22, 30, -18, -7, 22, -12,
        13, 9, 1, -14, 11, 7, -12, -15, -5, 9, 19, -16, 9, 5, -14, 15, 7, 3, -16, -7, 3, 17, -17,
      ],
    ),
  },
});

it('channels that do not fit are named', () => {
  const inputs = { input: f32([1, 1, 1, 1, 3], mixed(3)), filter: f32([1, 1, 1, 2, 1], mixed(2)) };
  expect(errorOf(conv3d, { inputs })).toBe('filter expects 2 input channels, input has 3');
});
