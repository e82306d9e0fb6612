import { clamp, roundHalfAway } from './round.js';

/** A positive real factor as integer kernels hold it: about `multiplier * 2^(exponent - 31)`. */
export interface FixedFactor {
  /** 31 bits with the highest one set, or 0. */
  readonly multiplier: number;
  readonly exponent: number;
}

/** The fixed-point form of a factor of 0 or more; factors below 2^-32 become 0. */
export function fixedFactor(factor: number): FixedFactor {
  if (factor === 0) return { multiplier: 0, exponent: 0 };
  let exponent = Math.floor(Math.log2(factor)) + 1;
  if (factor / 2 ** exponent >= 1) exponent++;
  if (factor / 2 ** exponent < 0.5) exponent--;
  const multiplier = roundHalfAway((factor / 2 ** exponent) * 2 ** 31);
  if (multiplier === 2 ** 31) return { multiplier: 2 ** 30, exponent: exponent + 1 };
  return exponent < -31 ? { multiplier: 0, exponent: 0 } : { multiplier, exponent };
}

/**
 * A 32-bit integer times a factor, rounded twice as the integer kernels do: the high half of the doubled product, halves
 * going up, then the shift, halves going away from zero.
 */
export function multiplyByFactor(x: number, { multiplier, exponent }: FixedFactor): number {
  const high = doubledHighProduct(x << Math.max(exponent, 0), multiplier);
  return roundingShift(high, Math.max(-exponent, 0));
}

/**
 * An integer of up to 47 bits times a factor, as the kernels with 64-bit sums do: the multiplier is rounded to 15 bits, and
 * the product once, halves going up: `(x * m + 2^(t-1)) >> t` with `t = 15 - exponent`.
 */
export function multiplyWideByFactor(x: number, { multiplier, exponent }: FixedFactor): number {
  const short = multiplier < 0x7fff0000 ? (multiplier + 2 ** 15) >> 16 : 0x7fff;
  const shift = 15 - exponent;
  const product = x * short;
  if (Math.abs(product) < 2 ** 52 && shift <= 52) return Math.floor((product + 2 ** (shift - 1)) / 2 ** shift);
  return Number((BigInt(x) * BigInt(short) + (1n << BigInt(shift - 1))) >> BigInt(shift));
}

/**
 * `a * b / 2^31` of 32-bit integers, rounded to the nearest with halves going up, and kept within 32 bits.
 *
 * With `b = h 2^16 + l` all steps stay below 2^53: `floor((a h 2^16 + a l + n) / 2^31) = floor((a h + floor((a l + n) /
 * 2^16)) / 2^15)`.
 */
export function doubledHighProduct(a: number, b: number): number {
  if (a === -(2 ** 31) && b === a) return 2 ** 31 - 1;
  const x = Math.abs(a);
  const y = Math.abs(b);
  const isNegative = a < 0 !== b < 0 && a !== 0 && b !== 0;
  const nudge = isNegative ? 2 ** 30 - 1 : 2 ** 30;
  const low = Math.floor((x * (y % 65536) + nudge) / 65536);
  const high = Math.floor((x * Math.floor(y / 65536) + low) / 32768);
  return isNegative ? 0 - high : high;
}

/** `a * b / 2^15` of 16-bit integers, rounded and kept within 16 bits as {@link doubledHighProduct}. */
export function doubledHighProduct16(a: number, b: number): number {
  if (a === -32768 && b === -32768) return 32767;
  const product = a * b;
  return Math.trunc((product + (product >= 0 ? 2 ** 14 : 1 - 2 ** 14)) / 2 ** 15) + 0;
}

/** `x / 2^bits` of a 32-bit integer, rounded to the nearest with halves going away from zero; `bits` in 0..31. */
export function roundingShift(x: number, bits: number): number {
  if (bits === 0) return x;
  const mask = bits === 31 ? 0x7fffffff : (1 << bits) - 1;
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> bits) + ((x & mask) > threshold ? 1 : 0);
}

/** `x * 2^bits` kept within 32 bits; a negative number of bits is a {@link roundingShift}. */
export function saturatingShift(x: number, bits: number): number {
  return bits < 0 ? roundingShift(x, -bits) : clamp(x * 2 ** bits, -(2 ** 31), 2 ** 31 - 1);
}

/** `x` within the 16-bit integers. */
export const saturate16 = (x: number): number => clamp(x, -32768, 32767);
