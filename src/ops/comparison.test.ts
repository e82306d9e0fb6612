import type { Op } from './define.js';
import { findOp } from './registry.js';
import { bool, f16, f32, i16, i32, i64, strings, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('EQUAL'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [1, 0, 0, 0, 1, 0]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [1, 0, 0, 1, 0]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [0, 1]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [0, 1]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [0, 1]),
    version: 5,
  },
  'texts are compared whole': {
    inputs: { a: strings([3], ['ab', 'c', '']), b: strings([3], ['ab', 'd', '']) },
    output: bool([3], [1, 0, 1]),
    version: 3,
  },
  'truth values are compared': {
    inputs: { a: bool([2], [1, 0]), b: bool([2], [1, 1]) },
    output: bool([2], [1, 0]),
  },
});

testOp(find('NOT_EQUAL'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [0, 1, 1, 1, 0, 1]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [0, 1, 1, 0, 1]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [1, 0]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [1, 0]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [1, 0]),
    version: 4,
  },
  'texts are compared whole': {
    inputs: { a: strings([3], ['ab', 'c', '']), b: strings([3], ['ab', 'd', '']) },
    output: bool([3], [0, 1, 0]),
    version: 3,
  },
  'truth values are compared': {
    inputs: { a: bool([2], [1, 0]), b: bool([2], [1, 1]) },
    output: bool([2], [0, 1]),
  },
});

testOp(find('LESS'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [0, 1, 1, 0, 0, 1]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [0, 1, 0, 0, 0]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [0, 0]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [0, 0]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [1, 0]),
    version: 3,
  },
});

testOp(find('LESS_EQUAL'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [1, 1, 1, 0, 1, 1]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [1, 1, 0, 1, 0]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [0, 1]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [0, 1]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [1, 1]),
    version: 1,
  },
});

testOp(find('GREATER'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [0, 0, 0, 1, 0, 0]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [0, 0, 0, 0, 1]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [1, 0]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [1, 0]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [0, 0]),
    version: 1,
  },
});

testOp(find('GREATER_EQUAL'), {
  'integers broadcast': {
    inputs: { a: i32([2, 1], [1, 2]), b: i32([3], [1, 2, 3]) },
    output: bool([2, 3], [1, 0, 0, 1, 1, 0]),
  },
  'NaN differs from itself, zeros do not': {
    inputs: { a: f32([5], [0, -0, NaN, Infinity, 1]), b: f32([5], [-0, 1, NaN, Infinity, 0]) },
    output: bool([5], [1, 0, 0, 1, 1]),
  },
  '64-bit integers compare exactly': {
    inputs: { a: i64([2], [9007199254740992, 9007199254740992]), b: i64([2], [9007199254740991, 9007199254740992]) },
    output: bool([2], [1, 1]),
  },
  'float16 numbers compare as numbers': {
    inputs: { a: f16([2], [1, -0.5]), b: f16([2], [0.5, -0.5]) },
    output: bool([2], [1, 1]),
  },
  '16-bit integers have their version': {
    inputs: { a: i16([2], [1, 2]), b: i16([2], [2, 2]) },
    output: bool([2], [0, 1]),
    version: 3,
  },
});
