import { roundHalfAway } from './round.js';

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

function doubledHighProduct(a: number, b: number): number {
  const product = BigInt(a) * BigInt(b);
  const nudge = product >= 0n ? 1n << 30n : 1n - (1n << 30n);
  return Number((product + nudge) / (1n << 31n));
}

function roundingShift(x: number, bits: number): number {
  if (bits === 0) return x;
  const mask = bits === 31 ? 0x7fffffff : (1 << bits) - 1;
  const threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> bits) + ((x & mask) > threshold ? 1 : 0);
}
