import { describe, expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { parseGraph } from '../ops/text.js';
import { describeMove, seededInputs, seededOutputs } from './numerics.js';

const f32 = (...data: number[]): Tensor[] => [{ dtype: 'f32', shape: [data.length], data: Float32Array.from(data) }];

describe('describeMove', () => {
  it('lets rounding pass, relative to the largest element', () => {
    expect(describeMove(f32(1000, 0), f32(1000.05, 0.05))).toBeUndefined();
    expect(describeMove(f32(1000, 0), f32(1000, 0.2))).toMatch(
      /^output 0\[1\] was 0, is 0\.2.* \(1 of 2 elements moved\)$/,
    );
  });

  it('takes an infinity for the largest number, and NaN only for NaN', () => {
    expect(describeMove(f32(Infinity, NaN), f32(3.4028234663852886e38, NaN))).toBeUndefined();
    expect(describeMove(f32(1, 2), f32(1, NaN))).toMatch(/^output 0\[1\] was 2, is NaN/);
  });

  it('sees another shape, and an output that is gone', () => {
    expect(describeMove(f32(1), f32(1, 2))).toBe('output 0 was f32 [1], is f32 [2]');
    expect(describeMove(f32(1), [])).toBe('output 0 is gone');
  });
});

describe('seededInputs', () => {
  it('feeds unknown sizes as 1 unless told otherwise, the same numbers each time', () => {
    const graph = parseGraph('graph g(%x: f32[?,2], %n: i32[]) {\n  return %x, %n\n}');
    expect(seededInputs(graph).map((t) => t.shape)).toEqual([[1, 2], []]);
    expect(seededInputs(graph, (v) => (v.name === 'x' ? [3, 2] : undefined))[0]?.data.length).toBe(6);
    expect(seededInputs(graph)).toEqual(seededInputs(graph));
  });

  it('gives no outputs for a graph without kernels', () => {
    expect(
      seededOutputs(parseGraph('graph g(%x: f32[2]) {\n  %y = CUSTOM:Mine(%x) : f32[2]\n  return %y\n}')),
    ).toBeUndefined();
  });
});
