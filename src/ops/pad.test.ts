import { expect, it } from 'vitest';
import { mirrorPad } from './mirror-pad.js';
import { pad, padV2 } from './pad.js';
import { errorOf, f32, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(pad, {
  'zeros go around': {
    inputs: { input: i32([2, 3], [2, -2, 4, -6, -6, -9]), paddings: i32([2, 2], [1, 0, 0, 2]) },
    output: i32([3, 5], [0, 0, 0, 0, 0, 2, -2, 4, 0, 0, -6, -6, -9, 0, 0]),
  },
  '64-bit amounts are read': {
    inputs: { input: i64([1], [5]), paddings: i64([1, 2], [1, 1]) },
    output: i64([3], [0, 5, 0]),
  },
  'five axes have their version': {
    inputs: { input: i32([1, 1, 1, 1, 2], [-1, -6]), paddings: i32([5, 2], [0, 0, 0, 0, 0, 0, 0, 0, 1, 1]) },
    output: i32([1, 1, 1, 1, 4], [0, -1, -6, 0]),
    version: 4,
  },
});

testOp(padV2, {
  'a value goes around': {
    inputs: { input: f32([1, 2], [1.66, 1.36]), paddings: i32([2, 2], [0, 1, 1, 0]), value: f32([], [-9]) },
    output: f32([2, 3], [-9, 1.66, 1.36, -9, -9, -9]),
  },
  'a shape grows by a known size': {
    inputs: { input: i32([2], [4, 5]), paddings: i32([1, 2], [1, 0]), value: i32([], [1]) },
    output: i32([3], [1, 4, 5]),
    elements: [1, 4, 5],
  },
});

testOp(mirrorPad, {
  'REFLECT mirrors both axes': {
    inputs: { input: i32([3, 4], [1, -7, 4, 1, 7, -1, -6, 1, -1, 2, -3, -4]), paddings: i32([2, 2], [1, 2, 2, 3]) },
    options: { mode: 'REFLECT' },
    output: i32(
      [6, 9],
      [
        -6, -1, 7, -1, -6, 1, -6, -1, 7, 4, -7, 1, -7, 4, 1, 4, -7, 1, -6, -1, 7, -1, -6, 1, -6, -1, 7, -3, 2, -1, 2,
        -3, -4, -3, 2, -1, -6, -1, 7, -1, -6, 1, -6, -1, 7, 4, -7, 1, -7, 4, 1, 4, -7, 1,
      ],
    ),
  },
  'SYMMETRIC mirrors both axes': {
    inputs: { input: i32([3, 4], [1, -7, 4, 1, 7, -1, -6, 1, -1, 2, -3, -4]), paddings: i32([2, 2], [1, 2, 2, 3]) },
    options: { mode: 'SYMMETRIC' },
    output: i32(
      [6, 9],
      [
        -7, 1, 1, -7, 4, 1, 1, 4, -7, -7, 1, 1, -7, 4, 1, 1, 4, -7, -1, 7, 7, -1, -6, 1, 1, -6, -1, 2, -1, -1, 2, -3,
        -4, -4, -3, 2, 2, -1, -1, 2, -3, -4, -4, -3, 2, -1, 7, 7, -1, -6, 1, 1, -6, -1,
      ],
    ),
  },
  'SYMMETRIC mirrors as much as there is': {
    inputs: { input: i32([2], [1, 2]), paddings: i32([1, 2], [2, 2]) },
    options: { mode: 'SYMMETRIC' },
    output: i32([6], [2, 1, 1, 2, 2, 1]),
  },
});

it('no more can be mirrored than there is', () => {
  const inputs = { input: i32([2], [1, 2]), paddings: i32([1, 2], [2, 0]) };
  expect(errorOf(mirrorPad, { inputs, options: { mode: 'REFLECT' } })).toBe('axis 0 of [2] cannot be mirrored by 2');
});

it('negative amounts are refused', () => {
  const inputs = { input: i32([2], [1, 2]), paddings: i32([1, 2], [-1, 0]) };
  expect(errorOf(pad, { inputs })).toBe('paddings should not be negative, got -1, 0');
});
