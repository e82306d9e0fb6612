import { cumsum } from './cumsum.js';
import type { Op } from './define.js';
import { findOp } from './registry.js';
import { bool, f16, f32, i32, i64, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('SUM'), {
  'one axis goes': {
    inputs: {
      input: f32([2, 3, 2], [-1.84, -0.74, 0.4, -1.73, -1.05, -0.14, 1.52, 1.04, 1.32, 1.04, 0.83, 1.4]),
      axes: i32([], [1]),
    },
    output: f32([2, 2], [-2.49, -2.6100001, 3.67, 3.48]),
  },
  'axes are kept with size 1': {
    inputs: {
      input: f32([2, 3, 2], [-1.84, -0.74, 0.4, -1.73, -1.05, -0.14, 1.52, 1.04, 1.32, 1.04, 0.83, 1.4]),
      axes: i32([2], [-1, 0]),
    },
    options: { keepDims: true },
    output: f32([1, 3, 1], [-0.0200001, 1.03, 1.04]),
  },
  'all axes go': {
    inputs: {
      input: f32([2, 3, 2], [-1.84, -0.74, 0.4, -1.73, -1.05, -0.14, 1.52, 1.04, 1.32, 1.04, 0.83, 1.4]),
      axes: i32([3], [0, 1, 2]),
    },
    output: f32([], [2.0500002]),
  },
  'no axis goes': {
    inputs: {
      input: f32([2, 3, 2], [-1.84, -0.74, 0.4, -1.73, -1.05, -0.14, 1.52, 1.04, 1.32, 1.04, 0.83, 1.4]),
      axes: i32([0], []),
    },
    output: f32([2, 3, 2], [-1.84, -0.74, 0.4, -1.73, -1.05, -0.14, 1.52, 1.04, 1.32, 1.04, 0.83, 1.4]),
  },
  'integers stay integers': {
    inputs: { input: i32([2, 2], [3, -4, 5, 100]), axes: i32([1], [0]) },
    output: i32([2], [8, 96]),
  },
  'a vector of 64-bit sizes has a known result': {
    inputs: { input: i64([3], [2, 3, 4]), axes: i32([1], [0]) },
    output: i64([], [9]),
    elements: [9],
  },
  '32-bit sums and products wrap around': {
    inputs: { input: i32([4], [1073741824, 1073741824, 1073741824, 7]), axes: i32([1], [0]) },
    output: i32([], [-1073741817]),
  },
  'float16 is computed in float32': {
    inputs: { input: f16([3], [1, 2.5, 3]), axes: i32([1], [0]) },
    output: f16([], [6.5]),
  },
  'nothing has its own result': {
    inputs: { input: f32([0, 2], []), axes: i32([1], [0]) },
    output: f32([2], [0, 0]),
  },
});

testOp(find('MEAN'), {
  'one axis goes': {
    inputs: {
      input: f32([2, 3, 2], [0.73, 0.94, -0.79, -1.33, 1.03, -1.34, 1.68, 0.39, -0.68, 1.75, -1.38, 0.06]),
      axes: i32([], [1]),
    },
    output: f32([2, 2], [0.32333332, -0.57666665, -0.12666668, 0.7333333]),
  },
  'axes are kept with size 1': {
    inputs: {
      input: f32([2, 3, 2], [0.73, 0.94, -0.79, -1.33, 1.03, -1.34, 1.68, 0.39, -0.68, 1.75, -1.38, 0.06]),
      axes: i32([2], [-1, 0]),
    },
    options: { keepDims: true },
    output: f32([1, 3, 1], [0.93499994, -0.26250005, -0.40750003]),
  },
  'all axes go': {
    inputs: {
      input: f32([2, 3, 2], [0.73, 0.94, -0.79, -1.33, 1.03, -1.34, 1.68, 0.39, -0.68, 1.75, -1.38, 0.06]),
      axes: i32([3], [0, 1, 2]),
    },
    output: f32([], [0.08833331]),
  },
  'no axis goes': {
    inputs: {
      input: f32([2, 3, 2], [0.73, 0.94, -0.79, -1.33, 1.03, -1.34, 1.68, 0.39, -0.68, 1.75, -1.38, 0.06]),
      axes: i32([0], []),
    },
    output: f32([2, 3, 2], [0.73, 0.94, -0.79, -1.33, 1.03, -1.34, 1.68, 0.39, -0.68, 1.75, -1.38, 0.06]),
  },
  'integers stay integers': {
    inputs: { input: i32([2, 2], [3, -4, 5, 100]), axes: i32([1], [0]) },
    output: i32([2], [4, 48]),
  },
  'a vector of 64-bit sizes has a known result': {
    inputs: { input: i64([3], [2, 3, 4]), axes: i32([1], [0]) },
    output: i64([], [3]),
    elements: [3],
  },
  'float16 is computed in float32': {
    inputs: { input: f16([3], [1, 2.5, 3]), axes: i32([1], [0]) },
    output: f16([], [2.166015625]),
  },
  'nothing has its own result': {
    inputs: { input: f32([0, 2], []), axes: i32([1], [0]) },
    output: f32([2], [NaN, NaN]),
  },
  'means of integers drop the fraction': {
    inputs: { input: i32([2, 2], [-3, -4, 3, 4]), axes: i32([1], [1]) },
    output: i32([2], [-3, 3]),
  },
});

