import { expect, it } from 'vitest';
import type { Op } from './define.js';
import { findOp } from './registry.js';
import { segmentSum } from './segment.js';
import { errorOf, f32, i32, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(segmentSum, {
  'rows of one id add up': {
    inputs: { data: f32([4, 2], [0.37, -1.11, -1.22, 1.51, -1.21, -0.18, 1, 0.83]), ids: i32([4], [0, 0, 2, 2]) },
    output: f32([3, 2], [-0.85, 0.39999998, 0, 0, -0.21000004, 0.65]),
  },
});

testOp(find('UNSORTED_SEGMENT_SUM'), {
  'rows of a negative id are left out': {
    inputs: {
      data: f32([4, 2], [0.21, 1.23, -0.14, 0.48, 1.28, 0.71, 0.57, -0.38]),
      ids: i32([4], [2, 0, -1, 2]),
      count: i32([], [3]),
    },
    output: f32([3, 2], [-0.14, 0.48, 0, 0, 0.78, 0.85]),
  },
  'elements have ids': {
    inputs: { data: i32([2, 2], [-8, 1, -4, -2]), ids: i32([2, 2], [0, 1, 1, 0]), count: i32([], [3]) },
    output: i32([3], [-10, -3, 0]),
  },
});

testOp(find('UNSORTED_SEGMENT_PROD'), {
  'rows of a negative id are left out': {
    inputs: {
      data: f32([4, 2], [0.98, -0.48, -0.13, 1.02, 0.01, -0.65, 1.31, -0.48]),
      ids: i32([4], [2, 0, -1, 2]),
      count: i32([], [3]),
    },
    output: f32([3, 2], [-0.13, 1.02, 1, 1, 1.2838, 0.2304]),
  },
  'elements have ids': {
    inputs: { data: i32([2, 2], [-3, 6, -8, 5]), ids: i32([2, 2], [0, 1, 1, 0]), count: i32([], [3]) },
    output: i32([3], [-15, -48, 1]),
  },
});

testOp(find('UNSORTED_SEGMENT_MAX'), {
  'rows of a negative id are left out': {
    inputs: {
      data: f32([4, 2], [-0.21, 0.85, -1.86, -0.44, 1.44, 0.32, 0.23, 0.66]),
      ids: i32([4], [2, 0, -1, 2]),
      count: i32([], [3]),
    },
    output: f32([3, 2], [-1.86, -0.44, -3.4028235e38, -3.4028235e38, 0.23, 0.85]),
  },
  'elements have ids': {
    inputs: { data: i32([2, 2], [4, 3, -5, 1]), ids: i32([2, 2], [0, 1, 1, 0]), count: i32([], [3]) },
    output: i32([3], [4, 3, -2147483648]),
  },
});

testOp(find('UNSORTED_SEGMENT_MIN'), {
  'rows of a negative id are left out': {
    inputs: {
      data: f32([4, 2], [-0.32, -1.27, -0.83, -0.83, -0.28, 2, -0.59, -0.21]),
      ids: i32([4], [2, 0, -1, 2]),
      count: i32([], [3]),
    },
    output: f32([3, 2], [-0.83, -0.83, 3.4028235e38, 3.4028235e38, -0.59, -1.27]),
  },
  'elements have ids': {
    inputs: { data: i32([2, 2], [7, -3, -5, 1]), ids: i32([2, 2], [0, 1, 1, 0]), count: i32([], [3]) },
    output: i32([3], [1, -5, 2147483647]),
  },
});

it('ids out of order are refused', () => {
  const inputs = { data: i32([2], [1, 2]), ids: i32([2], [1, 0]) };
  expect(errorOf(segmentSum, { inputs }, 'run')).toBe('ids should be sorted, got [1,0]');
});
