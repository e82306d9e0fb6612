import { expect, it } from 'vitest';
import { embeddingLookup } from './embedding-lookup.js';
import { gather } from './gather.js';
import { gatherNd } from './gather-nd.js';
import { errorOf, f32, i32, i64, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(gather, {
  'slices of axis 0 are picked': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i32([2, 2], [1, 0, 1, 1]),
    },
    options: { axis: 0 },
    output: i32(
      [2, 2, 4, 2],
      [
        -8, -6, 4, -8, 3, -2, -9, 4, -7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, -8, -6, 4, -8, 3, -2, -9,
        4,
      ],
    ),
  },
  'slices of axis 1 are picked': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i32([2, 2], [1, 0, 1, 1]),
    },
    options: { axis: 1 },
    output: i32([3, 2, 2, 2], [4, -1, -7, 8, 4, -1, 4, -1, 4, -8, -8, -6, 4, -8, 4, -8, 7, 4, 3, 5, 7, 4, 7, 4]),
  },
  'slices of axis -1 are picked': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i32([2, 2], [1, 0, 1, 1]),
    },
    options: { axis: -1 },
    output: i32(
      [3, 4, 2, 2],
      [
        8, -7, 8, 8, -1, 4, -1, -1, 2, -5, 2, 2, 2, -2, 2, 2, -6, -8, -6, -6, -8, 4, -8, -8, -2, 3, -2, -2, 4, -9, 4, 4,
        5, 3, 5, 5, 4, 7, 4, 4, -7, 6, -7, -7, 7, 7, 7, 7,
      ],
    ),
  },
  'a scalar index drops the axis': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i64([], [2]),
    },
    options: { axis: 0 },
    output: i32([4, 2], [3, 5, 7, 4, 6, -7, 7, 7]),
  },
  'batches go together': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i32([3, 2], [2, 3, 2, 3, 3, 2]),
    },
    options: { axis: 1, batchDims: 1 },
    output: i32([3, 2, 2], [-5, 2, -2, 2, 3, -2, -9, 4, 7, 7, 6, -7]),
    version: 5,
  },
  'batches go together before a later axis': {
    inputs: {
      params: i32([3, 4, 2], [-7, 8, 4, -1, -5, 2, -2, 2, -8, -6, 4, -8, 3, -2, -9, 4, 3, 5, 7, 4, 6, -7, 7, 7]),
      indices: i32([3, 2], [1, 1, 0, 0, 0, 0]),
    },
    options: { axis: 2, batchDims: 1 },
    output: i32([3, 4, 2], [8, 8, -1, -1, 2, 2, 2, 2, -8, -8, 4, 4, 3, 3, -9, -9, 3, 3, 7, 7, 6, 6, 7, 7]),
  },
  'sizes are picked from a shape': {
    inputs: { params: i32([3], [4, 5, 6]), indices: i32([2], [2, 0]) },
    output: i32([2], [6, 4]),
    elements: [6, 4],
  },
  'texts are picked': {
    inputs: { params: strings([2], ['a', 'b']), indices: i32([3], [1, 1, 0]) },
    output: strings([3], ['b', 'b', 'a']),
  },
  'long rows are copied whole': {
    inputs: {
      params: i64(
        [3, 40],
        [
          -2, -9, -5, -5, 3, -5, 8, -6, 8, 1, -5, -9, -4, 1, -8, -7, -7, 3, -8, -9, -1, -4, 1, 7, 6, 0, 2, 5, -2, 2, -6,
          1, -5, -6, 4, 1, -3, -9, -5, 5, -1, 8, 7, 6, -9, -9, 1, -3, 6, -4, -7, -7, -4, 2, -7, 5, -4, -4, 2, 6, -2, 5,
          -4, -7, 5, 4, 4, 6, -1, -6, 1, 1, -3, 2, -5, 1, 5, -8, -1, 2, -9, 2, 7, 5, 3, 5, -3, -4, -8, 3, -4, 6, -1, 7,
          -7, -7, -3, -9, -1, 2, 2, -6, -7, 1, 2, 8, 7, -3, -7, -5, 6, -1, 8, 2, 1, -8, 1, -3, 6, -7,
        ],
      ),
      indices: i32([2], [2, 0]),
    },
    output: i64(
      [2, 40],
      [
        -9, 2, 7, 5, 3, 5, -3, -4, -8, 3, -4, 6, -1, 7, -7, -7, -3, -9, -1, 2, 2, -6, -7, 1, 2, 8, 7, -3, -7, -5, 6, -1,
        8, 2, 1, -8, 1, -3, 6, -7, -2, -9, -5, -5, 3, -5, 8, -6, 8, 1, -5, -9, -4, 1, -8, -7, -7, 3, -8, -9, -1, -4, 1,
        7, 6, 0, 2, 5, -2, 2, -6, 1, -5, -6, 4, 1, -3, -9, -5, 5,
      ],
    ),
  },
});

testOp(embeddingLookup, {
  'rows are looked up': {
    inputs: {
      ids: i32([3], [3, 0, 3]),
      value: f32([4, 3], [0.65, 1.32, -0.49, -0.51, 0.16, -1.14, -1.01, -0.68, -0.17, -1.67, 1.01, 0.32]),
    },
    output: f32([3, 3], [-1.67, 1.01, 0.32, 0.65, 1.32, -0.49, -1.67, 1.01, 0.32]),
  },
});

testOp(gatherNd, {
  'index vectors of 2 pick slices': {
    inputs: {
      params: i32([3, 4, 2], [6, -4, -7, -8, -6, 4, 7, -7, 0, -7, 6, -7, 2, -8, 4, 7, 4, -5, 6, -4, 4, 5, -1, 2]),
      indices: i32([2, 2], [0, 1, 2, 3]),
    },
    output: i32([2, 2], [-7, -8, -1, 2]),
  },
  'index vectors of 1 pick slices': {
    inputs: {
      params: i32([3, 4, 2], [6, -4, -7, -8, -6, 4, 7, -7, 0, -7, 6, -7, 2, -8, 4, 7, 4, -5, 6, -4, 4, 5, -1, 2]),
      indices: i32([2, 1], [2, 0]),
    },
    output: i32([2, 4, 2], [4, -5, 6, -4, 4, 5, -1, 2, 6, -4, -7, -8, -6, 4, 7, -7]),
  },
  'index vectors of 3 pick slices': {
    inputs: {
      params: i32([3, 4, 2], [6, -4, -7, -8, -6, 4, 7, -7, 0, -7, 6, -7, 2, -8, 4, 7, 4, -5, 6, -4, 4, 5, -1, 2]),
      indices: i32([2, 1, 3], [2, 3, 1, 0, 0, 0]),
    },
    output: i32([2, 1], [2, 6]),
  },
  'empty index vectors pick everything': {
    inputs: { params: i32([2], [1, 2]), indices: i32([2, 0], []) },
    output: i32([2, 2], [1, 2, 1, 2]),
  },
  'texts are picked': {
    inputs: { params: strings([2], ['a', 'b']), indices: i32([1, 1], [1]) },
    output: strings([1], ['b']),
    version: 2,
  },
});

it('an index out of range is refused when the kernel runs', () => {
  const inputs = { params: i32([2], [1, 2]), indices: i32([1], [2]) };
  expect(errorOf(gather, { inputs, options: { axis: 0 } }, 'run')).toBe('index 2 is not within 0..1');
  const rows = { params: i32([2], [1, 2]), indices: i32([1, 1], [-1]) };
  expect(errorOf(gatherNd, { inputs: rows }, 'run')).toBe('index -1 is not within axis 0 of [2]');
});
