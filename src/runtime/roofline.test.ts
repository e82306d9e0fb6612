import { describe, expect, it } from 'vitest';
import { Roofline } from './roofline.js';

describe('the roofline', () => {
  const roofline = new Roofline({ relaxed: false });
  roofline.measure();
  const node = { op: 'CONV_2D', name: 'x', ms: 1 };
  const gops = (roof: 'f32 mul+add' | 'i16 dot') => roofline.gops.get(roof)!;

  it('is measured for the arithmetic that the engine has', () => {
    expect([...roofline.gops.keys()]).toEqual(['f32 mul+add', 'i16 dot']);
    for (const rate of [...roofline.gops.values(), ...roofline.bandwidths.values()]) expect(rate).toBeGreaterThan(0);
  });

  it.each([
    ['gemm_f32_4x8', 'f32 mul+add'],
    ['conv_hybrid_4x8', 'i16 dot'],
    ['gemm_i8_4x8', 'i16 dot'],
    ['depthwise_u8_3x3', 'i16 dot'],
  ] as const)('%s is held against %s', (kernel, roof) => {
    const share = roofline.shareOf({ ...node, kernel, macs: 1e9, bytes: 1 })!;
    expect(share.bound).toBe('compute');
    expect(share.share).toBeCloseTo(2e3 / gops(roof), 5);
  });

  it('what computes little is held against the memory that it touches', () => {
    const rates = [...roofline.bandwidths.values()];
    const share = roofline.shareOf({ ...node, kernel: 'elementwise_f32', macs: 0, bytes: 1e9 })!;
    expect(share).toEqual({ bound: 'memory', share: expect.closeTo(1e3 / rates.at(-1)!, 5) });
  });

  it('says nothing of views and of reference kernels', () => {
    for (const kernel of ['view', 'reference'])
      expect(roofline.shareOf({ ...node, kernel, macs: 0, bytes: 10 })).toBeUndefined();
  });

  it('measures again, and keeps the best', () => {
    const before = [...roofline.gops.values()];
    roofline.measure();
    for (const [i, rate] of [...roofline.gops.values()].entries()) expect(rate).toBeGreaterThanOrEqual(before[i]!);
  });
});
