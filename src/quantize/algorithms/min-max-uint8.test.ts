import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Constant } from '../../ir/constant.js';
import { minMaxUint8 } from './min-max-uint8.js';

const layout = { granularity: 'per-tensor' } as const;

function reals(data: readonly number[]): { q: number[]; back: number[]; scale: number } {
  const made = minMaxUint8.quantize(Constant.f32(data), layout);
  const q = Array.from(made?.constant.data() as Uint8Array);
  const scale = made?.quantization?.scale[0] as number;
  return { q, scale, back: q.map((v) => (v - (made?.quantization?.zeroPoint[0] as number)) * scale) };
}

describe('minMaxUint8', () => {
  it('spends all 256 integers on the range of the elements', () => {
    expect(reals([-1, 0, 254])).toEqual({ q: [0, 1, 255], back: [-1, 0, 254], scale: 1 });
  });

  it('takes zero into ranges that lie beside it', () => {
    expect(reals([2, 255]).q).toEqual([2, 255]);
    expect(reals([-255, -2]).q).toEqual([0, 253]);
  });

  it('keeps zeros', () => expect(reals([0, 0]).back).toEqual([0, 0]));

  it('is refused for infinite and NaN elements', () => {
    for (const x of [Number.POSITIVE_INFINITY, Number.NaN])
      expect(minMaxUint8.quantize(Constant.f32([1, x]), layout)).toBeUndefined();
  });

  it('is never off by more than a step, and exact for zero', () => {
    const floats = fc.array(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(floats, (data) => {
        const { back, scale } = reals([...data, 0]);
        expect(back.at(-1)).toBe(0);
        for (const [i, x] of data.entries())
          expect(Math.abs((back[i] as number) - Math.fround(x))).toBeLessThanOrEqual(scale * 1.001 + 1e-37);
      }),
      { seed: 21, numRuns: 200 },
    );
  });
});
