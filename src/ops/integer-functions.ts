import { fixedInverseSqrt } from '../numerics/fixed-functions.js';
import {
  doubledHighProduct16,
  fixedFactor,
  multiplyByFactor,
  roundingShift,
  saturate16,
} from '../numerics/fixed-point.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import { divideError } from './divisor.js';
import { type Affine, requantizer } from './integers.js';
import { table8, table16 } from './lookup-table.js';

/** Makes the function of a stored integer from what it and the result stand for. */
export type QuantizedUnary = (from: Affine, to: Affine) => (q: number) => number;

/** A function of real numbers, by a table over the integers. */
export const tabulated =
  (f: (x: number) => number): QuantizedUnary =>
  (from, to) =>
    from.dtype === 'i16' ? table16(f, from, to) : table8(f, from, to);

/** As {@link tabulated}; numbers of which there is no result give the least (`sign` -1) or greatest output. */
export const tabulatedAbove0 =
  (f: (x: number) => number, sign: 1 | -1): QuantizedUnary =>
  (from, to) => {
    const edge = Math.fround(to.scale * ((sign < 0 ? to.low : to.high) - to.zeroPoint));
    return tabulated((x) => (x > 0 ? f(x) : edge))(from, to);
  };

/** `|x|`, rescaled. */
export const quantizedAbs: QuantizedUnary = (from, to) => {
  if (from.scale === to.scale) return (q) => clamp(Math.abs(q - from.zeroPoint) + to.zeroPoint, to.low, to.high);
  const finish = requantizer(Math.fround(from.scale / to.scale), to);
  return (q) => finish(Math.abs(q - from.zeroPoint));
};

/** `x` between two real numbers, rescaled by a float32 factor. */
export const quantizedClamp =
  (low: number, high: number): QuantizedUnary =>
  (from, to) => {
    const bound = (x: number) => to.zeroPoint + roundHalfAway(Math.fround(x / to.scale));
    const range = [Math.max(to.low, bound(low)), Math.min(to.high, bound(high))] as const;
    const finish = requantizer(Math.fround(from.scale / to.scale), to, range);
    return (q) => finish(q - from.zeroPoint);
  };

/** Negative numbers times alpha; both sides have a float32 factor of their own. */
export const quantizedLeakyRelu =
  (alpha: number): QuantizedUnary =>
  (from, to) => {
    const keep = requantizer(Math.fround(from.scale / to.scale), to);
    const slope = fixedFactor(Math.abs(Math.fround(Math.fround(from.scale * alpha) / to.scale)));
    const sign = alpha < 0 ? -1 : 1;
    return (q) => {
      const x = q - from.zeroPoint;
      return x >= 0 ? keep(x) : clamp(sign * multiplyByFactor(x, slope) + to.zeroPoint, to.low, to.high);
    };
  };

/** The square root in float32, without its fraction. */
export const quantizedSqrt: QuantizedUnary = (from, to) => (q) => {
  const x = q - from.zeroPoint;
  if (x < 0) throw divideError('the square root of a negative number is taken');
  const root = Math.fround(Math.sqrt(Math.fround(from.scale * x)));
  return clamp(Math.trunc(Math.fround(root / to.scale)) + to.zeroPoint, to.low, to.high);
};

const rsqrt = (x: number): number => 1 / Math.sqrt(x);

/** `1 / √x`: of 8-bit integers by Newton's method, of wider ones by a table. */
export const quantizedRsqrt: QuantizedUnary = (from, to) => {
  if (from.dtype === 'i16') return tabulatedAbove0(rsqrt, 1)(from, to);
  const { multiplier, exponent } = fixedFactor(1 / (Math.sqrt(from.scale) * to.scale));
  const finish = requantizer({ multiplier, exponent: exponent - 20 }, to);
  return (q) => {
    const x = q - from.zeroPoint;
    if (x < 0) throw divideError('the square root of a negative number is taken');
    if (x === 0) return to.high;
    const root = fixedInverseSqrt(x);
    return finish(multiplyByFactor(1, { multiplier: root.multiplier, exponent: root.exponent + 20 }));
  };
};

