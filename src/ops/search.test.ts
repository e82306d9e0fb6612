import { expect, it } from 'vitest';
import { bucketize } from './bucketize.js';
import type { Op } from './define.js';
import { findOp } from './registry.js';
import { bool, errorOf, f16, f32, i8, i16, i32, i64, testOp } from './testing.js';
import { topK } from './top-k.js';
import { unique } from './unique.js';
import { where } from './where.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(where, {
  'true elements have rows of positions': {
    inputs: { condition: bool([2, 2], [1, 0, 1, 1]) },
    output: i64([3, 2], [0, 0, 1, 0, 1, 1]),
    isDynamic: true,
    version: 1,
  },
  'numbers count unless they are zero': {
    inputs: { condition: f32([3], [0, -0, 2]) },
    output: i64([1, 1], [2]),
    isDynamic: true,
    version: 2,
  },
  'float16 zeros have a sign': {
    inputs: { condition: f16([3], [0, -0, 0.5]) },
    output: i64([1, 1], [2]),
    isDynamic: true,
  },
  'a scalar has no position': {
    inputs: { condition: bool([], [1]) },
    output: i64([1, 0], []),
    isDynamic: true,
  },
});

testOp(unique, {
  'elements come in the order of their first places': {
    inputs: { input: i32([5], [5, 3, 5, 1, 3]) },
    output: [i32([3], [5, 3, 1]), i32([5], [0, 1, 0, 2, 1])],
    isDynamic: true,
  },
  '64-bit places are given on demand': {
    inputs: { input: i64([3], [9007199254740992, 9007199254740994, 9007199254740992]) },
    options: { idxOutType: 'INT64' },
    output: [i64([2], [9007199254740992, 9007199254740994]), i64([3], [0, 1, 0])],
    isDynamic: true,
  },
});

testOp(topK, {
  'equal elements come in order': {
    inputs: { input: f32([2, 4], [1, 5, 3, 5, 9, -1, 9, 0]), k: i32([], [3]) },
    output: [f32([2, 3], [5, 5, 3, 9, 9, 0]), i32([2, 3], [1, 3, 2, 0, 2, 3])],
  },
  '64-bit integers compare exactly': {
    inputs: { input: i64([3], [3, 1099511627776, -5]), k: i32([], [1]) },
    output: [i64([1], [1099511627776]), i32([1], [1])],
  },
  'NaN counts as the least': {
    inputs: { input: f32([3], [NaN, -Infinity, 1]), k: i32([], [3]) },
    output: [f32([3], [1, -Infinity, NaN]), i32([3], [2, 1, 0])],
  },
  'small places have a version': {
    inputs: { input: i32([2], [1, 2]), k: i16([], [1]) },
    output: [i32([1], [2]), i16([1], [1])],
    version: 3,
  },
});

testOp(bucketize, {
  'an element on a boundary is above it': {
    inputs: { input: f32([6], [-1, 0, 5, 9.5, 10, 11]) },
    options: { boundaries: [0, 10] },
    output: i32([6], [0, 1, 1, 1, 2, 2]),
  },
  'integers have buckets': {
    inputs: { input: i64([2], [3, 100]) },
    options: { boundaries: [3.5] },
    output: i32([2], [0, 1]),
  },
});

testOp(find('ARG_MAX'), {
  'the first of equals wins along axis 0': {
    inputs: { input: f32([2, 3], [1, 7, 3, 7, 7, 0]), axis: i32([], [0]) },
    output: i64([3], [1, 0, 0]),
  },
  'the first of equals wins along axis -1': {
    inputs: { input: f32([2, 3], [1, 7, 3, 7, 7, 0]), axis: i32([], [-1]) },
    output: i64([2], [1, 0]),
  },
  '32-bit places are given on demand': {
    inputs: { input: i8([3], [1, 3, -2]), axis: i32([], [0]) },
    options: { outputType: 'INT32' },
    output: i32([], [1]),
    version: 2,
  },
  'float16 numbers compare as numbers': {
    inputs: { input: f16([3], [1, 3, -2]), axis: i32([], [0]) },
    output: i64([], [1]),
  },
});

testOp(find('ARG_MIN'), {
  'the first of equals wins along axis 0': {
    inputs: { input: f32([2, 3], [1, 7, 3, 7, 7, 0]), axis: i32([], [0]) },
    output: i64([3], [0, 0, 1]),
  },
  'the first of equals wins along axis -1': {
    inputs: { input: f32([2, 3], [1, 7, 3, 7, 7, 0]), axis: i32([], [-1]) },
    output: i64([2], [0, 2]),
  },
  '32-bit places are given on demand': {
    inputs: { input: i8([3], [1, 3, -2]), axis: i32([], [0]) },
    options: { outputType: 'INT32' },
    output: i32([], [2]),
    version: 2,
  },
  'float16 numbers compare as numbers': {
    inputs: { input: f16([3], [1, 3, -2]), axis: i32([], [0]) },
    output: i64([], [2]),
  },
});

it('indices of other types are refused', () => {
  const inputs = { input: f32([2], [1, 2]), axis: i32([], [0]) };
  expect(errorOf(find('ARG_MAX'), { inputs, options: { outputType: 'FLOAT32' } })).toBe(
    'indices are i32 or i64, not f32',
  );
});

it('no more elements can be asked for than a row has', () => {
  expect(errorOf(topK, { inputs: { input: i32([2], [1, 2]), k: i32([], [3]) } })).toBe(
    'a row of 2 has no 3 greatest elements',
  );
});
