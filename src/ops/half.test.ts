import { expect, it } from 'vitest';
import type { Quantization, Tensor } from '../ir/tensor.js';
import { findOp } from './registry.js';
import { f16, i8, i32 } from './testing.js';

const scaled = (scale: number, zeroPoint: number): Quantization => ({
  scale: Float32Array.of(scale),
  zeroPoint: [zeroPoint],
  axis: 0,
});
const quantized = (tensor: Tensor, scale: number, zeroPoint: number): Tensor => ({
  ...tensor,
  quantization: scaled(scale, zeroPoint),
});
const run = (op: string, inputs: readonly Tensor[], type: object, options = {}) =>
  findOp(op)?.reference?.(inputs, [type as Tensor], options)[0];

it('quantized operands of different scales add as the numbers that they stand for', () => {
  const a = quantized(i8([2], [10, -20]), 0.5, 0); // 5, -10
  const b = quantized(i8([2], [3, 7]), 1, -1); // 4, 8
  const type = { dtype: 'i8', shape: [2], quantization: scaled(0.25, 4) };
  expect(run('ADD', [a, b], type)?.data).toEqual(Int8Array.of(40, -4)); // 9, -2
  expect(run('ADD', [a, b], type, { fusedActivationFunction: 'RELU6' })?.data).toEqual(Int8Array.of(28, 4)); // 6, 0
});

it('quantized numbers compare as the numbers that they stand for', () => {
  const a = quantized(i8([2], [1, 4]), 1, 0);
  const b = quantized(i8([2], [1, 4]), 0.5, -4); // 2.5, 4
  expect(run('EQUAL', [a, b], { dtype: 'bool', shape: [2] })?.data).toEqual(Uint8Array.of(0, 1));
});

it('padding of a quantized tensor is its zero point', () => {
  const x = quantized(i8([1], [5]), 1, -3);
  expect(run('PAD', [x, i32([1, 2], [1, 1])], x)?.data).toEqual(Int8Array.of(-3, 5, -3));
});

it('float16 results are rounded once', () => {
  // 2048 and 2050 are neighbours in float16; 2048 + 1 lies between and goes to the even one.
  const sum = run('ADD', [f16([1], [2048]), f16([1], [1])], { dtype: 'f16', shape: [1] });
  expect(sum?.data).toEqual(f16([1], [2048]).data);
});
