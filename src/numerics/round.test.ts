import { expect, it } from 'vitest';
import { clamp, roundHalfAway, roundHalfEven } from './round.js';

it('halves go away from zero', () => {
  const inputs = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, -0.49999999999999994, 2.4, -2.6];
  expect(inputs.map((x) => roundHalfAway(x) + 0)).toEqual([1, 2, 3, -1, -2, -3, 0, 0, 2, -3]);
});

it('halves go to the even integer', () => {
  const inputs = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, 2.4, -2.6, 3.5];
  expect(inputs.map((x) => roundHalfEven(x) + 0)).toEqual([0, 2, 2, 0, -2, -2, 0, 2, -3, 4]);
});

it('large and special numbers stay what they are', () => {
  for (const x of [2 ** 53 - 1, -(2 ** 53) + 1, Infinity, -Infinity, Number.NaN]) {
    expect(roundHalfAway(x)).toBe(x);
    expect(roundHalfEven(x)).toBe(x);
  }
});

it('clamping keeps a number within its bounds and lets NaN pass', () => {
  expect([clamp(-5, -1, 1), clamp(5, -1, 1), clamp(0.5, -1, 1), clamp(Number.NaN, -1, 1)]).toEqual([
    -1,
    1,
    0.5,
    Number.NaN,
  ]);
});
