import { expect, it } from 'vitest';
import { slice } from './slice.js';
import { errorOf, i32, i64, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(slice, {
  'a window starts anywhere': {
    inputs: {
      input: i32([3, 4], [3, -3, 5, -9, 7, -7, -2, 8, -8, 2, 4, -2]),
      begin: i32([2], [1, 2]),
      size: i32([2], [2, 1]),
    },
    output: i32([2, 1], [-2, 4]),
  },
  'a size of -1 takes the rest': {
    inputs: {
      input: i32([3, 4], [3, -3, 5, -9, 7, -7, -2, 8, -8, 2, 4, -2]),
      begin: i64([2], [1, 0]),
      size: i64([2], [-1, 3]),
    },
    output: i32([2, 3], [7, -7, -2, -8, 2, 4]),
  },
  'a window of a shape is known': {
    inputs: { input: i32([3], [4, 5, 6]), begin: i32([1], [1]), size: i32([1], [2]) },
    output: i32([2], [5, 6]),
    elements: [5, 6],
  },
  'an empty window has no elements': {
    inputs: {
      input: i32([3, 4], [3, -3, 5, -9, 7, -7, -2, 8, -8, 2, 4, -2]),
      begin: i32([2], [3, 0]),
      size: i32([2], [0, 4]),
    },
    output: i32([0, 4], []),
  },
  'texts are cut out': {
    inputs: { input: strings([3], ['a', 'b', 'c']), begin: i32([1], [1]), size: i32([1], [1]) },
    output: strings([1], ['b']),
    version: 3,
  },
});

it('a window beyond the axis is refused', () => {
  const inputs = { input: i32([2], [1, 2]), begin: i32([1], [1]), size: i32([1], [2]) };
  expect(errorOf(slice, { inputs })).toBe('axis 0 of [2] has no window from 1 of size 2');
});
