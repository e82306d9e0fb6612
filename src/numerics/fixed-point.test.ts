import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fixedFactor, multiplyByFactor } from './fixed-point.js';

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
