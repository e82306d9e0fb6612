/**
 * Functions of fixed-point numbers, as integer kernels compute them: bit for bit, so that results are the same on every
 * machine. A number "with k integer bits" is `raw / 2^(31-k)` in 32 bits and `raw / 2^(15-k)` in 16 bits.
 *
 * Source: gemmlowp, `fixedpoint/fixedpoint.h`; TFLite 8-bit kernels of softmax, log-softmax and L2 normalization.
 */
import { doubledHighProduct, doubledHighProduct16, roundingShift, saturate16, saturatingShift } from './fixed-point.js';
import { clamp } from './round.js';

/** Arithmetic of one width; constants are given in 32 bits. */
interface Width {
  readonly bits: 16 | 32;
  readonly one: number;
  multiply(a: number, b: number): number;
  constant(raw: number): number;
  saturate(x: number): number;
  /** Plain addition, which wraps around. */
  wrap(x: number): number;
  shift(x: number, bits: number): number;
}

const saturate32 = (x: number): number => clamp(x, -(2 ** 31), 2 ** 31 - 1);

const WIDE: Width = {
  bits: 32,
  one: 2 ** 31 - 1,
  multiply: doubledHighProduct,
  constant: (raw) => raw,
  saturate: saturate32,
  wrap: (x) => x | 0,
  shift: saturatingShift,
};

const SHORT: Width = {
  bits: 16,
  one: 32767,
  multiply: doubledHighProduct16,
  constant: (raw) => roundingShift(raw, 16),
  saturate: saturate16,
  wrap: (x) => (x << 16) >> 16,
  shift: (x, bits) => (bits < 0 ? roundingShift(x, -bits) : saturate16(x * 2 ** bits)),
};

/** `e^a` for `a` in -1/4..0, both without integer bits: four terms of the series around -1/8. */
function expOfQuarter(a: number, w: Width): number {
  const x = w.wrap(a + 2 ** (w.bits - 4));
  const x2 = w.multiply(x, x);
  const x3 = w.multiply(x2, x);
  const x4 = w.multiply(x2, x2);
  const third = w.multiply(w.wrap(roundingShift(x4, 2) + x3), w.constant(715827883));
  const y = roundingShift(w.wrap(third + x2), 1);
  const middle = w.constant(1895147668);
  return w.saturate(middle + w.multiply(middle, w.wrap(x + y)));
}

/** `e^-(2^j)` for j = -2, -1, … 4, without integer bits. */
const EXP_OF_POWERS = [1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242];

function expNegative(a: number, integerBits: number, w: Width): number {
  if (a === 0) return w.one;
  const fraction = w.bits - 1 - integerBits;
  if (integerBits > 5 && a < -(32 * 2 ** fraction)) return 0;
  const quarter = 2 ** (fraction - 2);
  const rest = (a & (quarter - 1)) - quarter;
  let result = expOfQuarter(w.shift(rest, integerBits), w);
  const whole = w.wrap(rest - a);
  for (const [i, factor] of EXP_OF_POWERS.entries()) {
    const power = i - 2;
    if (integerBits > power && whole & (1 << (fraction + power))) result = w.multiply(result, w.constant(factor));
  }
  return result;
}

/** `1 / (1 + a)` with 2 integer bits, halved so that it is less than one: three steps of Newton's method. */
function halfDenominatorReciprocal(a: number, w: Width): number {
  const sum = a + w.one;
  const half = Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
  const one = 2 ** (w.bits - 3);
  let x = w.wrap(w.constant(1515870810) + w.multiply(half, w.constant(-1010580540)));
  for (let i = 0; i < 3; i++) {
    const error = w.wrap(one - w.multiply(half, x));
    x = w.wrap(x + w.shift(w.multiply(x, error), 2));
  }
  return x;
}

const reciprocalOnePlus = (a: number, w: Width): number => w.shift(halfDenominatorReciprocal(a, w), 1);

/** `e^a` of a number of 0 or less with `integerBits`; the result has none. */
export const fixedExp = (a: number, integerBits: number): number => expNegative(a, integerBits, WIDE);

