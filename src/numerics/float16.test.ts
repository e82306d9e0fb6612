import { expect, it } from 'vitest';
import { FLOAT16_MAX, float16FromFloat32, float32FromFloat16 } from './float16.js';

const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
const encode = (...values: number[]) => [...float16FromFloat32(Float32Array.from(values))];

/** The definition: sign, exponent with bias 15, ten bits of fraction. */
function byDefinition(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

it('every float16 decodes to the number its bits define', () => {
  const decoded = float32FromFloat16(all);
  const wrong = [...all].filter((bits) => !Object.is(decoded[bits], byDefinition(bits)));
  expect(wrong).toEqual([]);
});

it('every float16 survives the way to float32 and back', () => {
  const back = float16FromFloat32(float32FromFloat16(all));
  const wrong = [...all].filter((bits) => !Number.isNaN(byDefinition(bits)) && back[bits] !== bits);
  expect(wrong).toEqual([]);
});

it('a number between two neighbours goes to the nearer one, and the middle to the even one', () => {
  const wrong: number[] = [];
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [byDefinition(bits), byDefinition(bits + 1)];
    const middle = (low + high) / 2;
    const step = (high - low) / 1024;
    const expected = [bits, bits % 2 === 0 ? bits : bits + 1, bits + 1];
    const got = encode(middle - step, middle, middle + step);
    if (got.some((g, i) => g !== expected[i])) wrong.push(bits);
  }
  expect(wrong).toEqual([]);
});

it('numbers from 65520 on become infinity, or the largest float16 when saturating', () => {
  const values = Float32Array.from([65519.996, 65520, 1e30, Infinity, -65520, -Infinity]);
  expect([...float16FromFloat32(values)]).toEqual([0x7bff, 0x7c00, 0x7c00, 0x7c00, 0xfc00, 0xfc00]);
  const saturated = float32FromFloat16(float16FromFloat32(values, { saturate: true }));
  expect([...saturated]).toEqual([65504, 65504, 65504, 65504, -65504, -FLOAT16_MAX]);
});

it('NaN, signed zero and numbers below the smallest subnormal keep their nature', () => {
  expect(float32FromFloat16(float16FromFloat32(Float32Array.of(Number.NaN)))[0]).toBeNaN();
  expect(float32FromFloat16(float16FromFloat32(Float32Array.of(Number.NaN), { saturate: true }))[0]).toBeNaN();
  expect(encode(-0, 2 ** -25, 2 ** -25 * 1.0001, -(2 ** -26), 1e-45)).toEqual([0x8000, 0, 1, 0x8000, 0]);
});

it('views with an offset are read where they start', () => {
  const whole = Float32Array.of(9, 1, 2);
  expect([...float16FromFloat32(whole.subarray(1))]).toEqual([0x3c00, 0x4000]);
});
