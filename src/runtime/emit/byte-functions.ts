import type { Expr } from '../../wasm/code.js';
import { f32x4, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { highFloats, lowFloats, roundedShorts } from './bytes.js';
import type { ByteFunction } from './elementwise-bytes.js';

type Vector = Expr<'v128'>;
type Operand = Local<'v128'>;

/** What stored integers stand for, in steps of the result: `factor * (q - zeroPoint)`. */
export interface Term {
  readonly factor: number;
  readonly zeroPoint: number;
}

/** Bits of the largest factor of a sum. */
const FACTOR_BITS = 21;
const MAX_SHIFT = 30;

/** Factors of sums fit their bits. */
export const isSummable = (terms: readonly Term[]): boolean => terms.every((t) => Math.abs(t.factor) < 256);

/**
 * `Σ factor * (q - zeroPoint)` of one or two terms, plus the zero point of the result: factors of 21 bits, 32-bit sums
 * shifted back with rounding, halves upwards. So has XNNPACK it.
 */
export function byteSum(terms: readonly Term[], zeroPoint: number): ByteFunction {
  const largest = Math.max(...terms.map((t) => Math.abs(t.factor)));
  const shift = Math.min(MAX_SHIFT, FACTOR_BITS - 1 - Math.floor(Math.log2(largest)));
  const factors = terms.map((t) => Math.round(t.factor * 2 ** shift));
  const offset = terms.reduce((sum, t, i) => sum - t.zeroPoint * factors[i]!, 2 ** (shift - 1));
  return {
    key: `sum ${factors} ${offset} ${shift} ${zeroPoint}`,
    apply: (x, y) => {
      const half = (extended: typeof i32x4.extendLowI16) => {
        const products = factors.map((factor, i) => i32x4.mul(extended((i === 0 ? x : y).get), i32x4.const(factor)));
        return i32x4.shrS(products.reduce(i32x4.add, i32x4.const(offset)), i32.const(shift));
      };
      const shorts = i16x8.narrowI32(half(i32x4.extendLowI16), half(i32x4.extendHighI16));
      return i16x8.addSatS(shorts, i16x8.const(zeroPoint));
    },
  };
}

const centered = (x: Operand, zeroPoint: number): Vector =>
  zeroPoint === 0 ? x.get : i16x8.sub(x.get, i16x8.const(zeroPoint));

const scaled = (x: Vector, factor: number): Vector => f32x4.mul(x, f32x4.const(factor));

/** `factor (x - z_x) (y - z_y)`, plus the zero point of the result. */
export const byteProduct = (factor: number, [zx, zy]: readonly [number, number], zeroPoint: number): ByteFunction => ({
  key: `product ${factor} ${zx} ${zy} ${zeroPoint}`,
  apply: (x, y) => {
    const half = (f: typeof i32x4.extmulLowI16) =>
      scaled(f32x4.convertI32(f(centered(x, zx), centered(y, zy))), factor);
    return roundedShorts(half(i32x4.extmulLowI16), half(i32x4.extmulHighI16), zeroPoint);
  },
});

/** The square of the difference of two terms, which count in square roots of steps. */
export const byteSquaredDifference = (a: Term, b: Term, zeroPoint: number): ByteFunction => ({
  key: `squared difference ${JSON.stringify([a, b])} ${zeroPoint}`,
  apply: (x, y) => {
    const half = (floats: typeof lowFloats) => {
      const difference = f32x4.sub(
        scaled(floats(centered(x, a.zeroPoint)), a.factor),
        scaled(floats(centered(y, b.zeroPoint)), b.factor),
      );
      return f32x4.mul(difference, difference);
    };
    return roundedShorts(half(lowFloats), half(highFloats), zeroPoint);
  },
});

/** Numbers above zero times `keep`, others times `slope` and the second operand. */
export const bytePrelu = (
  keep: number,
  slope: number,
  [zx, za]: readonly [number, number],
  zeroPoint: number,
): ByteFunction => ({
  key: `prelu ${keep} ${slope} ${zx} ${za} ${zeroPoint}`,
  apply: (x, y) => {
    const half = (floats: typeof lowFloats, product: typeof i32x4.extmulLowI16) => {
      const value = floats(centered(x, zx));
      const below = scaled(f32x4.convertI32(product(centered(x, zx), centered(y, za))), slope);
      return v128.bitselect(below, scaled(value, keep), f32x4.lt(value, f32x4.const(0)));
    };
    return roundedShorts(half(lowFloats, i32x4.extmulLowI16), half(highFloats, i32x4.extmulHighI16), zeroPoint);
  },
});

/** Factors of {@link byteLeakyRelu} fit 16 bits. */
export const isLeaky = (factors: readonly number[]): boolean => factors.every((f) => Math.abs(f) < 127);

/** Numbers above zero times one factor, those below times another, in 256ths, halves upwards. So has XNNPACK it. */
export function byteLeakyRelu(
  [above, below]: readonly [number, number],
  from: number,
  zeroPoint: number,
): ByteFunction {
  const [high, low] = [Math.round(above * 256), Math.round(below * 256)];
  return {
    key: `leaky relu ${high} ${low} ${from} ${zeroPoint}`,
    apply: (x) => {
      const value = centered(x, from);
      const factor = v128.bitselect(i16x8.const(low), i16x8.const(high), i16x8.ltS(value, i16x8.const(0)));
      return i16x8.addSatS(i16x8.q15mulrSatS(i16x8.shl(value, i32.const(7)), factor), i16x8.const(zeroPoint));
    },
  };
}

/** The greater or lesser of stored integers. */
export const byteExtreme = (name: 'MAXIMUM' | 'MINIMUM'): ByteFunction => ({
  key: name,
  apply: (x, y) => (name === 'MAXIMUM' ? i16x8.maxS : i16x8.minS)(x.get, y.get),
});
