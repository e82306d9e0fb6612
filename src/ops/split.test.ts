import { expect, it } from 'vitest';
import { split, splitV } from './split.js';
import { errorOf, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(split, {
  'axis 1 comes apart into 3 parts': {
    inputs: { axis: i32([], [1]), value: i32([2, 6], [8, 6, 1, -1, 4, 0, -1, -4, -1, 4, -9, -9]) },
    options: { numSplits: 3 },
    output: [i32([2, 2], [8, 6, -1, -4]), i32([2, 2], [1, -1, -1, 4]), i32([2, 2], [4, 0, -9, -9])],
  },
  'axis -2 comes apart into 2 parts': {
    inputs: { axis: i32([], [-2]), value: i32([2, 6], [8, 6, 1, -1, 4, 0, -1, -4, -1, 4, -9, -9]) },
    options: { numSplits: 2 },
    output: [i32([1, 6], [8, 6, 1, -1, 4, 0]), i32([1, 6], [-1, -4, -1, 4, -9, -9])],
  },
  'a vector comes apart into known elements': {
    inputs: { axis: i32([], [0]), value: i32([2], [1, 2]) },
    options: { numSplits: 2 },
    output: [i32([1], [1]), i32([1], [2])],
    elements: [1],
  },
});

testOp(splitV, {
  'parts have their own sizes': {
    inputs: {
      value: i32([2, 6], [8, 6, 1, -1, 4, 0, -1, -4, -1, 4, -9, -9]),
      sizes: i32([3], [1, 3, 2]),
      axis: i32([], [1]),
    },
    options: { numSplits: 3 },
    output: [i32([2, 1], [8, -1]), i32([2, 3], [6, 1, -1, -4, -1, 4]), i32([2, 2], [4, 0, -9, -9])],
  },
  'one part takes the rest': {
    inputs: {
      value: i32([2, 6], [8, 6, 1, -1, 4, 0, -1, -4, -1, 4, -9, -9]),
      sizes: i64([3], [1, -1, 0]),
      axis: i32([], [1]),
    },
    options: { numSplits: 3 },
    output: [i32([2, 1], [8, -1]), i32([2, 5], [6, 1, -1, 4, 0, -4, -1, 4, -9, -9]), i32([2, 0], [])],
  },
});

it('sizes that do not divide are refused', () => {
  const value = i32([1, 3], [1, 2, 3]);
  expect(errorOf(split, { inputs: { axis: i32([], [1]), value }, options: { numSplits: 2 } })).toBe(
    'axis 1 of [1,3] does not split into 2 equal parts',
  );
  const inputs = { value, sizes: i32([2], [1, 1]), axis: i32([], [1]) };
  expect(errorOf(splitV, { inputs, options: { numSplits: 2 } })).toBe('sizes [1,1] do not add up to 3');
});
