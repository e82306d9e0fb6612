import type { Op } from './define.js';
import { nonMaxSuppressions } from './non-max-suppression.js';
import { f32, i32, testOp } from './testing.js';

const [v4, v5] = nonMaxSuppressions as readonly [Op, Op];
const boxes = f32([5, 4], [0, 0, 2, 2, 0, 1, 2, 3, 2, 2, 0, 0.5, 5, 5, 6, 6, 0, 0, 1, 1]);
const scores = f32([5], [0.5, 0.9, 0.6, 0.05, 0.9]);

// Expected values: tf.raw_ops.NonMaxSuppressionV4 and V5 of TensorFlow 2.21.
testOp(v4, {
  'overlapping and unlikely boxes are dropped, and of equal scores the first box is chosen': {
    inputs: {
      boxes,
      scores,
      maxOutputSize: i32([], [4]),
      iouThreshold: f32([], [0.25]),
      scoreThreshold: f32([], [0.1]),
    },
    output: [i32([4], [1, 4, 0, 0]), i32([], [2])],
    version: 1,
  },
});

testOp(v5, {
  'with a sigma, overlap lowers scores': {
    inputs: {
      boxes,
      scores,
      maxOutputSize: i32([], [5]),
      iouThreshold: f32([], [1]),
      scoreThreshold: f32([], [0.1]),
      softNmsSigma: f32([], [0.5]),
    },
    output: [i32([5], [1, 4, 2, 0, 0]), f32([5], [0.9, 0.9, 0.5009576, 0.2394865, 0]), i32([], [4])],
    version: 1,
  },
});
