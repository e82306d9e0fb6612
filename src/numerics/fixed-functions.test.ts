import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fixedExp,
  fixedInverseSqrt,
  fixedLog,
  fixedLogistic16,
  fixedReciprocal,
  fixedReciprocalOf,
  fixedTanh16,
} from './fixed-functions.js';

/** Holds for random raw numbers in `low..high`. */
const holds = (low: number, high: number, check: (raw: number) => void) =>
  fc.assert(
    fc.property(fc.integer({ min: low, max: high }), (raw) => void check(raw)),
    { numRuns: 500 },
  );

const MOST = 2 ** 31 - 1;

describe('functions of 32-bit fixed-point numbers are those of real ones', () => {
  it('exponential, with 0, 5 and 6 integer bits', () => {
    for (const bits of [1, 5, 6])
      holds(-(2 ** 31), 0, (raw) => {
        expect(Math.abs(fixedExp(raw, bits) / 2 ** 31 - Math.exp(raw / 2 ** (31 - bits)))).toBeLessThan(5e-7);
      });
  });

  it('reciprocal of one and more', () => {
    holds(0, MOST, (raw) => expect(fixedReciprocal(raw) / 2 ** 31).toBeCloseTo(1 / (1 + raw / 2 ** 31), 7));
  });

  it('reciprocal of any positive number', () => {
    holds(1, MOST, (raw) => {
      const { value, shift } = fixedReciprocalOf(raw, 12);
      expect(((value / 2 ** 31) * 2 ** -shift * raw) / 2 ** 19).toBeCloseTo(1, 6);
    });
  });

  it('inverse square root of integers', () => {
    holds(2, MOST, (x) => {
      const { multiplier, exponent } = fixedInverseSqrt(x);
      expect((multiplier / 2 ** 31) * 2 ** exponent * Math.sqrt(x)).toBeCloseTo(1, 5);
    });
  });

  it('logarithm of one and more', () => {
    holds(2 ** 19, MOST, (raw) =>
      expect(Math.abs(fixedLog(raw) / 2 ** 26 - Math.log(raw / 2 ** 19))).toBeLessThan(2e-6),
    );
  });
});

describe('functions of 16-bit fixed-point numbers are those of real ones', () => {
  it('logistic and hyperbolic tangent', () => {
    for (const bits of [0, 3, 6])
      holds(-32768, 32767, (raw) => {
        const x = raw / 2 ** (15 - bits);
        expect(Math.abs(fixedLogistic16(raw, bits) / 2 ** 15 - 1 / (1 + Math.exp(-x)))).toBeLessThan(5e-4);
        expect(Math.abs(fixedTanh16(raw, bits) / 2 ** 15 - Math.tanh(x))).toBeLessThan(1e-3);
      });
  });
});
