import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Constant } from '../../ir/constant.js';
import { minMaxInt8 } from './min-max.js';

interface Case {
  readonly op: string;
  readonly shape: number[];
  readonly axis: number | null;
  readonly scales: number[];
  readonly int8: string;
}

// Made by the reference converter, see scripts/fixtures/make_quantize_fixtures.py, whose weights `weight` repeats.
const cases = JSON.parse(
  readFileSync(new URL('../../../test/fixtures/quantize/weights.json', import.meta.url), 'utf8'),
) as Case[];

const SIZES: readonly (number | 'ties')[] = [1, 0, 1e-7, 3e5, 'ties', 6e-7, 1e-40, 2e38];

function weight({ op, shape, axis }: Case): Float32Array {
  const count = shape.reduce((a, b) => a * b);
  const inner = axis === null ? count : shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  let state = 12345;
  return Float32Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const channel = axis === null ? (op === 'BATCH_MATMUL' ? 4 : 0) : Math.floor(i / inner) % (shape[axis] as number);
    const size = SIZES[channel % SIZES.length];
    if (size === 'ties') return (i % 7 === 0 ? 254 : ((i * 37) % 509) - 254) * 0.0625;
    return (size as number) * ((state / 2 ** 32) * 2 - 1);
  });
}

const perTensor = { granularity: 'per-tensor' } as const;
const perChannel = (axis: number) => ({ granularity: 'per-channel', axis }) as const;
const integers = (data: readonly number[], layout = {}) => {
  const made = minMaxInt8.quantize(Constant.f32(data), { ...perTensor, ...layout });
  return Array.from(made?.constant.data() as Int8Array);
};

describe('minMaxInt8', () => {
  for (const c of cases)
    it(`gives the integers and scales of the reference converter for weights of ${c.op}`, () => {
      const source = Constant.of('f32', c.shape, weight(c));
      const made = minMaxInt8.quantize(source, c.axis === null ? perTensor : perChannel(c.axis));
      const expected = new Int8Array(Buffer.from(c.int8, 'base64'));
      const actual = made?.constant.data() as Int8Array;
      const wrong = [...actual.keys()].filter((i) => actual[i] !== expected[i]);
      expect(wrong.map((i) => `[${i}] ${actual[i]}, expected ${expected[i]}`)).toEqual([]);
      expect(actual.length).toBe(expected.length);
      expect(Array.from(made?.quantization?.scale ?? [])).toEqual(c.scales);
      expect(made?.quantization?.zeroPoint.every((z) => z === 0)).toBe(true);
    });

  it('rounds halves away from zero', () => {
    expect(integers([127, 0.5, -0.5, 1.5, -1.5, 2.5, 0.49999997])).toEqual([127, 1, -1, 2, -2, 3, 0]);
  });

  it('never gives -128', () => expect(integers([-1, 1, 0.5])).toEqual([-127, 127, 64]));

  it('is refused for infinite and NaN elements', () => {
    for (const x of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN])
      expect(minMaxInt8.quantize(Constant.f32([1, x, 2]), perTensor)).toBeUndefined();
  });

  it('gives a tensor without elements its smallest scale', () => {
    const made = minMaxInt8.quantize(Constant.of('f32', [0, 3], new Float32Array()), perChannel(1));
    expect(made?.quantization?.scale).toEqual(new Float32Array(3).fill(1e-6 / 254));
  });

  it('repeats the one scale for each channel where a kernel wants it', () => {
    const source = Constant.f32([1, 2, 3, 254], [1, 1, 2, 2]);
    const made = minMaxInt8.quantize(source, { granularity: 'per-tensor', axis: 3 });
    expect(made?.quantization).toEqual({ scale: Float32Array.of(2, 2), zeroPoint: [0, 0], axis: 3 });
    expect(Array.from(made?.constant.data() as Int8Array)).toEqual([1, 1, 2, 127]);
  });

  it('tells the error in dB, by the definition', () => {
    const data = [10, 3.3, -7.77, 0.02];
    const made = minMaxInt8.quantize(Constant.f32(data), perTensor);
    const scale = made?.quantization?.scale[0] as number;
    const back = Array.from(made?.constant.data() as Int8Array, (q) => q * scale);
    const exact = data.map(Math.fround);
    const sum = (xs: number[]) => xs.reduce((s, x) => s + x * x, 0);
    const db = 10 * Math.log10(sum(exact) / sum(exact.map((x, i) => x - (back[i] as number))));
    expect(made?.sqnrDb).toBeCloseTo(db, 4);
    expect(minMaxInt8.quantize(Constant.f32([127, 5, -3]), perTensor)?.sqnrDb).toBeNull();
  });

  const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 40 });

  it('is never off by more than half a step, and by symmetry keeps signs', () => {
    fc.assert(
      fc.property(floats, (data) => {
        const made = minMaxInt8.quantize(Constant.f32(data), perTensor);
        const largest = Math.max(...data.map(Math.abs), 5e-7);
        const step = largest / 127;
        const q = made?.constant.data() as Int8Array;
        for (const [i, x] of data.entries()) {
          expect(Math.abs((q[i] as number) * step - x)).toBeLessThanOrEqual(step * (0.5 + 1e-12));
          expect(Math.abs(q[i] as number)).toBeLessThanOrEqual(127);
        }
        expect(integers(data.map((x) => -x)).map((n) => n + 0)).toEqual(Array.from(q, (n) => 0 - n));
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('per channel equals per tensor on each channel alone, whatever the axis', () => {
    const shape = fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 4 }),
    );
    fc.assert(
      fc.property(
        shape,
        fc.integer({ min: 0, max: 2 }),
        fc.infiniteStream(fc.float({ noNaN: true, noDefaultInfinity: true })),
        (dims, axis, numbers) => {
          const count = dims[0] * dims[1] * dims[2];
          const data = Float32Array.from({ length: count }, () => numbers.next().value as number);
          const made = minMaxInt8.quantize(Constant.of('f32', dims, data), perChannel(axis));
          const inner = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
          for (let c = 0; c < (dims[axis] as number); c++) {
            const lane = [...data.keys()].filter((i) => Math.floor(i / inner) % (dims[axis] as number) === c);
            const alone = minMaxInt8.quantize(Constant.f32(lane.map((i) => data[i] as number)), perTensor);
            expect(made?.quantization?.scale[c]).toBe(alone?.quantization?.scale[0]);
            const q = made?.constant.data() as Int8Array;
            expect(lane.map((i) => q[i])).toEqual(Array.from(alone?.constant.data() as Int8Array));
          }
        },
      ),
      { seed: 12, numRuns: 100 },
    );
  });
});
