import type { Op } from './define.js';
import { findOp } from './registry.js';
import { c64, f16, f32, i32, i64, testOp } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('ADD'), {
  'operands broadcast along different axes': {
    inputs: { a: f32([2, 1, 3], [0.5, 1.59, 1.1, -1.1, -0.8, 1.49]), b: f32([4, 1], [-1.98, 1.28, 1.19, -0.13]) },
    output: f32(
      [2, 4, 3],
      [
        -1.48, -0.39, -0.88, 1.78, 2.87, 2.38, 1.69, 2.7800002, 2.29, 0.37, 1.46, 0.97, -3.08, -2.78, -0.49, 0.17999995,
        0.47999996, 2.77, 0.09000003, 0.39000005, 2.68, -1.23, -0.93, 1.36,
      ],
    ),
    version: 1,
  },
  'RELU6 is fused behind': {
    inputs: { a: f32([6], [-7, -5, -3, -1, 1, 3]), b: f32([], [0.5]) },
    options: { fusedActivationFunction: 'RELU6' },
    output: f32([6], [0, 0, 0, 0, 1.5, 3.5]),
  },
  '32-bit integers wrap around': {
    inputs: { a: i32([4], [7, -7, 2147483647, 100000]), b: i32([4], [2, 2, 3, 100000]) },
    output: i32([4], [9, -5, -2147483646, 200000]),
  },
  '64-bit integers are exact': {
    inputs: { a: i64([3], [7, -7, 1099511627776]), b: i64([1], [2]) },
    output: i64([3], [9, -5, 1099511627778]),
    version: 4,
  },
  'float16 rounds the exact result': {
    inputs: { a: f16([3], [1, 2.5, -3]), b: f16([3], [0.0999755859375, 3, 7]) },
    output: f16([3], [1.099609375, 5.5, 4]),
  },
  'complex numbers broadcast too': {
    inputs: { a: c64([2], [1, 2, -3, 0.5]), b: c64([1], [2, -1]) },
    output: c64([2], [3, 1, -1, -0.5]),
  },
  'an empty operand gives an empty result': {
    inputs: { a: f32([0, 3], []), b: f32([1, 3], [0, 0, 0]) },
    output: f32([0, 3], []),
  },
});

testOp(find('SUB'), {
  'operands broadcast along different axes': {
    inputs: { a: f32([2, 1, 3], [0.5, 1.59, 1.1, -1.1, -0.8, 1.49]), b: f32([4, 1], [-1.98, 1.28, 1.19, -0.13]) },
    output: f32(
      [2, 4, 3],
      [
        2.48, 3.5700002, 3.08, -0.78, 0.31000006, -0.17999995, -0.69000006, 0.39999998, -0.09000003, 0.63, 1.72, 1.23,
        0.88, 1.1800001, 3.47, -2.38, -2.08, 0.21000004, -2.29, -1.99, 0.29999995, -0.97, -0.67, 1.62,
      ],
    ),
    version: 1,
  },
  'RELU6 is fused behind': {
    inputs: { a: f32([6], [-7, -5, -3, -1, 1, 3]), b: f32([], [0.5]) },
    options: { fusedActivationFunction: 'RELU6' },
    output: f32([6], [0, 0, 0, 0, 0.5, 2.5]),
  },
  '32-bit integers wrap around': {
    inputs: { a: i32([4], [7, -7, 2147483647, 100000]), b: i32([4], [2, 2, 3, 100000]) },
    output: i32([4], [5, -9, 2147483644, 0]),
  },
  '64-bit integers are exact': {
    inputs: { a: i64([3], [7, -7, 1099511627776]), b: i64([1], [2]) },
    output: i64([3], [5, -9, 1099511627774]),
    version: 4,
  },
  'float16 rounds the exact result': {
    inputs: { a: f16([3], [1, 2.5, -3]), b: f16([3], [0.0999755859375, 3, 7]) },
    output: f16([3], [0.89990234375, -0.5, -10]),
  },
  'complex numbers broadcast too': {
    inputs: { a: c64([2], [1, 2, -3, 0.5]), b: c64([1], [2, -1]) },
    output: c64([2], [-1, 3, -5, 1.5]),
  },
  'an empty operand gives an empty result': {
    inputs: { a: f32([0, 3], []), b: f32([1, 3], [0, 0, 0]) },
    output: f32([0, 3], []),
  },
});