/** The 15 highest bits of a multiplier, rounded. */
const short = (multiplier: number): number => (multiplier >= 0x7fff8000 ? 32767 : (multiplier + 2 ** 15) >> 16);

/** `x relu6(x + 3) / 6` in 16 bits: `x` with 7 more bits, times its share of 0..1, which is `(x / 3 + 1) / 2` kept within 16 bits. */
export const quantizedHardSwish: QuantizedUnary = (from, to) => {
  const fine = Math.fround(from.scale / 128);
  const output = fixedFactor(Math.fround(fine / to.scale));
  const share = fixedFactor(Math.fround(fine / Math.fround(3 / 32768)));
  const { exponent } = share;
  return (q) => {
    const x = (q - from.zeroPoint) * 128;
    const product = doubledHighProduct16(x, short(output.multiplier));
    let r = exponent > 0 ? saturate16(x * 2 ** (exponent - 1)) : x;
    r = doubledHighProduct16(r, short(share.multiplier));
    if (exponent > 0) r = saturate16(r * 2);
    if (exponent < 0) r = roundingShift(r, -exponent);
    r = (r + 32768) >> 1;
    const swish = saturate16(Math.trunc((r * product) / 32768));
    return clamp(roundingShift(swish, -output.exponent) + to.zeroPoint, to.low, to.high);
  };
};

/** 2^16 times the logistic function at 0, 1/24, … 255/24; the samples at {@link ROUNDED_UP} are greater by one. */
const ROUNDED_UP = new Set([4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255]); // biome-ignore format: a list

let samples: Uint16Array | undefined;
function logisticSamples(): Uint16Array {
  samples ??= Uint16Array.from(
    { length: 256 },
    (_, i) => Math.floor(65536 / (1 + Math.exp(-i / 24)) + 0.5) + (ROUNDED_UP.has(i) ? 1 : 0),
  );
  return samples;
}

/** Multiplier and shift that bring 16-bit integers to steps of 1/12288. */
function twelfths(scale: number, exponents: readonly number[]): readonly [number, number] {
  const power = Math.log2(scale);
  if (exponents.includes(power)) return [3 * 2 ** (12 + power), 0];
  let multiplier = scale * 4096 * 3;
  let shift = 0;
  for (; multiplier <= 32767 / 2 && shift <= 30; shift++) multiplier *= 2;
  return [Math.trunc(multiplier), shift];
}

/** A function of 16-bit integers, from `v = 12288 x` rounded. */
function ofTwelfths(scale: number, exponents: readonly number[], f: (v: number) => number): (q: number) => number {
  const [multiplier, shift] = twelfths(scale, exponents);
  const half = shift > 0 ? 2 ** (shift - 1) : 0;
  return (q) => f(Math.floor((q * multiplier + half) / 2 ** shift));
}

/** The line between the samples `i` and `i + 1`, `part` of `size` behind the first. */
function between(i: number, part: number, size: number): number {
  const table = logisticSamples();
  return table[i]! * size + part * (table[i + 1]! - table[i]!);
}

/** The logistic function: of 8-bit integers by a table, of 16-bit ones between samples of it. */
export const quantizedLogistic =
  (f: (x: number) => number): QuantizedUnary =>
  (from, to) => {
    if (from.dtype !== 'i16') return table8(f, from, to);
    return ofTwelfths(from.scale, [-12], (v) => {
      const a = Math.abs(v);
      const r = a >> 9 >= 255 ? 32767 * 1024 : between(a >> 9, a & 511, 512);
      return (v >= 0 ? r + 512 : 2 ** 25 - r + 511) >> 10;
    });
  };

/** The hyperbolic tangent: of 8-bit integers by a table, of 16-bit ones as `2 logistic(2 x) - 1`. */
export const quantizedTanh: QuantizedUnary = (from, to) => {
  if (from.dtype !== 'i16') return table8(Math.tanh, from, to);
  return ofTwelfths(from.scale, [-12, -11], (v) => {
    const a = Math.abs(v);
    const r = a >> 8 >= 255 ? 65535 * 256 : between(a >> 8, a & 255, 256);
    return (v >= 0 ? r - 2 ** 23 + 128 : -r + 2 ** 23 + 127) >> 8;
  });
};
