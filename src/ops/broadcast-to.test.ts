import { expect, it } from 'vitest';
import { broadcastArgs } from './broadcast-args.js';
import { broadcastTo } from './broadcast-to.js';
import { c64, errorOf, i32, i64, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(broadcastTo, {
  'axes of size 1 repeat': {
    inputs: { input: i32([2, 1], [8, 0]), shape: i32([3], [3, 2, 2]) },
    output: i32([3, 2, 2], [8, 8, 0, 0, 8, 8, 0, 0, 8, 8, 0, 0]),
    version: 2,
  },
  'a scalar fills a vector': {
    inputs: { input: i32([], [7]), shape: i64([1], [3]) },
    output: i32([3], [7, 7, 7]),
    elements: [7, 7, 7],
  },
  'complex numbers repeat whole': {
    inputs: { input: c64([1, 1], [1, 2]), shape: i32([2], [1, 2]) },
    output: c64([1, 2], [1, 2, 1, 2]),
  },
});

testOp(broadcastArgs, {
  'shapes meet from the right': {
    inputs: { a: i32([3], [5, 1, 3]), b: i32([2], [4, 1]) },
    output: i32([3], [5, 4, 3]),
    elements: [5, 4, 3],
  },
  '64-bit shapes stay so': {
    inputs: { a: i64([1], [1]), b: i64([2], [2, 1]) },
    output: i64([2], [2, 1]),
  },
});

it('a shape that the input does not fill is refused', () => {
  expect(errorOf(broadcastTo, { inputs: { input: i32([2], [1, 2]), shape: i32([1], [1]) } })).toBe(
    '[2] does not broadcast to [1]',
  );
});

it('sizes of the input are known where those of the shape are not', () => {
  const shape = { dtype: 'i32' as const, shape: [2], elements: [undefined, 3] };
  expect(broadcastTo.infer([{ dtype: 'f32', shape: [5, 1], elements: undefined }, shape], {})[0]?.shape).toEqual([
    5, 3,
  ]);
  expect(broadcastTo.infer([{ dtype: 'f32', shape: [1, 1], elements: undefined }, shape], {})[0]?.shape).toEqual([
    -1, 3,
  ]);
});

it('a known size above 1 decides against an unknown one', () => {
  const shape = (elements: readonly (number | undefined)[]) => ({ dtype: 'i32' as const, shape: [2], elements });
  expect(broadcastArgs.elements([shape([undefined, 1]), shape([7, undefined])], {})).toEqual([[7, undefined]]);
});
