import { dynamicUpdateSlice } from './dynamic-update-slice.js';
import { oneHot } from './one-hot.js';
import { scatterNd } from './scatter-nd.js';
import { sparseToDense } from './sparse-to-dense.js';
import { bool, f32, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(scatterNd, {
  'updates at one place add up': {
    inputs: { indices: i32([3, 1], [1, 3, 1]), updates: f32([3], [1, 2, 3]), shape: i32([1], [5]) },
    output: f32([5], [0, 4, 0, 2, 0]),
  },
  'slices are added': {
    inputs: { indices: i32([2, 1], [1, 0]), updates: i64([2, 2], [6, -6, -9, -2]), shape: i32([2], [3, 2]) },
    output: i64([3, 2], [-9, -2, 6, -6, 0, 0]),
  },
  'elements are added': {
    inputs: { indices: i32([2, 2], [0, 1, 2, 0]), updates: i32([2], [5, 6]), shape: i32([2], [3, 2]) },
    output: i32([3, 2], [0, 5, 0, 0, 6, 0]),
  },
});

testOp(sparseToDense, {
  'values go to their rows and columns': {
    inputs: {
      indices: i32([2, 2], [0, 1, 2, 0]),
      shape: i32([2], [3, 2]),
      values: f32([2], [5, 6]),
      default: f32([], [-1]),
    },
    output: f32([3, 2], [-1, 5, -1, -1, 6, -1]),
  },
  'one value goes to all places of a vector': {
    inputs: { indices: i64([2], [1, 3]), shape: i64([1], [4]), values: i64([], [7]), default: i64([], [0]) },
    output: i64([4], [0, 7, 0, 7]),
    version: 2,
  },
  'a scalar is one place': {
    inputs: { indices: i32([], [2]), shape: i32([1], [4]), values: i32([], [7]), default: i32([], [1]) },
    output: i32([4], [1, 1, 7, 1]),
  },
});

testOp(oneHot, {
  'axis -1 is made of on and off': {
    inputs: { indices: i32([2, 2], [0, 2, 1, -1]), depth: i32([], [3]), on: f32([], [5]), off: f32([], [-1]) },
    options: { axis: -1 },
    output: f32([2, 2, 3], [5, -1, -1, -1, -1, 5, -1, 5, -1, -1, -1, -1]),
  },
  'axis 0 is made of on and off': {
    inputs: { indices: i32([2, 2], [0, 2, 1, -1]), depth: i32([], [3]), on: f32([], [5]), off: f32([], [-1]) },
    options: { axis: 0 },
    output: f32([3, 2, 2], [5, -1, -1, -1, -1, -1, 5, -1, -1, 5, -1, -1]),
  },
  'axis 1 is made of on and off': {
    inputs: { indices: i32([2, 2], [0, 2, 1, -1]), depth: i32([], [3]), on: f32([], [5]), off: f32([], [-1]) },
    options: { axis: 1 },
    output: f32([2, 3, 2], [5, -1, -1, -1, -1, 5, -1, -1, 5, -1, -1, -1]),
  },
  'truth values mark the place': {
    inputs: { indices: i64([1], [1]), depth: i32([], [2]), on: bool([], [1]), off: bool([], [0]) },
    output: bool([1, 2], [0, 1]),
  },
});

testOp(dynamicUpdateSlice, {
  'the update is written at its start': {
    inputs: {
      operand: i32([3, 4], [-6, 6, 6, -3, -4, 3, -1, -8, 2, 4, -8, 4]),
      update: i32([2, 2], [0, 5, 6, 3]),
      start: i32([2], [1, 2]),
    },
    output: i32([3, 4], [-6, 6, 6, -3, -4, 3, 0, 5, 2, 4, 6, 3]),
  },
  'a start too far is moved back': {
    inputs: {
      operand: i32([3, 4], [-6, 6, 6, -3, -4, 3, -1, -8, 2, 4, -8, 4]),
      update: i32([2, 2], [0, 5, 6, 3]),
      start: i64([2], [9, 9]),
    },
    output: i32([3, 4], [-6, 6, 6, -3, -4, 3, 0, 5, 2, 4, 6, 3]),
    version: 2,
  },
  'a negative start becomes 0': {
    inputs: {
      operand: i32([3, 4], [-6, 6, 6, -3, -4, 3, -1, -8, 2, 4, -8, 4]),
      update: i32([2, 2], [0, 5, 6, 3]),
      start: i32([2], [-3, -1]),
    },
    output: i32([3, 4], [0, 5, 6, -3, 6, 3, -1, -8, 2, 4, -8, 4]),
  },
});
