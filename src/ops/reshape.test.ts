import { expect, it } from 'vitest';
import { reshape } from './reshape.js';
import { errorOf, f32, i32, i64, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(reshape, {
  'one size follows from the others': {
    inputs: { input: i32([2, 6], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]), shape: i32([2], [3, -1]) },
    output: i32([3, 4], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]),
  },
  'a scalar comes from an empty shape': {
    inputs: { input: i32([1], [5]), shape: i32([0], []) },
    output: i32([], [5]),
    elements: [5],
  },
  '64-bit shapes are read': {
    inputs: { input: i32([2, 6], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]), shape: i64([1], [-1]) },
    output: i32([12], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]),
  },
  'the option serves where there is no input': {
    inputs: { input: i32([2, 6], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]) },
    options: { newShape: [4, 3] },
    output: i32([4, 3], [8, 2, 3, 7, 1, 4, 6, -5, -9, -4, -4, 6]),
  },
  'a legacy option of one zero means a scalar': {
    inputs: { input: i32([1], [5]) },
    options: { newShape: [0] },
    output: i32([], [5]),
  },
  'texts move too': {
    inputs: { input: strings([2], ['a', 'b']), shape: i32([2], [2, 1]) },
    output: strings([2, 1], ['a', 'b']),
  },
  'no elements have no rest': {
    inputs: { input: f32([0, 3], []), shape: i32([2], [-1, 3]) },
    output: f32([0, 3], []),
  },
});

it('an unknown batch stays unknown, other sizes are known', () => {
  const shape = (input: readonly number[] | undefined, elements: readonly (number | undefined)[]) =>
    reshape.infer(
      [
        { dtype: 'f32', shape: input, elements: undefined },
        { dtype: 'i32', shape: [elements.length], elements },
      ],
      {},
    )[0]?.shape;
  expect(shape([-1, 28, 28], [undefined, 784])).toEqual([-1, 784]);
  expect(shape([-1, 28, 28], [-1, 784])).toEqual([-1, 784]);
  expect(shape([2, 28, 28], [undefined, 784])).toEqual([2, 784]);
  expect(shape(undefined, [undefined, 784])).toEqual([-1, 784]);
  expect(shape([4, 4], [undefined, undefined, 2])).toEqual([-1, -1, 2]);
});

it('shapes that do not fit are refused', () => {
  const x = i32([2, 3], [1, 2, 3, 4, 5, 6]);
  expect(errorOf(reshape, { inputs: { input: x, shape: i32([2], [4, -1]) } })).toBe(
    '[2,3] with 6 elements does not reshape to [4,-1]',
  );
  expect(errorOf(reshape, { inputs: { input: x, shape: i32([1], [7]) } })).toContain('does not reshape to [7]');
  expect(errorOf(reshape, { inputs: { input: x, shape: i32([2], [-1, -1]) } })).toContain('more than one -1');
});
