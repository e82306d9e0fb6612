import { reverse, reverseSequence } from './reverse.js';
import { i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(reverse, {
  'axes [0] turn around': {
    inputs: { input: i32([2, 3, 2], [7, 7, 4, 4, 1, 1, 5, -2, 8, 6, -3, -2]), axes: i32([1], [0]) },
    output: i32([2, 3, 2], [5, -2, 8, 6, -3, -2, 7, 7, 4, 4, 1, 1]),
  },
  'axes [1, 2] turn around': {
    inputs: { input: i32([2, 3, 2], [7, 7, 4, 4, 1, 1, 5, -2, 8, 6, -3, -2]), axes: i32([2], [1, 2]) },
    output: i32([2, 3, 2], [1, 1, 4, 4, 7, 7, -2, -3, 6, 8, -2, 5]),
  },
  'axes [-1] turn around': {
    inputs: { input: i32([2, 3, 2], [7, 7, 4, 4, 1, 1, 5, -2, 8, 6, -3, -2]), axes: i32([1], [-1]) },
    output: i32([2, 3, 2], [7, 7, 4, 4, 1, 1, -2, 5, 6, 8, -2, -3]),
  },
  'a known vector turns around': {
    inputs: { input: i32([3], [1, 2, 3]), axes: i32([1], [0]) },
    output: i32([3], [3, 2, 1]),
    elements: [3, 2, 1],
  },
});

testOp(reverseSequence, {
  'each batch turns its own length': {
    inputs: {
      input: i32([3, 4, 2], [3, 7, -8, -8, -5, -2, -7, 0, 0, 8, 4, -5, 5, 5, 3, 3, -4, 3, -7, 2, 7, 8, -4, -4]),
      lengths: i32([3], [2, 4, 0]),
    },
    options: { seqDim: 1, batchDim: 0 },
    output: i32([3, 4, 2], [-8, -8, 3, 7, -5, -2, -7, 0, 3, 3, 5, 5, 4, -5, 0, 8, -4, 3, -7, 2, 7, 8, -4, -4]),
  },
  'the batch may be behind the sequence': {
    inputs: {
      input: i32([3, 4, 2], [3, 7, -8, -8, -5, -2, -7, 0, 0, 8, 4, -5, 5, 5, 3, 3, -4, 3, -7, 2, 7, 8, -4, -4]),
      lengths: i64([4], [1, 2, 3, 2]),
    },
    options: { seqDim: 0, batchDim: 1 },
    output: i32([3, 4, 2], [3, 7, 4, -5, 7, 8, 3, 3, 0, 8, -8, -8, 5, 5, -7, 0, -4, 3, -7, 2, -5, -2, -4, -4]),
  },
});
