import { expect, it } from 'vitest';
import type { DType, Tensor } from '../ir/tensor.js';
import { bitcast } from './bitcast.js';
import { cast } from './cast.js';
import type { Op } from './define.js';
import { findOp } from './registry.js';
import { bool, c64, f16, f32, f64, i8, i16, i32, i64, testOp, u8, u32 } from './testing.js';

const find = (name: string) => findOp(name) as Op;

// Expected values: TensorFlow.

testOp(cast, {
  'floats become int8': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'INT8' },
    output: i8([6], [-2, 0, 0, 0, 1, 100]),
  },
  'floats become int16': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'INT16' },
    output: i16([6], [-2, 0, 0, 0, 1, 100]),
  },
  'floats become int32': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'INT32' },
    output: i32([6], [-2, 0, 0, 0, 1, 100]),
  },
  'floats become int64': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'INT64' },
    output: i64([6], [-2, 0, 0, 0, 1, 100]),
  },
  'floats become bool': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'BOOL' },
    output: bool([6], [1, 1, 0, 1, 1, 1]),
  },
  'floats become float64': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'FLOAT64' },
    output: f64([6], [-2.700000047683716, -0.5, 0, 0.5, 1.5, 100.9000015258789]),
  },
  'floats become float16': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'FLOAT16' },
    output: f16([6], [-2.69921875, -0.5, 0, 0.5, 1.5, 100.875]),
  },
  'floats become complex64': {
    inputs: { input: f32([6], [-2.7, -0.5, 0, 0.5, 1.5, 100.9]) },
    options: { outDataType: 'COMPLEX64' },
    output: c64([6], [-2.7, 0, -0.5, 0, 0, 0, 0.5, 0, 1.5, 0, 100.9, 0]),
  },
  'int64 becomes int8, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'INT8' },
    output: i8([5], [-1, 0, 1, 44, 112]),
  },
  'int64 becomes uint8, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'UINT8' },
    output: u8([5], [255, 0, 1, 44, 112]),
  },
  'int64 becomes int16, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'INT16' },
    output: i16([5], [-1, 0, 1, 300, 4464]),
  },
  'int64 becomes int32, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'INT32' },
    output: i32([5], [-1, 0, 1, 300, 70000]),
  },
  'int64 becomes float32, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'FLOAT32' },
    output: f32([5], [-1, 0, 1, 300, 70000]),
  },
  'int64 becomes bool, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'BOOL' },
    output: bool([5], [1, 0, 1, 1, 1]),
  },
  'int64 becomes uint32, wrapping around': {
    inputs: { input: i64([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'UINT32' },
    output: u32([5], [4294967295, 0, 1, 300, 70000]),
  },
  'int32 becomes int8, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'INT8' },
    output: i8([5], [-1, 0, 1, 44, 112]),
  },
  'int32 becomes uint8, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'UINT8' },
    output: u8([5], [255, 0, 1, 44, 112]),
  },
  'int32 becomes int16, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'INT16' },
    output: i16([5], [-1, 0, 1, 300, 4464]),
  },
  'int32 becomes float32, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'FLOAT32' },
    output: f32([5], [-1, 0, 1, 300, 70000]),
  },
  'int32 becomes bool, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'BOOL' },
    output: bool([5], [1, 0, 1, 1, 1]),
  },
  'int32 becomes uint32, wrapping around': {
    inputs: { input: i32([5], [-1, 0, 1, 300, 70000]) },
    options: { outDataType: 'UINT32' },
    output: u32([5], [4294967295, 0, 1, 300, 70000]),
  },
  'truth becomes float32': {
    inputs: { input: bool([2], [1, 0]) },
    options: { outDataType: 'FLOAT32' },
    output: f32([2], [1, 0]),
  },
  'truth becomes int64': {
    inputs: { input: bool([2], [1, 0]) },
    options: { outDataType: 'INT64' },
    output: i64([2], [1, 0]),
  },
  'truth becomes uint8': {
    inputs: { input: bool([2], [1, 0]) },
    options: { outDataType: 'UINT8' },
    output: u8([2], [1, 0]),
  },
  'numbers beyond an integer become its nearest': {
    inputs: { input: f32([4], [3000000000, -3000000000, Infinity, -Infinity]) },
    options: { outDataType: 'INT32' },
    output: i32([4], [2147483647, -2147483648, 2147483647, -2147483648]),
  },
  'float16 becomes integers': {
    inputs: { input: f16([2], [1.5, -2.5]) },
    options: { outDataType: 'INT64' },
    output: i64([2], [1, -2]),
    version: 5,
  },
  'complex numbers lose their imaginary part': {
    inputs: { input: c64([2], [1, 2, -0, -3.5]) },
    options: { outDataType: 'FLOAT32' },
    output: f32([2], [1, 0]),
  },
  'sizes stay known': {
    inputs: { input: i32([2], [2, 3]) },
    options: { outDataType: 'INT64' },
    output: i64([2], [2, 3]),
    elements: [2, 3],
  },
});

testOp(bitcast, {
  'floats read as integers of their size': {
    inputs: { input: f32([2], [1, -2]) },
    options: { outDataType: 'INT32' },
    output: i32([2], [1065353216, -1073741824]),
  },
  'bytes have a last axis': {
    inputs: { input: f32([2], [1, -2]) },
    options: { outDataType: 'UINT8' },
    output: u8([2, 4], [0, 0, 128, 63, 0, 0, 0, 192]),
  },
  'bytes join': {
    inputs: { input: u8([1, 4], [1, 2, 3, 4]) },
    options: { outDataType: 'INT32' },
    output: i32([1], [67305985]),
  },
});

testOp(find('REAL'), {
  'complex numbers have it': {
    inputs: { input: c64([2], [3, 4, -1, 0]) },
    output: f32([2], [3, -1]),
  },
});

testOp(find('IMAG'), {
  'complex numbers have it': {
    inputs: { input: c64([2], [3, 4, -1, 0]) },
    output: f32([2], [4, 0]),
  },
});

testOp(find('COMPLEX_ABS'), {
  'complex numbers have it': {
    inputs: { input: c64([2], [3, 4, -1, 0]) },
    output: f32([2], [5, 1]),
  },
});

it('the types of the values imply the options of a cast', () => {
  const type = (dtype: DType) => ({ dtype, shape: undefined });
  expect(cast.implied([type('f32')], [type('bool')])).toEqual({ inDataType: 'FLOAT32', outDataType: 'BOOL' });
});

it('numbers become those of 4 bits by their nearest or their low bits', () => {
  const run = (input: Tensor) => cast.reference?.([input], [], { outDataType: 'INT4' })[0]?.data;
  expect(run(f32([3], [9, -9, 2.5]))).toEqual(Int8Array.of(7, -8, 2));
  expect(run(i32([3], [9, -9, 2]))).toEqual(Int8Array.of(-7, 7, 2));
});
