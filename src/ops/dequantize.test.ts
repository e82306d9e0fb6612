import { expect, it } from 'vitest';
import type { Quantization } from '../ir/tensor.js';
import { dequantize } from './dequantize.js';
import { errorOf, f16, f32, i4, i8, i16, testOp, u8, versionOf } from './testing.js';

const per = (scale: readonly number[], zeroPoint: readonly number[], axis = 0): Quantization => ({
  scale: Float32Array.from(scale),
  zeroPoint,
  axis,
});

// Expected values: by hand, scale * (q - zeroPoint).
testOp(dequantize, {
  'one scale for all': {
    inputs: { input: { ...i8([3], [-128, 2, 127]), quantization: per([0.5], [2]) } },
    output: f32([3], [-65, 0, 62.5]),
    version: 2,
  },
  'a scale for each index of an axis in the middle': {
    inputs: { input: { ...i8([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]), quantization: per([1, 0.5], [0, 0], 1) } },
    output: f32([2, 2, 2], [1, 2, 1.5, 2, 5, 6, 3.5, 4]),
  },
  'unsigned integers': {
    inputs: { input: { ...u8([2], [0, 255]), quantization: per([0.5], [128]) } },
    output: f32([2], [-64, 63.5]),
    version: 1,
  },
  '4-bit integers': {
    inputs: { input: { ...i4([2], [-8, 7]), quantization: per([2], [0]) } },
    output: f32([2], [-16, 14]),
    version: 6,
  },
  '16-bit integers': {
    inputs: { input: { ...i16([2], [-32768, 1]), quantization: per([2 ** -15], [0]) } },
    output: f32([2], [-1, 2 ** -15]),
    version: 3,
  },
  '16-bit floats need no scale': {
    inputs: { input: f16([3], [1.5, -65504, 2 ** -24]) },
    output: f32([3], [1.5, -65504, 2 ** -24]),
    version: 3,
  },
  '8-bit floats need no scale': {
    inputs: { input: { dtype: 'f8e4m3', shape: [3], data: Uint8Array.of(0x38, 0xfe, 0x01) } },
    output: f32([3], [1, -448, 2 ** -9]),
    version: 9,
  },
});

it('integers without parameters are refused', () => {
  expect(errorOf(dequantize, { inputs: { input: i8([1], [1]) } }, 'run')).toBe(
    'the float kernel expects float or quantized elements, got i8',
  );
});

it('8-bit integers with a scale for each channel have version 5, with a single one version 2', () => {
  const input = (channels: number) => ({
    dtype: 'i8' as const,
    shape: [channels, 2],
    quantization: per(new Array<number>(channels).fill(1), []),
  });
  expect(versionOf(dequantize, [input(3)], [{ dtype: 'f32', shape: [3, 2] }])).toBe(5);
  expect(versionOf(dequantize, [input(1)], [{ dtype: 'f32', shape: [1, 2] }])).toBe(2);
});
