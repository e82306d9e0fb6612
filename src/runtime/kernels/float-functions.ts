import type { Options } from '../../ir/graph.js';
import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, f64x2, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { demoted, eachHalf, highHalf, makeDoubles, promote } from '../emit/doubles.js';
import { eluInPlace, geluByTanhInPlace, geluInPlace } from '../emit/exponential.js';
import { logInPlace, pow } from '../emit/logarithm.js';
import { sinInPlace } from '../emit/trigonometry.js';
import type { Operand } from '../kernel.js';

type Vector = Expr<'v128'>;
type InPlace = (locals: Locals, x: Local<'v128'>) => Code;

/** Sets `out`, which may be the local of an operand. */
export type Joined = (locals: Locals, x: Vector, y: Vector, out: Local<'v128'>) => Code;

/** -1 or 1 by the sign of each lane; zeros and NaN stay. */
const sign = (x: Vector): Vector =>
  v128.bitselect(
    v128.or(v128.and(x, i32x4.const(-0x80000000)), f32x4.const(1)),
    x,
    f32x4.gt(f32x4.abs(x), f32x4.const(0)),
  );

/** Functions of one operand whose code is long. */
export const longFunctions: Readonly<Record<string, InPlace>> = {
  COS: (locals, x) => sinInPlace(locals, x, 1),
  ELU: eluInPlace,
  LOG: logInPlace,
  SIN: (locals, x) => sinInPlace(locals, x, 0),
};

/** Functions of one operand that are a few instructions. */
export const shortFunctions: Readonly<Record<string, InPlace>> = {
  SIGN: (_, x) => x.set(sign(x.get)),
  ZEROS_LIKE: (_, x) => x.set(f32x4.const(0)),
};

/** The form of GELU that its option names. */
export const geluOf = ({ approximate }: Options): { readonly key: string; readonly apply: InPlace } =>
  approximate ? { key: 'GELU tanh', apply: geluByTanhInPlace } : { key: 'GELU', apply: geluInPlace };

/**
 * The remainder with the sign of the divisor, exact where the quotient is below 2^29: it and the products of divisors are
 * exact in double precision.
 */
const floorMod: Joined = (locals, a, b, out) => {
  const x = makeDoubles(locals);
  const y = locals.v128();
  const rest = locals.v128();
  const quotient = locals.v128();
  const zero = f32x4.const(0);
  return [
    y.set(b),
    promote(x, a),
    eachHalf((half) => {
      const divisor = f64x2.promoteLowF32(half === 'low' ? y.get : highHalf(y.get));
      const dividend = x[half];
      return [
        quotient.set(f64x2.trunc(f64x2.div(dividend.get, divisor))),
        dividend.set(
          v128.bitselect(
            dividend.get,
            f64x2.sub(dividend.get, f64x2.mul(quotient.get, divisor)),
            f64x2.eq(quotient.get, f64x2.const(0)),
          ),
        ),
      ];
    }),
    rest.set(demoted(x)),
    out.set(
      v128.bitselect(
        f32x4.add(rest.get, y.get),
        rest.get,
        v128.and(f32x4.ne(rest.get, zero), v128.xor(f32x4.lt(rest.get, zero), f32x4.lt(y.get, zero))),
      ),
    ),
  ];
};

/** `(x - y)²` in place of x. */
const squaredDifference: Joined = (_, x, y, out) => [out.set(f32x4.sub(x, y)), out.set(f32x4.mul(out.get, out.get))];

/** Functions of two operands whose code is long, or writes its result twice. */
export const longBinaries: Readonly<Record<string, Joined>> = {
  FLOOR_MOD: floorMod,
  POW: pow,
  SQUARED_DIFFERENCE: squaredDifference,
};

/** Functions of two operands that are a few instructions. */
export const shortBinaries: Readonly<Record<string, (x: Vector, y: Vector) => Vector>> = {
  FLOOR_DIV: (x, y) => f32x4.floor(f32x4.div(x, y)),
  /** `x > y ? x : y`, so that a NaN on the right stays. */
  MAXIMUM: (x, y) => f32x4.pmax(y, x),
  MINIMUM: (x, y) => f32x4.pmin(y, x),
};

/** Powers that a few multiplications or roots compute as well as the general function does. */
const POWERS: Readonly<Record<number, (x: Vector) => Vector>> = {
  [-1]: (x) => f32x4.div(f32x4.const(1), x),
  [-0.5]: (x) => f32x4.div(f32x4.const(1), f32x4.sqrt(x)),
  0.5: (x) => f32x4.sqrt(x),
  1: (x) => x,
  2: (x) => f32x4.mul(x, x),
  3: (x) => f32x4.mul(x, f32x4.mul(x, x)),
  4: (x) => f32x4.mul(f32x4.mul(x, x), f32x4.mul(x, x)),
};

/** POW to a constant that needs no logarithm. */
export function constantPower(exponent: Operand): { readonly key: string; readonly apply: InPlace } | undefined {
  if (exponent.count !== 1 || !exponent.constant) return undefined;
  const power = (exponent.constant.data() as Float32Array)[0] as number;
  const apply = POWERS[power];
  return apply && { key: `POW ${power}`, apply: (_, x) => x.set(apply(x.get)) };
}
