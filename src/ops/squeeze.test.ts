import { expect, it } from 'vitest';
import { expandDims } from './expand-dims.js';
import { squeeze } from './squeeze.js';
import { errorOf, i32, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(squeeze, {
  'all axes of size 1 go': {
    inputs: { input: i32([1, 2, 1, 3], [7, -9, -1, 5, -7, 5]) },
    output: i32([2, 3], [7, -9, -1, 5, -7, 5]),
  },
  'listed axes go': {
    inputs: { input: i32([1, 2, 1, 3], [7, -9, -1, 5, -7, 5]) },
    options: { squeezeDims: [-2] },
    output: i32([1, 2, 3], [7, -9, -1, 5, -7, 5]),
  },
  'a single element becomes a scalar': {
    inputs: { input: i32([1, 1], [3]) },
    output: i32([], [3]),
    elements: [3],
  },
  'texts have a later version': {
    inputs: { input: strings([1, 1], ['a']) },
    options: { squeezeDims: [0] },
    output: strings([1], ['a']),
    version: 2,
  },
});

testOp(expandDims, {
  'axis 0 is inserted': {
    inputs: { input: i32([2, 3], [-7, -1, 5, -4, -3, -4]), axis: i32([], [0]) },
    output: i32([1, 2, 3], [-7, -1, 5, -4, -3, -4]),
  },
  'axis 1 is inserted': {
    inputs: { input: i32([2, 3], [-7, -1, 5, -4, -3, -4]), axis: i32([], [1]) },
    output: i32([2, 1, 3], [-7, -1, 5, -4, -3, -4]),
  },
  'axis -1 is inserted': {
    inputs: { input: i32([2, 3], [-7, -1, 5, -4, -3, -4]), axis: i32([], [-1]) },
    output: i32([2, 3, 1], [-7, -1, 5, -4, -3, -4]),
  },
  'axis -3 is inserted': {
    inputs: { input: i32([2, 3], [-7, -1, 5, -4, -3, -4]), axis: i32([], [-3]) },
    output: i32([1, 2, 3], [-7, -1, 5, -4, -3, -4]),
  },
  'a scalar becomes a vector of known elements': {
    inputs: { input: i32([], [4]), axis: i32([1], [0]) },
    output: i32([1], [4]),
    elements: [4],
  },
});

it('an axis of another size cannot be squeezed', () => {
  expect(errorOf(squeeze, { inputs: { input: i32([2], [1, 2]) }, options: { squeezeDims: [0] } })).toBe(
    'axis 0 of [2] to squeeze has not size 1',
  );
});

it('an axis beyond the rank cannot be inserted', () => {
  expect(errorOf(expandDims, { inputs: { input: i32([1], [1]), axis: i32([], [3]) } })).toBe(
    'axis 3 is out of range for rank 2',
  );
});
