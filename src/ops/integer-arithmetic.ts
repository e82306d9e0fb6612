import { fixedReciprocalOf } from '../numerics/fixed-functions.js';
import {
  doubledHighProduct,
  fixedFactor,
  multiplyByFactor,
  roundingShift,
  saturate16,
} from '../numerics/fixed-point.js';
import { clamp } from '../numerics/round.js';
import { divisor } from './divisor.js';
import { type Affine, requantizer } from './integers.js';

/** Least and greatest result, and an option that only sums of 16-bit integers know. */
export interface QuantizedCall {
  readonly range: readonly [number, number];
  /** Scales are powers of two, and the kernel shifts. */
  readonly potScaleInt16?: boolean;
}

/** Makes the function of two stored integers from what they and the result stand for. */
export type QuantizedBinary = (
  a: Affine,
  b: Affine,
  to: Affine,
  call: QuantizedCall,
) => (x: number, y: number) => number;

/**
 * Sum or difference: both operands are brought to twice the greater scale with 20 more bits (15 for 16-bit integers), and
 * then to the output's scale.
 */
export const quantizedSum =
  (sign: 1 | -1): QuantizedBinary =>
  (a, b, to, { range, potScaleInt16 }) => {
    if (a.dtype === 'i16' && potScaleInt16 && [a, b, to].every(({ scale }) => Number.isInteger(Math.log2(scale))))
      return shiftedSum(sign, a, b, to, range);
    const bits = a.dtype === 'i16' ? 15 : 20;
    const double = 2 * Math.max(a.scale, b.scale);
    const [toA, toB] = [a, b].map(({ scale }) => fixedFactor(scale / double));
    const finish = requantizer(double / (2 ** bits * to.scale), to, range);
    return (x, y) => {
      const left = multiplyByFactor((x - a.zeroPoint) << bits, toA!);
      const right = multiplyByFactor((y - b.zeroPoint) << bits, toB!);
      return finish(left + sign * right);
    };
  };

function shiftedSum(sign: 1 | -1, a: Affine, b: Affine, to: Affine, [low, high]: readonly [number, number]) {
  const [shiftA, shiftB] = [a, b].map(({ scale }) => Math.log2(to.scale / scale)) as [number, number];
  return (x: number, y: number) =>
    clamp(saturate16(roundingShift(x, shiftA) + sign * roundingShift(y, shiftB)), low, high);
}

/** The product of the two, rescaled by `s_a s_b / s_out`, a float32 number. */
export const quantizedProduct: QuantizedBinary = (a, b, to, { range }) => {
  const finish = requantizer(Math.fround(Math.fround(a.scale * b.scale) / to.scale), to, range);
  return (x, y) => finish((x - a.zeroPoint) * (y - b.zeroPoint));
};

/** The dividend, scaled up as far as 32 bits allow, times the fixed-point reciprocal of the divisor. */
export const quantizedQuotient: QuantizedBinary = (a, b, to, { range: [low, high] }) => {
  const { multiplier, exponent } = fixedFactor(Math.fround(a.scale / Math.fround(b.scale * to.scale)));
  return (x, y) => {
    const below = divisor(y - b.zeroPoint);
    const above = (x - a.zeroPoint) * Math.sign(below);
    const { value, shift } = fixedReciprocalOf(Math.abs(below), 31);
    const room = Math.clz32(above < 0 ? ~above : above) - 1;
    const quotient = doubledHighProduct(above << room, value);
    const scaled = multiplyByFactor(quotient, { multiplier, exponent: exponent - shift - room });
    return clamp(scaled + to.zeroPoint, low, high);
  };
};

/** The square of the difference at twice the greater scale with 7 more bits. */
export const quantizedSquaredDifference: QuantizedBinary = (a, b, to, { range }) => {
  const double = 2 * Math.max(a.scale, b.scale);
  const [toA, toB] = [a, b].map(({ scale }) => fixedFactor(scale / double));
  const finish = requantizer((double * double) / (2 ** 14 * to.scale), to, range);
  return (x, y) => {
    const left = multiplyByFactor((x - a.zeroPoint) << 7, toA!);
    const difference = left - multiplyByFactor((y - b.zeroPoint) << 7, toB!);
    return finish(difference * difference);
  };
};

/** Negative numbers times alpha; others keep their value. Both factors are float32 numbers. */
export const quantizedPrelu: QuantizedBinary = (a, alpha, to, { range }) => {
  const keep = requantizer(Math.fround(a.scale / to.scale), to, range);
  const slope = requantizer(Math.fround(Math.fround(a.scale * alpha.scale) / to.scale), to, range);
  return (x, y) => {
    const value = x - a.zeroPoint;
    return value >= 0 ? keep(value) : slope(value * (y - alpha.zeroPoint));
  };
};

/** Stored integers that compare as what they stand for: 8 more bits, times the scale. */
export function comparableIntegers(data: ArrayLike<number>, { scale, zeroPoint }: Affine): Int32Array {
  const factor = fixedFactor(scale);
  const out = new Int32Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = multiplyByFactor((data[i]! - zeroPoint) << 8, factor);
  return out;
}
