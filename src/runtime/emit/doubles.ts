import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, f64x2, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';

type Vector = Expr<'v128'>;

const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** The lanes 2 and 3 of a vector, twice. */
export const highHalf = (x: Vector): Vector => v128.shuffle(x, x, HIGH_HALF);

/** The first two 32-bit lanes of two vectors. */
export const joinLow = (a: Vector, b: Vector): Vector => v128.shuffle(a, b, LOW_HALVES);

/** Two vectors of doubles: the low and the high lanes of a vector of floats. */
export interface Doubles {
  readonly low: Local<'v128'>;
  readonly high: Local<'v128'>;
}

export const makeDoubles = (locals: Locals): Doubles => ({ low: locals.v128(), high: locals.v128() });

/** Sets doubles from floats. */
export const promote = ({ low, high }: Doubles, x: Vector): Code => [
  low.set(f64x2.promoteLowF32(x)),
  high.set(f64x2.promoteLowF32(highHalf(x))),
];

/** Doubles as floats. */
export const demoted = ({ low, high }: Doubles): Vector => joinLow(f32x4.demoteF64(low.get), f32x4.demoteF64(high.get));

/** Whole doubles as 32-bit integers. */
export const integersOf = ({ low, high }: Doubles): Vector =>
  joinLow(i32x4.truncSatF64(low.get), i32x4.truncSatF64(high.get));

/** Code for the low and for the high lanes. */
export const eachHalf = (code: (half: keyof Doubles) => Code): Code => [code('low'), code('high')];

/** `c[0] + c[1] x + …` of doubles. */
export const polynomialOfDoubles = (x: Vector, coefficients: readonly number[]): Vector =>
  [...coefficients]
    .reverse()
    .reduce<Vector | undefined>(
      (sum, c) => (sum ? f64x2.add(f64x2.mul(sum, x), f64x2.const(c)) : f64x2.const(c)),
      undefined,
    ) as Vector;
