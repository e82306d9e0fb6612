import { expect, it } from 'vitest';
import type { Quantization, Tensor } from '../ir/tensor.js';
import { quantize } from './quantize.js';
import { f32, i8, versionOf } from './testing.js';

const per = (scale: readonly number[], zeroPoint: readonly number[], axis = 0): Quantization => ({
  scale: Float32Array.from(scale),
  zeroPoint,
  axis,
});

function run(input: Tensor, dtype: 'i4' | 'i8' | 'u8', quantization: Quantization | undefined): number[] {
  const [result] = quantize.reference?.([input], [{ dtype, shape: input.shape, quantization }], {}) ?? [];
  expect(result).toMatchObject({ dtype, shape: input.shape, quantization });
  return Array.from(result?.data as Int8Array);
}

// Expected values of the first two: TFLite reference kernel of TensorFlow 2.21.
it('numbers become the nearest step, halves away from zero, within the type', () => {
  const input = f32([8], [-10, -0.5, -0.25, 0, 0.25, 0.75, 1.25, 100]);
  expect(run(input, 'i8', per([0.5], [-3]))).toEqual([-23, -4, -4, -3, -2, -1, 0, 127]);
});

it('integers are rescaled in fixed-point arithmetic', () => {
  const input = { ...i8([8], [-128, -50, -3, -2, 0, 1, 64, 127]), quantization: per([0.5], [-3]) };
  expect(run(input, 'i8', per([0.3], [10]))).toEqual([-128, -68, 10, 12, 15, 17, 122, 127]);
});

it('each channel has its scale', () => {
  const input = f32([2, 3], [1, 1, 1, -2, -2, -2]);
  expect(run(input, 'i8', per([1, 0.5, 0.25], [0, 0, 0], 1))).toEqual([1, 2, 4, -2, -4, -8]);
  expect(run(input, 'i4', per([0.125, 0.25], [0, 0], 0))).toEqual([7, 7, 7, -8, -8, -8]);
  expect(run(input, 'u8', per([1], [1]))).toEqual([2, 2, 2, 0, 0, 0]);
});

it('an output without parameters is refused', () => {
  expect(() => run(f32([1], [1]), 'i8', undefined)).toThrow('the output expects a scale and zero point, it has none');
});

// Rules: the order of the reference converter's version table.
it.each([
  ['i8', undefined, 1],
  ['u8', undefined, 1],
  ['i16', undefined, 2],
  ['i8', per([1, 1], [0, 0], 1), 3],
  ['i4', undefined, 4],
  ['u4', undefined, 5],
] as const)('%s outputs have their version', (dtype, quantization, version) => {
  const output = { dtype, shape: [3, 2], ...(quantization && { quantization }) };
  expect(versionOf(quantize, [{ dtype: 'f32', shape: [3, 2] }], [output])).toBe(version);
});
