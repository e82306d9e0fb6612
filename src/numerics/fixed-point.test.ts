import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  doubledHighProduct,
  doubledHighProduct16,
  fixedFactor,
  multiplyByFactor,
  multiplyWideByFactor,
  roundingShift,
  saturatingShift,
} from './fixed-point.js';
import { roundHalfAway } from './round.js';

it('a factor is a 31-bit number and a power of two', () => {
  expect(fixedFactor(1)).toEqual({ multiplier: 2 ** 30, exponent: 1 });
  expect(fixedFactor(0.5)).toEqual({ multiplier: 2 ** 30, exponent: 0 });
  expect(fixedFactor(0.75 / 8)).toEqual({ multiplier: 1.5 * 2 ** 30, exponent: -3 });
  expect(fixedFactor(1 - 2 ** -40)).toEqual({ multiplier: 2 ** 30, exponent: 1 });
  expect(fixedFactor(0)).toEqual({ multiplier: 0, exponent: 0 });
  expect(fixedFactor(2 ** -40)).toEqual({ multiplier: 0, exponent: 0 });
});

it('the product is less than one from the real one, and the 31 bits of the factor', () => {
  const factors = fc.double({ min: 1e-6, max: 200, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 22), max: 2 ** 22 }), factors, (x, factor) => {
      const product = x * factor;
      const got = multiplyByFactor(x, fixedFactor(factor));
      expect(Math.abs(got - product)).toBeLessThanOrEqual(0.75 + Math.abs(product) * 2 ** -31);
    }),
  );
});

it('halves go up in the product and away from zero in the shift', () => {
  const half = fixedFactor(0.5);
  expect([-3, -1, 1, 3].map((x) => multiplyByFactor(x, half))).toEqual([-1, 0, 1, 2]);
  const eighth = fixedFactor(1 / 8);
  expect([-12, -4, 4, 12].map((x) => multiplyByFactor(x, eighth))).toEqual([-2, -1, 1, 2]);
});

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

it('the doubled high product is that of 64-bit arithmetic', () => {
  fc.assert(
    fc.property(int32, int32, (a, b) => {
      const product = BigInt(a) * BigInt(b);
      const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
      const most = 2n ** 31n - 1n;
      const exact = (product + nudge) / 2n ** 31n;
      expect(doubledHighProduct(a, b)).toBe(Number(exact > most ? most : exact));
    }),
  );
  expect(doubledHighProduct(-(2 ** 31), -(2 ** 31))).toBe(2 ** 31 - 1);
  expect(doubledHighProduct(-1, 1)).toBe(0);
  expect(doubledHighProduct16(-32768, -32768)).toBe(32767);
  expect(doubledHighProduct16(-3, 2 ** 14)).toBe(-1);
});

it('shifts round to the nearest, halves away from zero', () => {
  fc.assert(
    fc.property(int32, fc.integer({ min: 0, max: 31 }), (x, bits) => {
      expect(roundingShift(x, bits)).toBe(roundHalfAway(x / 2 ** bits) + 0);
    }),
  );
  expect([saturatingShift(3, 30), saturatingShift(-3, 30), saturatingShift(-3, -1), saturatingShift(5, 2)]).toEqual([
    2 ** 31 - 1,
    -(2 ** 31),
    -2,
    20,
  ]);
});

it('wide sums are multiplied by 15 bits of the factor, whether or not doubles hold the product', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 46), max: 2 ** 46 }),
      fc.double({ min: 1e-6, max: 100, noNaN: true }),
      (x, f) => {
        const { multiplier, exponent } = fixedFactor(f);
        const short = Math.min(Math.floor(multiplier / 65536 + 0.5), 32767);
        const shift = BigInt(15 - exponent);
        const exact = (BigInt(x) * BigInt(short) + (1n << (shift - 1n))) >> shift;
        expect(multiplyWideByFactor(x, { multiplier, exponent })).toBe(Number(exact));
      },
    ),
  );
});
