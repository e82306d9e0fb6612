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

/** Rows, their length, and channels: more and longer rows than the kernels take at a time, and all that fills up rounds. */
const shapes: readonly (readonly [rows: number, length: number, channels: number])[] = [
  [1, 2, 1],
  [1, 31, 1],
  [1, 65536, 1],
  [2, 65537, 2],
  [1, 200_001, 1],
  [6, 64, 3],
  [2048, 16, 2048],
  [1500, 100, 500],
  [3, 40_000, 3],
];
const magnitudes = (data: Float32Array, length: number, channels: number) => {
  const largest = new Float64Array(channels);
  for (const [i, x] of data.entries()) {
    const channel = Math.floor(i / length) % channels;
    largest[channel] = Math.max(largest[channel] as number, Math.abs(x));
  }
  return largest;
};

describe('row kernels', () => {
  it.each(shapes)('measure %i rows of %i elements in %i channels', (rows, length, channels) => {
    const data = weights(rows * length, length);
    const largest = new Float64Array(channels);
    const signal = kernels.measure(data, length, largest);
    expect(largest).toEqual(magnitudes(data, length, channels));
    expect(signal / squares(data)).toBeCloseTo(1, 12);
  });

  it('tell infinities and NaN by the sum of squares', () => {
    for (const odd of [Number.NaN, Infinity, -Infinity])
      for (const at of [0, 5, 70, 99]) {
        const data = weights(100, 1);
        data[at] = odd;
        expect(Number.isFinite(kernels.measure(data, 50, new Float64Array(2)))).toBe(false);
      }
  });

  it.each(shapes)('quantize %i rows of %i elements in %i channels', (rows, length, channels) => {
    const data = weights(rows * length, 7);
    const scales = magnitudes(data, length, channels).map((top) => (2 * top) / 254);
    const stored = Float32Array.from(scales);
    const q = new Int8Array(data.length);
    const noise = kernels.quantize(data, length, scales, stored, q);
    const channelOf = (i: number) => Math.floor(i / length) % channels;
    expect(q).toEqual(Int8Array.from(data, (x, i) => roundHalfAway(x / (scales[channelOf(i)] as number))));
    const errors = data.map((x, i) => x - Math.fround((q[i] as number) * (stored[channelOf(i)] as number)));
    expect(noise / squares(errors)).toBeCloseTo(1, 6);
  });

  it('round halves away from zero, and what lies just below a half towards it', () => {
    const below = 0.5 - 2 ** -25;
    const data = Float32Array.of(0.5, -0.5, 1.5, -2.5, 126.5, below, -below, 0, -0, 127, -127);
    const q = new Int8Array(data.length);
    kernels.quantize(data, data.length, Float64Array.of(1), Float32Array.of(1), q);
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
