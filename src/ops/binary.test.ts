import type { Op } from './define.js';
import { findOp } from './registry.js';
import { f32, i8, i16, i32, i64, testOp, u8, u16, u32 } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(find('FLOOR_DIV'), {
  'floats round toward minus infinity': {
    inputs: { a: f32([6], [7, -7, 7, -7, 0.5, 0]), b: f32([6], [2, 2, -2, -2, 3, 5]) },
    output: f32([6], [3, -4, -4, 3, 0, 0]),
    version: 2,
  },
  'integers round toward minus infinity': {
    inputs: { a: i32([5], [7, -7, 7, -7, 0]), b: i32([5], [2, 2, -2, -2, 5]) },
    output: i32([5], [3, -4, -4, 3, 0]),
  },
  '64-bit integers round toward minus infinity': {
    inputs: { a: i64([5], [7, -7, 7, -7, 0]), b: i64([5], [2, 2, -2, -2, 5]) },
    output: i64([5], [3, -4, -4, 3, 0]),
  },
  'a scalar divides all': {
    inputs: { a: i32([5], [7, -7, 7, -7, 0]), b: i32([], [3]) },
    output: i32([5], [2, -3, 2, -3, 0]),
  },
});

testOp(find('FLOOR_MOD'), {
  'floats round toward minus infinity': {
    inputs: { a: f32([6], [7, -7, 7, -7, 0.5, 0]), b: f32([6], [2, 2, -2, -2, 3, 5]) },
    output: f32([6], [1, 1, -1, -1, 0.5, 0]),
    version: 1,
  },
  'integers round toward minus infinity': {
    inputs: { a: i32([5], [7, -7, 7, -7, 0]), b: i32([5], [2, 2, -2, -2, 5]) },
    output: i32([5], [1, 1, -1, -1, 0]),
  },
  '64-bit integers round toward minus infinity': {
    inputs: { a: i64([5], [7, -7, 7, -7, 0]), b: i64([5], [2, 2, -2, -2, 5]) },
    output: i64([5], [1, 1, -1, -1, 0]),
  },
  'a scalar divides all': {
    inputs: { a: i32([5], [7, -7, 7, -7, 0]), b: i32([], [3]) },
    output: i32([5], [1, 2, 1, 2, 0]),
  },
});

testOp(find('POW'), {
  'floats have any power': {
    inputs: { a: f32([5], [2, 9, -2, 0, 0.5]), b: f32([5], [3, 0.5, 2, 0, -1]) },
    output: f32([5], [8, 3, 4, 1, 2]),
  },
  'integer powers wrap around': {
    inputs: { a: i32([5], [3, -2, 0, 7, 10]), b: i32([5], [4, 3, 0, 20, 10]) },
    output: i32([5], [81, -8, 1, -1199696159, 1410065408]),
  },
  'a 64-bit power is exact': {
    inputs: { a: i64([1], [3]), b: i64([1], [30]) },
    output: i64([1], [205891132094649]),
  },
});

testOp(find('MAXIMUM'), {
  'rows meet columns': {
    inputs: { a: f32([3, 1], [-0.79, -0.89, -0.98]), b: f32([1, 2], [-0.22, 0.02]) },
    output: f32([3, 2], [-0.22, 0.02, -0.22, 0.02, -0.22, 0.02]),
  },
  '64-bit integers compare as such': {
    inputs: { a: i64([3], [1099511627776, -1, 5]), b: i64([3], [1, -1099511627776, 6]) },
    output: i64([3], [1099511627776, -1, 6]),
  },
  'five broadcast axes need a later version': {
    inputs: { a: i32([1, 2, 1, 2, 2], [1, 0, 0, 8, 5, 5, 3, 2]), b: i32([2, 1, 2, 1, 1], [-3, 8, -1, -6]) },
    output: i32(
      [2, 2, 2, 2, 2],
      [1, 0, 0, 8, 8, 8, 8, 8, 5, 5, 3, 2, 8, 8, 8, 8, 1, 0, 0, 8, 1, 0, 0, 8, 5, 5, 3, 2, 5, 5, 3, 2],
    ),
    version: 3,
  },
  '16-bit integers need a later version': {
    inputs: { a: i16([4], [6, -7, 6, 2]), b: i16([4], [2, 6, -7, 6]) },
    output: i16([4], [6, 6, 6, 6]),
    version: 4,
  },
});