testOp(find('MUL'), {
  'operands broadcast along different axes': {
    inputs: { a: f32([2, 1, 3], [0.5, 1.59, 1.1, -1.1, -0.8, 1.49]), b: f32([4, 1], [-1.98, 1.28, 1.19, -0.13]) },
    output: f32(
      [2, 4, 3],
      [
        -0.99, -3.1482, -2.178, 0.64, 2.0351999, 1.408, 0.595, 1.8921001, 1.3090001, -0.065, -0.2067, -0.14299999,
        2.178, 1.584, -2.9502, -1.408, -1.024, 1.9072, -1.3090001, -0.9520001, 1.7731001, 0.14299999, 0.103999995,
        -0.1937,
      ],
    ),
    version: 1,
  },
  'RELU6 is fused behind': {
    inputs: { a: f32([6], [-7, -5, -3, -1, 1, 3]), b: f32([], [0.5]) },
    options: { fusedActivationFunction: 'RELU6' },
    output: f32([6], [0, 0, 0, 0, 0.5, 1.5]),
  },
  '32-bit integers wrap around': {
    inputs: { a: i32([4], [7, -7, 2147483647, 100000]), b: i32([4], [2, 2, 3, 100000]) },
    output: i32([4], [14, -14, 2147483645, 1410065408]),
  },
  '64-bit integers are exact': {
    inputs: { a: i64([3], [7, -7, 1099511627776]), b: i64([1], [2]) },
    output: i64([3], [14, -14, 2199023255552]),
    version: 5,
  },
  'float16 rounds the exact result': {
    inputs: { a: f16([3], [1, 2.5, -3]), b: f16([3], [0.0999755859375, 3, 7]) },
    output: f16([3], [0.0999755859375, 7.5, -21]),
  },
  'complex numbers broadcast too': {
    inputs: { a: c64([2], [1, 2, -3, 0.5]), b: c64([1], [2, -1]) },
    output: c64([2], [4, 3, -5.5, 4]),
  },
  'an empty operand gives an empty result': {
    inputs: { a: f32([0, 3], []), b: f32([1, 3], [0, 0, 0]) },
    output: f32([0, 3], []),
  },
});

testOp(find('DIV'), {
  'operands broadcast along different axes': {
    inputs: { a: f32([2, 1, 3], [0.5, 1.59, 1.1, -1.1, -0.8, 1.49]), b: f32([4, 1], [-1.98, 1.28, 1.19, -0.13]) },
    output: f32(
      [2, 4, 3],
      [
        -0.25252524, -0.8030303, -0.5555556, 0.390625, 1.2421875, 0.85937506, 0.42016804, 1.3361344, 0.92436975,
        -3.846154, -12.23077, -8.461539, 0.5555556, 0.4040404, -0.75252527, -0.85937506, -0.625, 1.1640625, -0.92436975,
        -0.67226887, 1.2521008, 8.461539, 6.1538463, -11.461539,
      ],
    ),
    version: 1,
  },
  'RELU6 is fused behind': {
    inputs: { a: f32([6], [-7, -5, -3, -1, 1, 3]), b: f32([], [0.5]) },
    options: { fusedActivationFunction: 'RELU6' },
    output: f32([6], [0, 0, 0, 0, 2, 6]),
  },
  'integers divide toward zero': {
    inputs: { a: i32([4], [7, -7, 2147483647, 100000]), b: i32([4], [2, 2, 3, 100000]) },
    output: i32([4], [3, -3, 715827882, 1]),
  },
  '64-bit integers are exact': {
    inputs: { a: i64([3], [7, -7, 1099511627776]), b: i64([1], [2]) },
    output: i64([3], [3, -3, 549755813888]),
  },
  'float16 rounds the exact result': {
    inputs: { a: f16([3], [1, 2.5, -3]), b: f16([3], [0.0999755859375, 3, 7]) },
    output: f16([3], [10, 0.83349609375, -0.428466796875]),
  },
  'complex numbers broadcast too': {
    inputs: { a: c64([2], [1, 2, -3, 0.5]), b: c64([1], [2, -1]) },
    output: c64([2], [0, 1, -1.3, -0.4]),
  },
});