/** `1 / (1 + a)` of a number in 0..1; both without integer bits. */
export const fixedReciprocal = (a: number): number => reciprocalOnePlus(a, WIDE);

/** The logistic function of a 16-bit number with `integerBits`; the result has none. */
export function fixedLogistic16(a: number, integerBits: number): number {
  if (a === 0) return 2 ** 14;
  const positive = reciprocalOnePlus(expNegative(-Math.abs(a), integerBits, SHORT), SHORT);
  return a > 0 ? positive : SHORT.one - positive;
}

/** The hyperbolic tangent of a 16-bit number with `integerBits`; the result has none. */
export function fixedTanh16(a: number, integerBits: number): number {
  if (a === 0) return 0;
  const x = halfDenominatorReciprocal(expNegative(-Math.abs(a), integerBits + 1, SHORT), SHORT);
  const positive = SHORT.shift(SHORT.wrap(x - 2 ** 13), 2);
  return a > 0 ? positive : -positive;
}

/**
 * The reciprocal of a positive number with `integerBits`: it is `value / 2^31 * 2^-shift`.
 */
export function fixedReciprocalOf(x: number, integerBits: number): { readonly value: number; readonly shift: number } {
  const zeros = Math.clz32(x);
  return { value: fixedReciprocal(((x << zeros) - 2 ** 31) | 0), shift: integerBits - zeros };
}

/** `1 / √x` of an integer, as multiplier and exponent. */
export function fixedInverseSqrt(x: number): { readonly multiplier: number; readonly exponent: number } {
  if (x <= 1) return { multiplier: 2 ** 31 - 1, exponent: 0 };
  let shift = 11;
  let scaled = x;
  for (; scaled >= 2 ** 29; shift++) scaled = Math.trunc(scaled / 4);
  const pairs = Math.floor((Math.clz32(scaled) - 1) / 2) - 1;
  shift -= pairs;
  const number = (scaled << (2 * pairs)) >> 1;
  const half = roundingShift(number, 1);
  let g = 2 ** 28;
  for (let i = 0; i < 5; i++) {
    const cube = saturatingShift(doubledHighProduct(doubledHighProduct(g, g), g), 6);
    g = saturatingShift((doubledHighProduct(2 ** 28 + 2 ** 27, g) - doubledHighProduct(half, cube)) | 0, 3);
  }
  const value = doubledHighProduct(g, 1518500250);
  return shift < 0 ? { multiplier: value << -shift, exponent: 0 } : { multiplier: value, exponent: -shift };
}

/** The natural logarithm of a number of 1 or more with 12 integer bits; the result has 5. */
export function fixedLog(x: number): number {
  const ln2 = 1488522236;
  const rootHalf = 1518500250;
  const quarter = saturatingShift(536870912, -6);
  const zeros = Math.clz32(x);
  const above = saturatingShift(doubledHighProduct(saturatingShift(x, zeros - 1), rootHalf), 1);
  const aboveExponent = saturate32(saturatingShift(12 - zeros, 25) + quarter);
  const more = Math.clz32(doubledHighProduct(x, rootHalf)) - 1;
  const below = saturatingShift(x, more);
  const belowExponent = saturate32(saturatingShift(12 - more, 25) - quarter);
  const r = Math.min(above, below);
  const exponent = Math.max(aboveExponent, belowExponent);
  const sum = r + 1805811301;
  const p = Math.trunc((sum + (sum >= 0 ? 1 : -1)) / 2);
  const q = saturatingShift((r - 1805811301) | 0, 1);
  const squared = doubledHighProduct(q, q);
  const numerator = (doubledHighProduct(q, r) + doubledHighProduct(doubledHighProduct(q, squared), 117049297)) | 0;
  const inner = (1057819769 + q + doubledHighProduct(127690142, squared)) | 0;
  const denominator = (doubledHighProduct(p, inner) + doubledHighProduct(638450708, q)) | 0;
  const quotient = doubledHighProduct(saturatingShift(numerator, -6), fixedReciprocal(denominator));
  return saturatingShift((doubledHighProduct(exponent, ln2) + quotient) | 0, 1);
}
