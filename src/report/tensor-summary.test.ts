import { describe, expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { summarizeTensor, topEntries } from './tensor-summary.js';

const f32 = (shape: number[], ...values: number[]): Tensor => ({
  dtype: 'f32',
  shape,
  data: Float32Array.from(values),
});
const quantization = { scale: Float32Array.of(0.5), zeroPoint: [-2], axis: 0 };

describe('summarizeTensor', () => {
  it('leaves out what is not a number, and counts it', () => {
    const { min, mean, max, nans } = summarizeTensor('x', f32([4], 1, Number.NaN, 3, -4));
    expect({ min, mean, max, nans }).toEqual({ min: -4, mean: 0, max: 3, nans: 1 });
  });

  it('takes quantized integers as what they stand for', () => {
    const tensor: Tensor = { dtype: 'i8', shape: [2], data: Int8Array.of(-2, 4), quantization };
    expect(summarizeTensor('x', tensor)).toMatchObject({ dtype: 'i8', min: 0, mean: 1.5, max: 3 });
  });

  it.each<[string, Tensor, number | null]>([
    ['plain integers', { dtype: 'i64', shape: [1], data: BigInt64Array.of(7n) }, 7],
    ['booleans', { dtype: 'bool', shape: [1], data: Uint8Array.of(1) }, 1],
    ['float16 bits', { dtype: 'f16', shape: [1], data: Uint16Array.of(0x3c00) }, 1],
    ['texts', { dtype: 'string', shape: [1], data: [Uint8Array.of(65)] }, null],
    ['nothing', f32([0]), null],
  ])('of %s', (_, tensor, max) => expect(summarizeTensor('x', tensor).max).toBe(max));
});

describe('topEntries', () => {
  it('gives the highest of every row, of equal ones the first', () => {
    expect(topEntries(f32([2, 3], 1, 5, 5, 0, Number.NaN, -1), 2, ['a', 'b', 'c'])).toEqual([
      [
        { index: 1, score: 5, label: 'b' },
        { index: 2, score: 5, label: 'c' },
      ],
      [
        { index: 0, score: 0, label: 'a' },
        { index: 2, score: -1, label: 'c' },
      ],
    ]);
  });

  it('dequantizes integers', () => {
    const tensor: Tensor = { dtype: 'i8', shape: [1, 2], data: Int8Array.of(-2, 4), quantization };
    expect(topEntries(tensor, 1)).toEqual([[{ index: 1, score: 3 }]]);
  });
});
