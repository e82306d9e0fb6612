import { describe, expect, it } from 'vitest';
import { Constant } from '../../ir/constant.js';
import { float16 } from './float16.js';

const whole = { granularity: 'per-tensor' } as const;
const bits = (data: readonly number[]) =>
  Array.from(float16.quantize(Constant.f32(data), whole)?.constant.data() as Uint16Array);

describe('float16', () => {
  // Bit patterns from IEEE 754: sign, 5 bits of exponent, 10 bits of fraction.
  it('rounds to the nearest half-precision number', () => {
    expect(bits([1, -2, 0.1, 65504, 2 ** -24])).toEqual([0x3c00, 0xc000, 0x2e66, 0x7bff, 0x0001]);
  });

  it('clamps what is out of range, and says so', () => {
    const made = float16.quantize(Constant.f32([65520, -1e9, Number.NEGATIVE_INFINITY, 1]), whole);
    expect(Array.from(made?.constant.data() as Uint16Array)).toEqual([0x7bff, 0xfbff, 0xfbff, 0x3c00]);
    expect(made?.note).toBe('3 elements beyond ±65504 were clamped');
  });

  it('reads its source once, however often its elements are asked for', () => {
    let reads = 0;
    const source = Constant.lazy('f32', [8192], () => {
      reads++;
      return new Float32Array(8192).fill(0.1);
    });
    const made = float16.quantize(source, whole);
    expect(reads).toBe(1);
    expect(new Set(made?.constant.data() as Uint16Array)).toEqual(new Set([0x2e66]));
    expect(reads).toBe(1);
  });

  it('tells the error in dB, and none for numbers that it represents', () => {
    // 0.1 becomes 0.0999755859375.
    const x = Math.fround(0.1);
    expect(float16.quantize(Constant.f32([0.1]), whole)?.sqnrDb).toBeCloseTo(
      20 * Math.log10(x / (x - 0.0999755859375)),
      6,
    );
    expect(float16.quantize(Constant.f32([0.5, 3]), whole)?.sqnrDb).toBeNull();
  });
});
