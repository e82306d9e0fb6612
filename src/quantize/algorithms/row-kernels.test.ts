import { describe, expect, it } from 'vitest';
import { float16FromFloat32, float32FromFloat16 } from '../../numerics/float16.js';
import { roundHalfAway } from '../../numerics/round.js';
import { rowKernels } from './row-kernels.js';

const kernels = rowKernels();
if (!kernels) throw new Error('WebAssembly with SIMD expected');

/** Pseudo-random 32-bit words. */
function words(count: number, seed: number): Uint32Array {
  let state = seed;
  return new Uint32Array(count).map(() => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  });
}
const weights = (count: number, seed: number) =>
  Float32Array.from(words(count, seed), (w) => (w / 2 ** 32 - 0.5) * 0.3);
const squares = (values: Iterable<number>) => [...values].reduce((sum, x) => sum + x * x, 0);

describe('row kernels', () => {
  it.each([1, 15, 64, 1000, 65536, 65537, 200_001])('measure %i elements', (count) => {
    const data = weights(count, count);
    const { largest, signal } = kernels.measure(data);
    expect(largest).toBe(data.reduce((top, x) => Math.max(top, Math.abs(x)), 0));
    expect(signal / squares(data)).toBeCloseTo(1, 12);
  });

  it('tell infinities and NaN by the sum of squares', () => {
    for (const odd of [Number.NaN, Infinity, -Infinity])
      for (const at of [0, 5, 70, 99]) {
        const data = weights(100, 1);
        data[at] = odd;
        expect(Number.isFinite(kernels.measure(data).signal)).toBe(false);
      }
  });

  it.each([31, 4096, 65537])('quantize %i elements to the nearest integers', (count) => {
    const data = weights(count, 7);
    const { largest } = kernels.measure(data);
    const scale = (2 * largest) / 254;
    const stored = Math.fround(scale);
    const q = new Int8Array(count);
    const noise = kernels.quantize(data, scale, stored, q);
    expect(q).toEqual(Int8Array.from(data, (x) => roundHalfAway(x / scale)));
    const errors = data.map((x, i) => x - Math.fround((q[i] as number) * stored));
    expect(noise / squares(errors)).toBeCloseTo(1, 6);
  });

  it('round halves away from zero, and what lies just below a half towards it', () => {
    const below = 0.5 - 2 ** -25;
    const data = Float32Array.of(0.5, -0.5, 1.5, -2.5, 126.5, below, -below, 0, -0, 127, -127);
    const q = new Int8Array(data.length);
    kernels.quantize(data, 1, 1, q);
    expect([...q]).toEqual([1, -1, 2, -3, 127, 0, 0, 0, 0, 127, -127]);
  });

  it('halve as the plain conversion does: every float16, the middles between them, and random bits', () => {
    const all = float32FromFloat16(Uint16Array.from({ length: 0x7c00 }, (_, i) => i));
    const middles = all.map((x, i) => (x + (all[i + 1] ?? x)) / 2);
    const random = new Float32Array(words(100_000, 3).buffer).filter((x) => Math.abs(x) <= 65504);
    for (const part of [all, middles, all.map((x) => -x), middles.map((x) => -x), random]) {
      const data = part.filter((x) => Math.abs(x) <= 65504);
      const bits = new Uint16Array(data.length);
      const noise = kernels.halve(data, bits);
      expect(bits).toEqual(float16FromFloat32(data));
      const back = float32FromFloat16(bits);
      const expected = squares(data.map((x, i) => x - (back[i] as number)));
      if (expected === 0) expect(noise).toBe(0);
      else expect(noise / expected).toBeCloseTo(1, 6);
    }
  });
});