testOp(find('MINIMUM'), {
  'rows meet columns': {
    inputs: { a: f32([3, 1], [-1.82, -1.86, 0.06]), b: f32([1, 2], [-0.14, 1.67]) },
    output: f32([3, 2], [-1.82, -1.82, -1.86, -1.86, -0.14, 0.06]),
  },
  '64-bit integers compare as such': {
    inputs: { a: i64([3], [1099511627776, -1, 5]), b: i64([3], [1, -1099511627776, 6]) },
    output: i64([3], [1, -1099511627776, 5]),
  },
  'five broadcast axes need a later version': {
    inputs: { a: i32([1, 2, 1, 2, 2], [5, 2, -2, 0, -5, -1, -3, -5]), b: i32([2, 1, 2, 1, 1], [8, -9, -8, -6]) },
    output: i32(
      [2, 2, 2, 2, 2],
      [
        5, 2, -2, 0, -9, -9, -9, -9, -5, -1, -3, -5, -9, -9, -9, -9, -8, -8, -8, -8, -6, -6, -6, -6, -8, -8, -8, -8, -6,
        -6, -6, -6,
      ],
    ),
    version: 3,
  },
  '16-bit integers need a later version': {
    inputs: { a: i16([4], [8, 3, 6, -6]), b: i16([4], [-6, 6, 3, 8]) },
    output: i16([4], [-6, 3, 3, -6]),
    version: 4,
  },
});

testOp(find('SQUARED_DIFFERENCE'), {
  'the difference is squared': {
    inputs: { a: f32([2, 3], [-0.52, -1.99, 1.32, -1.38, -0.93, 1.52]), b: f32([3], [0.04, 1.39, 0.56]) },
    output: f32([2, 3], [0.3136, 11.4244, 0.57760006, 2.0163999, 5.3823996, 0.9216]),
  },
  'integer squares wrap around': {
    inputs: { a: i32([2], [100000, -3]), b: i32([2], [-1, 4]) },
    output: i32([2], [1410265409, 49]),
  },
});

testOp(find('ATAN2'), {
  'every quadrant has its angle': {
    inputs: { a: f32([5], [1, -1, 1, -1, 0]), b: f32([5], [1, 2, -1, -3, 5]) },
    output: f32([5], [0.7853982, -0.4636476, 2.3561945, -2.819842, 0]),
  },
});

testOp(find('BITWISE_XOR'), {
  'int8 elements differ bit by bit': {
    inputs: { a: i8([3], [1, 5, 127]), b: i8([3], [3, 127, -128]) },
    output: i8([3], [2, 122, -1]),
  },
  'uint8 elements differ bit by bit': {
    inputs: { a: u8([3], [1, 5, 127]), b: u8([3], [3, 255, 0]) },
    output: u8([3], [2, 250, 127]),
  },
  'int16 elements differ bit by bit': {
    inputs: { a: i16([3], [1, 5, 127]), b: i16([3], [3, 32767, -32768]) },
    output: i16([3], [2, 32762, -32641]),
  },
  'uint16 elements differ bit by bit': {
    inputs: { a: u16([3], [1, 5, 127]), b: u16([3], [3, 65535, 0]) },
    output: u16([3], [2, 65530, 127]),
  },
  'int32 elements differ bit by bit': {
    inputs: { a: i32([3], [1, 5, 127]), b: i32([3], [3, 2147483647, -2147483648]) },
    output: i32([3], [2, 2147483642, -2147483521]),
  },
  'uint32 elements differ bit by bit': {
    inputs: { a: u32([3], [1, 5, 127]), b: u32([3], [3, 4294967295, 0]) },
    output: u32([3], [2, 4294967290, 127]),
  },
});

testOp(find('RIGHT_SHIFT'), {
  'int8 elements keep their sign': {
    inputs: { a: i8([4], [-128, 127, 100, 77]), b: i8([4], [1, 3, 0, 7]) },
    output: i8([4], [-64, 15, 100, 0]),
  },
  'uint8 elements keep their sign': {
    inputs: { a: u8([4], [0, 255, 100, 77]), b: u8([4], [1, 3, 0, 7]) },
    output: u8([4], [0, 31, 100, 0]),
  },
  'int16 elements keep their sign': {
    inputs: { a: i16([4], [-32768, 32767, 100, 77]), b: i16([4], [1, 3, 0, 15]) },
    output: i16([4], [-16384, 4095, 100, 0]),
  },
  'uint16 elements keep their sign': {
    inputs: { a: u16([4], [0, 65535, 100, 77]), b: u16([4], [1, 3, 0, 15]) },
    output: u16([4], [0, 8191, 100, 0]),
  },
  'int32 elements keep their sign': {
    inputs: { a: i32([4], [-2147483648, 2147483647, 100, 77]), b: i32([4], [1, 3, 0, 31]) },
    output: i32([4], [-1073741824, 268435455, 100, 0]),
  },
  'uint32 elements keep their sign': {
    inputs: { a: u32([4], [0, 4294967295, 100, 77]), b: u32([4], [1, 3, 0, 31]) },
    output: u32([4], [0, 536870911, 100, 0]),
  },
});
