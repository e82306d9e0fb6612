import { fixedFactor, multiplyWideByFactor } from '../numerics/fixed-point.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import { type Affine, requantizer } from './integers.js';

/** Makes the function of `count` stored integers from what they and the result stand for. */
export type QuantizedReduction = (from: Affine, to: Affine, count: number) => (row: ArrayLike<number>) => number;

const sumOf = (row: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i]!;
  return sum;
};

/**
 * The sum, rescaled in float32: `round(sum * s_in / s_out - z_in * count * s_in / s_out)`. These are the optimized kernels;
 * the reference kernel of LiteRT.js reads memory that nothing has written.
 */
export const quantizedSumOver: QuantizedReduction = (from, to, count) => {
  const scale = Math.fround(from.scale / to.scale);
  const offset = Math.fround(Math.fround(-from.zeroPoint * scale) * count);
  return (row) => {
    const sum = roundHalfAway(Math.fround(Math.fround(sumOf(row) * scale) + offset));
    return clamp(sum + to.zeroPoint, to.low, to.high);
  };
};

/** The sum times a factor that holds `1 / count`: as many bits of the count as the factor has room for. */
export const quantizedMean: QuantizedReduction = (from, to, count) => {
  const { multiplier, exponent } = fixedFactor(from.scale / to.scale);
  const room = Math.min(Math.floor(Math.log2(count)), 32, 31 + exponent);
  const shared = Number((BigInt(multiplier) << BigInt(room)) / BigInt(count));
  const finish = requantizer({ multiplier: shared, exponent: exponent - room }, to);
  return (row) => finish(sumOf(row) - count * from.zeroPoint);
};

/** The product; each factor is rescaled by its share of the scales, `s_in / s_out^(1/count)`. */
export const quantizedProductOver: QuantizedReduction = (from, to, count) => {
  const factor = fixedFactor(from.scale / to.scale ** (1 / count));
  return (row) => {
    let product = row[0]! - from.zeroPoint;
    for (let i = 1; i < count; i++) product = multiplyWideByFactor(product * (row[i]! - from.zeroPoint), factor);
    return clamp(multiplyWideByFactor(product, factor) + to.zeroPoint, to.low, to.high);
  };
};

/** The greatest or least stored integer. */
export const extremeOver =
  (choose: (a: number, b: number) => number): QuantizedReduction =>
  () =>
  (row) => {
    let best = row[0]!;
    for (let i = 1; i < row.length; i++) best = choose(best, row[i]!);
    return best;
  };
