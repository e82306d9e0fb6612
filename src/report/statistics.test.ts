import { describe, expect, it } from 'vitest';
import { distribution, median, pairedRatio, quantile } from './statistics.js';

describe('quantile', () => {
  // Expected values by numpy.quantile.
  it.each([
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0.9, 3.7],
    [[1, 2, 3, 4, 5], 0.25, 2],
    [[3], 0.99, 3],
    [[1, 10], 0, 1],
    [[1, 10], 1, 10],
  ])('of %j at %d is %d', (values, fraction, expected) => {
    expect(quantile(values, fraction)).toBeCloseTo(expected, 12);
  });

  it('of nothing is not a number', () => expect(quantile([], 0.5)).toBeNaN());
});

describe('distribution', () => {
  it('does not mind the order', () => {
    expect(distribution([5, 1, 3])).toEqual({ n: 3, min: 1, median: 3, p90: 4.6, p99: 4.96, mean: 3 });
    expect(median([9, 1, 2])).toBe(2);
  });
});

describe('pairedRatio', () => {
  it('compares round by round, so that a slow round counts for nobody', () => {
    // Rounds that take 1, 10 and 100: the second series is twice the first in each.
    expect(pairedRatio([2, 20, 200], [1, 10, 100])).toEqual({ ofMedians: 2, low: 2, high: 2 });
  });

  it('gives the quartiles of the ratios', () => {
    const { ofMedians, low, high } = pairedRatio([1, 2, 3, 4, 5], [1, 1, 1, 1, 1]);
    expect([ofMedians, low, high]).toEqual([3, 2, 4]);
  });
});
