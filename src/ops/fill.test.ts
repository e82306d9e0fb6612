import { expect, it } from 'vitest';
import { fill } from './fill.js';
import { range } from './range.js';
import { errorOf, f32, i32, i64, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(fill, {
  'every element is the value': {
    inputs: { dims: i32([2], [2, 2]), value: f32([], [1.5]) },
    output: f32([2, 2], [1.5, 1.5, 1.5, 1.5]),
  },
  'an empty shape makes a scalar': {
    inputs: { dims: i32([0], []), value: i64([], [9]) },
    output: i64([], [9]),
    elements: [9],
  },
  'a vector of sizes is known': {
    inputs: { dims: i64([1], [2]), value: i32([], [-1]) },
    output: i32([2], [-1, -1]),
    elements: [-1, -1],
  },
  'texts fill too': {
    inputs: { dims: i32([1], [2]), value: strings([], ['ab']) },
    output: strings([2], ['ab', 'ab']),
    version: 2,
  },
});

testOp(range, {
  'numbers count up': {
    inputs: { start: i32([], [2]), limit: i32([], [9]), delta: i32([], [3]) },
    output: i32([3], [2, 5, 8]),
    elements: [2, 5, 8],
  },
  'numbers count down': {
    inputs: { start: i32([], [3]), limit: i32([], [0]), delta: i32([], [-1]) },
    output: i32([3], [3, 2, 1]),
  },
  'floats count by fractions': {
    inputs: { start: f32([], [0]), limit: f32([], [1]), delta: f32([], [0.3]) },
    output: f32([4], [0, 0.3, 0.6, 0.90000004]),
  },
  '64-bit numbers count': {
    inputs: { start: i64([], [0]), limit: i64([], [2]), delta: i64([], [1]) },
    output: i64([2], [0, 1]),
    version: 2,
  },
  'a limit behind the start gives nothing': {
    inputs: { start: i32([], [3]), limit: i32([], [1]), delta: i32([], [1]) },
    output: i32([0], []),
  },
});

it('a range without steps is refused', () => {
  const zero = i32([], [0]);
  expect(errorOf(range, { inputs: { start: zero, limit: zero, delta: zero } })).toBe(
    'a range with steps of 0 has no end',
  );
});
