import { expect, it } from 'vitest';
import { stridedSlice } from './strided-slice.js';
import { errorOf, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(stridedSlice, {
  'every second element is taken': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([2], [0, 1]),
      end: i32([2], [3, 4]),
      strides: i32([2], [2, 2]),
    },
    output: i32([2, 2, 5], [-3, -8, 1, -4, 3, 4, 5, 7, 8, -7, -5, -6, -6, 7, -3, 8, 6, 1, 8, -3]),
  },
  'negative steps walk back': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([3], [2, 3, 4]),
      end: i32([3], [0, 0, 0]),
      strides: i32([3], [-1, -2, -3]),
    },
    output: i32([2, 2, 2], [-3, 6, -3, -6, 5, 6, -7, 4]),
  },
  'negative positions count from the end': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([2], [-2, -3]),
      end: i32([2], [-1, -1]),
      strides: i32([2], [1, 1]),
    },
    output: i32([1, 2, 5], [4, 4, 5, 2, -7, 6, -2, 6, 5, 8]),
  },
  'positions are clamped to the axis': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([2], [-9, 2]),
      end: i32([2], [9, 99]),
      strides: i32([2], [1, 1]),
    },
    output: i32(
      [3, 2, 5],
      [6, -3, 7, 0, 0, 4, 5, 7, 8, -7, 6, -2, 6, 5, 8, -9, 6, 2, -1, 5, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3],
    ),
  },
  'masks take the axis from edge to edge': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([2], [1, 1]),
      end: i32([2], [2, 2]),
      strides: i32([2], [1, -1]),
    },
    options: { beginMask: 2, endMask: 3 },
    output: i32(
      [2, 4, 5],
      [
        -9, 6, 2, -1, 5, 6, -2, 6, 5, 8, 4, 4, 5, 2, -7, -2, 7, -4, -9, 1, 8, 6, 1, 8, -3, -8, -6, -2, -3, -4, -5, -6,
        -6, 7, -3, 8, 0, -8, 4, -5,
      ],
    ),
  },
  'an axis is dropped': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([2], [1, -1]),
      end: i32([2], [2, 0]),
      strides: i32([2], [1, 1]),
    },
    options: { shrinkAxisMask: 2 },
    output: i32([1, 5], [-9, 6, 2, -1, 5]),
  },
  'the ellipsis stands for the axes between': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([3], [1, 0, 1]),
      end: i32([3], [2, 0, 3]),
      strides: i32([3], [1, 1, 1]),
    },
    options: { ellipsisMask: 2 },
    output: i32([1, 4, 2], [7, -4, 4, 5, -2, 6, 6, 2]),
  },
  'axes are inserted': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([3], [0, 0, 1]),
      end: i32([3], [0, 0, 2]),
      strides: i32([3], [1, 1, 1]),
    },
    options: { newAxisMask: 3 },
    output: i32([1, 1, 1, 4, 5], [-2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6, 5, 8, -9, 6, 2, -1, 5]),
  },
  'ellipsis, new and dropped axes go together': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([4], [0, 0, 0, 2]),
      end: i32([4], [0, 0, 0, 0]),
      strides: i32([4], [1, 1, 1, 1]),
    },
    options: { ellipsisMask: 1, newAxisMask: 4, shrinkAxisMask: 8 },
    output: i32([3, 0, 1], []),
  },
  'an ellipsis at the end may stand for nothing': {
    inputs: {
      input: i32([2, 2], [-7, -5, -8, 8]),
      begin: i32([3], [0, 1, 0]),
      end: i32([3], [1, 2, 0]),
      strides: i32([3], [1, 1, 1]),
    },
    options: { ellipsisMask: 4 },
    output: i32([1, 1], [-5]),
  },
  'nothing is between crossed positions': {
    inputs: {
      input: i32(
        [3, 4, 5],
        [
          -8, 0, -2, 6, 3, -3, -8, 1, -4, 3, 6, -3, 7, 0, 0, 4, 5, 7, 8, -7, -2, 7, -4, -9, 1, 4, 4, 5, 2, -7, 6, -2, 6,
          5, 8, -9, 6, 2, -1, 5, 8, 0, -8, 4, -5, -5, -6, -6, 7, -3, -8, -6, -2, -3, -4, 8, 6, 1, 8, -3,
        ],
      ),
      begin: i32([1], [2]),
      end: i32([1], [1]),
      strides: i32([1], [1]),
    },
    output: i32([0, 4, 5], []),
  },
  'one size of a shape is a known scalar': {
    inputs: { input: i32([3], [7, 8, 9]), begin: i32([1], [1]), end: i32([1], [2]), strides: i32([1], [1]) },
    options: { shrinkAxisMask: 1 },
    output: i32([], [8]),
  },
  'one element of a vector of 64-bit integers': {
    inputs: { input: i64([3], [7, 8, 9]), begin: i32([1], [-1]), end: i32([1], [0]), strides: i32([1], [1]) },
    options: { shrinkAxisMask: 1 },
    output: i64([], [9]),
  },
  'the end may count from the begin': {
    inputs: { input: i32([4], [1, 2, 3, 4]), begin: i32([1], [1]), end: i32([1], [2]), strides: i32([1], [1]) },
    options: { offset: true },
    output: i32([2], [2, 3]),
    version: 8,
  },
});

it('sizes of a partly known shape come out one by one', () => {
  const shape = { dtype: 'i32' as const, shape: [3], elements: [undefined, 28, 3] };
  const vector = (...elements: number[]) => ({ dtype: 'i32' as const, shape: [1], elements });
  const at = (begin: number, end: number, options: object) =>
    stridedSlice.elements([shape, vector(begin), vector(end), vector(1)], { ...options })?.[0];
  expect(at(0, 1, { shrinkAxisMask: 1 })).toEqual([undefined]);
  expect(at(1, 3, {})).toEqual([28, 3]);
});

it('an axis of unknown size stays whole under both masks', () => {
  const known = (elements: readonly number[]) => ({ dtype: 'i32' as const, shape: [elements.length], elements });
  const input = { dtype: 'f32' as const, shape: [-1, 28, 28], elements: undefined };
  const [type] = stridedSlice.infer([input, known([0, 2]), known([0, 5]), known([1, 1])], { beginMask: 1, endMask: 1 });
  expect(type?.shape).toEqual([-1, 3, 28]);
});

it('an index out of range is refused', () => {
  const inputs = { input: i32([2], [1, 2]), begin: i32([1], [2]), end: i32([1], [3]), strides: i32([1], [1]) };
  expect(errorOf(stridedSlice, { inputs, options: { shrinkAxisMask: 1 } })).toBe(
    'index 2 is out of range for axis 0 of [2]',
  );
});