testOp(find('REDUCE_PROD'), {
  'one axis goes': {
    inputs: {
      input: f32([2, 3, 2], [-1.63, 1.86, 0.3, 1.21, -0.87, 1.21, 0.81, 0.57, 1.8, -0.27, -0.34, 0.77]),
      axes: i32([], [1]),
    },
    output: f32([2, 2], [0.42543003, 2.7232263, -0.49572, -0.118503]),
  },
  'axes are kept with size 1': {
    inputs: {
      input: f32([2, 3, 2], [-1.63, 1.86, 0.3, 1.21, -0.87, 1.21, 0.81, 0.57, 1.8, -0.27, -0.34, 0.77]),
      axes: i32([2], [-1, 0]),
    },
    options: { keepDims: true },
    output: f32([1, 3, 1], [-1.3997821, -0.17641802, 0.27559686]),
  },
  'all axes go': {
    inputs: {
      input: f32([2, 3, 2], [-1.63, 1.86, 0.3, 1.21, -0.87, 1.21, 0.81, 0.57, 1.8, -0.27, -0.34, 0.77]),
      axes: i32([3], [0, 1, 2]),
    },
    output: f32([], [0.06805776]),
  },
  'no axis goes': {
    inputs: {
      input: f32([2, 3, 2], [-1.63, 1.86, 0.3, 1.21, -0.87, 1.21, 0.81, 0.57, 1.8, -0.27, -0.34, 0.77]),
      axes: i32([0], []),
    },
    output: f32([2, 3, 2], [-1.63, 1.86, 0.3, 1.21, -0.87, 1.21, 0.81, 0.57, 1.8, -0.27, -0.34, 0.77]),
  },
  'integers stay integers': {
    inputs: { input: i32([2, 2], [3, -4, 5, 100]), axes: i32([1], [0]) },
    output: i32([2], [15, -400]),
  },
  'a vector of 64-bit sizes has a known result': {
    inputs: { input: i64([3], [2, 3, 4]), axes: i32([1], [0]) },
    output: i64([], [24]),
    elements: [24],
  },
  '32-bit sums and products wrap around': {
    inputs: { input: i32([4], [1073741824, 1073741824, 1073741824, 7]), axes: i32([1], [0]) },
    output: i32([], [0]),
  },
  'float16 is computed in float32': {
    inputs: { input: f16([3], [1, 2.5, 3]), axes: i32([1], [0]) },
    output: f16([], [7.5]),
  },
  'nothing has its own result': {
    inputs: { input: f32([0, 2], []), axes: i32([1], [0]) },
    output: f32([2], [1, 1]),
  },
});

testOp(find('REDUCE_MAX'), {
  'one axis goes': {
    inputs: {
      input: f32([2, 3, 2], [1.34, -0.66, 0.68, -1.16, 0.21, 1.08, -1.74, 0.91, -1.94, 1.83, -0.13, -0.36]),
      axes: i32([], [1]),
    },
    output: f32([2, 2], [1.34, 1.08, -0.13, 1.83]),
  },
  'axes are kept with size 1': {
    inputs: {
      input: f32([2, 3, 2], [1.34, -0.66, 0.68, -1.16, 0.21, 1.08, -1.74, 0.91, -1.94, 1.83, -0.13, -0.36]),
      axes: i32([2], [-1, 0]),
    },
    options: { keepDims: true },
    output: f32([1, 3, 1], [1.34, 1.83, 1.08]),
  },
  'all axes go': {
    inputs: {
      input: f32([2, 3, 2], [1.34, -0.66, 0.68, -1.16, 0.21, 1.08, -1.74, 0.91, -1.94, 1.83, -0.13, -0.36]),
      axes: i32([3], [0, 1, 2]),
    },
    output: f32([], [1.83]),
  },
  'no axis goes': {
    inputs: {
      input: f32([2, 3, 2], [1.34, -0.66, 0.68, -1.16, 0.21, 1.08, -1.74, 0.91, -1.94, 1.83, -0.13, -0.36]),
      axes: i32([0], []),
    },
    output: f32([2, 3, 2], [1.34, -0.66, 0.68, -1.16, 0.21, 1.08, -1.74, 0.91, -1.94, 1.83, -0.13, -0.36]),
  },
  'integers stay integers': {
    inputs: { input: i32([2, 2], [3, -4, 5, 100]), axes: i32([1], [0]) },
    output: i32([2], [5, 100]),
  },
  'a vector of 64-bit sizes has a known result': {
    inputs: { input: i64([3], [2, 3, 4]), axes: i32([1], [0]) },
    output: i64([], [4]),
    elements: [4],
  },
  'float16 is computed in float32': {
    inputs: { input: f16([3], [1, 2.5, 3]), axes: i32([1], [0]) },
    output: f16([], [3]),
  },
  'nothing has its own result': {
    inputs: { input: f32([0, 2], []), axes: i32([1], [0]) },
    output: f32([2], [-Infinity, -Infinity]),
  },
});

