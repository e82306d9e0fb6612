import { expect, it } from 'vitest';
import { rank, shape } from './shape.js';
import { i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(shape, {
  'the sizes are a vector': {
    inputs: { input: i32([2, 1, 3], [3, -5, 8, -1, -1, 0]) },
    output: i32([3], [2, 1, 3]),
    elements: [2, 1, 3],
  },
  '64-bit sizes on demand': {
    inputs: { input: i32([4], [1, 0, 0, 8]) },
    options: { outType: 'INT64' },
    output: i64([1], [4]),
  },
});

testOp(rank, {
  'the axes are counted': {
    inputs: { input: i32([2, 1, 3], [5, 5, 3, 2, -3, 8]) },
    output: i32([], [3]),
    elements: [3],
  },
});

it('unknown sizes are unknown elements', () => {
  const input = { dtype: 'f32' as const, shape: [-1, 3], elements: undefined };
  expect(shape.elements([input], {})).toEqual([[undefined, 3]]);
  expect(shape.elements([{ ...input, shape: undefined }], {})).toBeUndefined();
});
