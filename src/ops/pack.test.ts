import { expect, it } from 'vitest';
import { pack, unpack } from './pack.js';
import { errorOf, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(pack, {
  'matrices stack along axis 0': {
    inputs: { values: [i32([2, 3], [-5, 0, -9, -6, -3, 6]), i32([2, 3], [8, 2, 1, 1, -8, -3])] },
    options: { axis: 0, valuesCount: 2 },
    output: i32([2, 2, 3], [-5, 0, -9, -6, -3, 6, 8, 2, 1, 1, -8, -3]),
  },
  'matrices stack along axis 1': {
    inputs: { values: [i32([2, 3], [-5, 0, -9, -6, -3, 6]), i32([2, 3], [8, 2, 1, 1, -8, -3])] },
    options: { axis: 1, valuesCount: 2 },
    output: i32([2, 2, 3], [-5, 0, -9, 8, 2, 1, -6, -3, 6, 1, -8, -3]),
  },
  'matrices stack along axis 2': {
    inputs: { values: [i32([2, 3], [-5, 0, -9, -6, -3, 6]), i32([2, 3], [8, 2, 1, 1, -8, -3])] },
    options: { axis: 2, valuesCount: 2 },
    output: i32([2, 3, 2], [-5, 8, 0, 2, -9, 1, -6, 1, -3, -8, 6, -3]),
  },
  'matrices stack along axis -1': {
    inputs: { values: [i32([2, 3], [-5, 0, -9, -6, -3, 6]), i32([2, 3], [8, 2, 1, 1, -8, -3])] },
    options: { axis: -1, valuesCount: 2 },
    output: i32([2, 3, 2], [-5, 8, 0, 2, -9, 1, -6, 1, -3, -8, 6, -3]),
  },
  'scalars make a vector of known elements': {
    inputs: { values: [i32([], [4]), i32([], [5])] },
    options: { axis: 0, valuesCount: 2 },
    output: i32([2], [4, 5]),
    elements: [4, 5],
  },
  'a single scalar makes a vector': {
    inputs: { values: [i64([], [4])] },
    options: { axis: -1, valuesCount: 1 },
    output: i64([1], [4]),
    elements: [4],
  },
});

testOp(unpack, {
  'a matrix comes apart along axis 0': {
    inputs: { input: i32([2, 3], [8, -2, -6, -5, 3, -9]) },
    options: { axis: 0, num: 2 },
    output: [i32([3], [8, -2, -6]), i32([3], [-5, 3, -9])],
  },
  'a matrix comes apart along axis 1': {
    inputs: { input: i32([2, 3], [8, -2, -6, -5, 3, -9]) },
    options: { axis: 1, num: 3 },
    output: [i32([2], [8, -5]), i32([2], [-2, 3]), i32([2], [-6, -9])],
  },
  'a matrix comes apart along axis -1': {
    inputs: { input: i32([2, 3], [8, -2, -6, -5, 3, -9]) },
    options: { axis: -1, num: 3 },
    output: [i32([2], [8, -5]), i32([2], [-2, 3]), i32([2], [-6, -9])],
  },
  'a vector comes apart into scalars': {
    inputs: { input: i32([2], [7, 8]) },
    options: { axis: 0, num: 2 },
    output: [i32([], [7]), i32([], [8])],
    elements: [7],
  },
});

it('the number of outputs must be that of the slices', () => {
  expect(errorOf(unpack, { inputs: { input: i32([2], [1, 2]) }, options: { num: 3, axis: 0 } })).toBe(
    'axis 0 of [2] does not unpack to 3 outputs',
  );
});
