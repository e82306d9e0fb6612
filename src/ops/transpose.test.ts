import { expect, it } from 'vitest';
import { bool, c64, errorOf, f32, f64, i8, i16, i32, i64, strings, testOp } from './testing.js';
import { transpose } from './transpose.js';

// Expected values: TensorFlow.

testOp(transpose, {
  'a matrix of float32 turns': {
    inputs: { input: f32([2, 3], [4, 1, 7, 1, 7, 5]), perm: i32([2], [1, 0]) },
    output: f32([3, 2], [4, 1, 1, 7, 7, 5]),
  },
  'a matrix of int8 turns': {
    inputs: { input: i8([2, 3], [1, 0, 4, 0, 1, 4]), perm: i32([2], [1, 0]) },
    output: i8([3, 2], [1, 0, 0, 1, 4, 4]),
  },
  'a matrix of int16 turns': {
    inputs: { input: i16([2, 3], [8, 4, 7, 8, 7, 5]), perm: i32([2], [1, 0]) },
    output: i16([3, 2], [8, 8, 4, 7, 7, 5]),
  },
  'a matrix of int64 turns': {
    inputs: { input: i64([2, 3], [3, 4, 2, 4, 3, 2]), perm: i32([2], [1, 0]) },
    output: i64([3, 2], [3, 4, 4, 3, 2, 2]),
  },
  'a matrix of bool turns': {
    inputs: { input: bool([2, 3], [1, 0, 0, 0, 1, 1]), perm: i32([2], [1, 0]) },
    output: bool([3, 2], [1, 0, 0, 1, 0, 1]),
  },
  'a matrix of float64 turns': {
    inputs: { input: f64([2, 3], [7, 1, 6, 3, 4, 0]), perm: i32([2], [1, 0]) },
    output: f64([3, 2], [7, 3, 1, 4, 6, 0]),
  },
  'a matrix of complex64 turns': {
    inputs: { input: c64([2, 3], [5, 0, 7, 0, 5, 0, 1, 0, 4, 0, 2, 0]), perm: i32([2], [1, 0]) },
    output: c64([3, 2], [5, 0, 1, 0, 7, 0, 4, 0, 5, 0, 2, 0]),
  },
  'axes go in the order [0, 2, 1]': {
    inputs: {
      input: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
      perm: i32([3], [0, 2, 1]),
    },
    output: i32([2, 4, 3], [8, 7, -9, 6, 6, 4, -6, 3, -1, 0, 2, -8, -5, 2, 2, 0, 6, 1, 4, 3, -8, 0, -3, -8]),
  },
  'axes go in the order [2, 0, 1]': {
    inputs: {
      input: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
      perm: i32([3], [2, 0, 1]),
    },
    output: i32([4, 2, 3], [8, 7, -9, -5, 2, 2, 6, 6, 4, 0, 6, 1, -6, 3, -1, 4, 3, -8, 0, 2, -8, 0, -3, -8]),
  },
  'axes go in the order [1, 0, 2]': {
    inputs: {
      input: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
      perm: i32([3], [1, 0, 2]),
    },
    output: i32([3, 2, 4], [8, 6, -6, 0, -5, 0, 4, 0, 7, 6, 3, 2, 2, 6, 3, -3, -9, 4, -1, -8, 2, 1, -8, -8]),
  },
  'axes go in the order [2, 1, 0]': {
    inputs: {
      input: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
      perm: i32([3], [2, 1, 0]),
    },
    output: i32([4, 3, 2], [8, -5, 7, 2, -9, 2, 6, 0, 6, 6, 4, 1, -6, 4, 3, 3, -1, -8, 0, 0, 2, -3, -8, -8]),
  },
  'axes go in the order [0, 1, 2]': {
    inputs: {
      input: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
      perm: i32([3], [0, 1, 2]),
    },
    output: i32([2, 3, 4], [8, 6, -6, 0, 7, 6, 3, 2, -9, 4, -1, -8, -5, 0, 4, 0, 2, 6, 3, -3, 2, 1, -8, -8]),
  },
  'five axes have their version': {
    inputs: { input: i32([2, 1, 2, 1, 2], [2, -3, 1, -4, -5, -7, -3, 5]), perm: i32([5], [4, 3, 2, 1, 0]) },
    output: i32([2, 1, 2, 1, 2], [2, -5, 1, -3, -3, -7, -4, 5]),
    version: 4,
  },
  'texts move': {
    inputs: { input: strings([2, 2], ['a', 'b', 'c', 'd']), perm: i32([2], [1, 0]) },
    output: strings([2, 2], ['a', 'c', 'b', 'd']),
  },
});

it('a large matrix turns the same in squares as one by one', () => {
  const [rows, columns] = [67, 130];
  const input = f32(
    [rows, columns],
    Array.from({ length: rows * columns }, (_, i) => i),
  );
  const turned = transpose.reference?.([input, i32([2], [1, 0])], [], {})[0]?.data as Float32Array;
  const expected = Array.from({ length: rows * columns }, (_, i) => (i % rows) * columns + Math.floor(i / rows));
  expect([...turned]).toEqual(expected);
});

it('every bit of a NaN moves along', () => {
  const input = f32([1, 1], [0]);
  new Uint32Array((input.data as Float32Array).buffer)[0] = 0x7f812345;
  const turned = transpose.reference?.([input, i32([2], [1, 0])], [], {})[0]?.data as Float32Array;
  expect(new Uint32Array(turned.buffer)[0]).toBe(0x7f812345);
});

it('an order that names an axis twice is refused', () => {
  expect(errorOf(transpose, { inputs: { input: f32([1, 1], [0]), perm: i32([2], [0, 0]) } })).toBe(
    'perm [0,0] is not a permutation of the axes',
  );
});