testOp(find('REDUCE_MIN'), {
  'one axis goes': {
    inputs: {
      input: f32([2, 3, 2], [0.88, 0.09, 0.92, -1.66, 0.25, 0.23, 1.73, -1.84, -0.19, 0.52, 0.2, -1.7]),
      axes: i32([], [1]),
    },
    output: f32([2, 2], [0.25, -1.66, -0.19, -1.84]),
  },
  'axes are kept with size 1': {
    inputs: {
      input: f32([2, 3, 2], [0.88, 0.09, 0.92, -1.66, 0.25, 0.23, 1.73, -1.84, -0.19, 0.52, 0.2, -1.7]),
      axes: i32([2], [-1, 0]),
    },
    options: { keepDims: true },
    output: f32([1, 3, 1], [-1.84, -1.66, -1.7]),
  },
  'all axes go': {
    inputs: {
      input: f32([2, 3, 2], [0.88, 0.09, 0.92, -1.66, 0.25, 0.23, 1.73, -1.84, -0.19, 0.52, 0.2, -1.7]),
      axes: i32([3], [0, 1, 2]),
    },
    output: f32([], [-1.84]),
  },
  'no axis goes': {
    inputs: {
      input: f32([2, 3, 2], [0.88, 0.09, 0.92, -1.66, 0.25, 0.23, 1.73, -1.84, -0.19, 0.52, 0.2, -1.7]),
      axes: i32([0], []),
    },
    output: f32([2, 3, 2], [0.88, 0.09, 0.92, -1.66, 0.25, 0.23, 1.73, -1.84, -0.19, 0.52, 0.2, -1.7]),
  },
  'integers stay integers': {
    inputs: { input: i32([2, 2], [3, -4, 5, 100]), axes: i32([1], [0]) },
    output: i32([2], [3, -4]),
  },
  'a vector of 64-bit sizes has a known result': {
    inputs: { input: i64([3], [2, 3, 4]), axes: i32([1], [0]) },
    output: i64([], [2]),
    elements: [2],
  },
  'float16 is computed in float32': {
    inputs: { input: f16([3], [1, 2.5, 3]), axes: i32([1], [0]) },
    output: f16([], [1]),
  },
  'nothing has its own result': {
    inputs: { input: f32([0, 2], []), axes: i32([1], [0]) },
    output: f32([2], [Infinity, Infinity]),
  },
});

testOp(find('REDUCE_ANY'), {
  'rows are judged': {
    inputs: { input: bool([3, 2], [1, 0, 1, 1, 0, 0]), axes: i32([1], [1]) },
    output: bool([3], [1, 1, 0]),
  },
  'all is judged': {
    inputs: { input: bool([3, 2], [1, 0, 1, 1, 0, 0]), axes: i32([2], [0, 1]) },
    output: bool([], [1]),
  },
});

testOp(find('REDUCE_ALL'), {
  'rows are judged': {
    inputs: { input: bool([3, 2], [1, 0, 1, 1, 0, 0]), axes: i32([1], [1]) },
    output: bool([3], [0, 1, 0]),
  },
  'all is judged': {
    inputs: { input: bool([3, 2], [1, 0, 1, 1, 0, 0]), axes: i32([2], [0, 1]) },
    output: bool([], [0]),
  },
});

testOp(cumsum, {
  'sums run on': {
    inputs: { input: i32([2, 3], [1, 2, 3, 4, 5, 6]), axis: i32([], [1]) },
    options: { exclusive: false, reverse: false },
    output: i32([2, 3], [1, 3, 6, 4, 9, 15]),
  },
  'sums run back': {
    inputs: { input: i32([2, 3], [1, 2, 3, 4, 5, 6]), axis: i32([], [1]) },
    options: { exclusive: false, reverse: true },
    output: i32([2, 3], [6, 5, 3, 15, 11, 6]),
  },
  'sums run on before the element': {
    inputs: { input: i32([2, 3], [1, 2, 3, 4, 5, 6]), axis: i32([], [1]) },
    options: { exclusive: true, reverse: false },
    output: i32([2, 3], [0, 1, 3, 0, 4, 9]),
  },
  'sums run back before the element': {
    inputs: { input: i32([2, 3], [1, 2, 3, 4, 5, 6]), axis: i32([], [1]) },
    options: { exclusive: true, reverse: true },
    output: i32([2, 3], [5, 3, 0, 11, 6, 0]),
  },
  'sums run down columns': {
    inputs: { input: i64([2, 3], [1, 2, 3, 4, 5, 6]), axis: i32([], [-2]) },
    output: i64([2, 3], [1, 2, 3, 5, 7, 9]),
  },
  'floats add up': {
    inputs: { input: f32([3], [0.1, 0.2, 0.3]), axis: i32([], [0]) },
    output: f32([3], [0.1, 0.3, 0.6]),
  },
});
