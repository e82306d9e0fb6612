import { expect, it } from 'vitest';
import { concatenation } from './concatenation.js';
import { errorOf, f16, i8, i32, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(concatenation, {
  'tensors follow one another along the middle axis': {
    inputs: {
      values: [i32([2, 1, 3], [-2, -3, 1, 8, -2, 1]), i32([2, 2, 3], [-2, 1, -1, 2, 0, 3, 8, -7, 1, -2, -3, -5])],
    },
    options: { axis: 1 },
    output: i32([2, 3, 3], [-2, -3, 1, -2, 1, -1, 2, 0, 3, 8, -2, 1, 8, -7, 1, -2, -3, -5]),
  },
  'a negative axis counts from the end': {
    inputs: { values: [i32([2, 1], [-9, -2]), i32([2, 3], [5, -8, -2, 8, 8, -6]), i32([2, 1], [-9, -2])] },
    options: { axis: -1 },
    output: i32([2, 5], [-9, 5, -8, -2, -9, -2, 8, 8, -6, -2]),
  },
  'vectors of sizes are put together element by element': {
    inputs: { values: [i32([2], [1, 2]), i32([1], [3])] },
    options: { axis: 0 },
    output: i32([3], [1, 2, 3]),
    elements: [1, 2, 3],
  },
  'texts follow texts': {
    inputs: { values: [strings([1], ['a']), strings([2], ['b', 'c'])] },
    options: { axis: 0 },
    output: strings([3], ['a', 'b', 'c']),
  },
  'float16 elements move as they are': {
    inputs: {
      values: [
        f16([2, 2], [0.68994140625, -0.7998046875, 1.5, 0.64990234375]),
        f16([2, 2], [-1.4697265625, 1.3798828125, 1.7802734375, 1.6201171875]),
      ],
    },
    options: { axis: 1 },
    output: f16(
      [2, 4],
      [0.68994140625, -0.7998046875, -1.4697265625, 1.3798828125, 1.5, 0.64990234375, 1.7802734375, 1.6201171875],
    ),
    version: 6,
  },
  'bytes have their version': {
    inputs: { values: [i8([2, 2], [8, 1, -4, -7]), i8([2, 2], [1, -6, 4, 7])] },
    options: { axis: 0 },
    output: i8([4, 2], [8, 1, -4, -7, 1, -6, 4, 7]),
    version: 2,
  },
});

it('other sizes must be equal', () => {
  const values = [i32([1, 2], [1, 2]), i32([1, 3], [1, 2, 3])];
  expect(errorOf(concatenation, { inputs: { values }, options: { axis: 0 } })).toBe(
    'shapes [-1,2] and [-1,3] should be equal',
  );
});

it('an unknown element stays unknown beside known ones', () => {
  const scalar = { dtype: 'i32' as const, shape: [1], elements: undefined };
  const known = { dtype: 'i32' as const, shape: [2], elements: [7, 8] };
  expect(concatenation.elements([scalar, known], { axis: 0 })).toEqual([[undefined, 7, 8]]);
});
