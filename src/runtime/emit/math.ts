import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';

type Vector = Expr<'v128'>;

/** `c[0] + c[1] x + c[2] x² + …`, by Horner's rule. */
export function polynomial(x: Vector, coefficients: readonly number[]): Vector {
  return [...coefficients]
    .reverse()
    .reduce<Vector | undefined>(
      (sum, c) => (sum ? f32x4.add(f32x4.mul(sum, x), f32x4.const(c)) : f32x4.const(c)),
      undefined,
    ) as Vector;
}

// Minimax fit of (e^r - 1 - r) / r² for |r| <= ln(2) / 2 (Cephes, expf); relative error of e^r below 1e-7.
const EXP_TAIL = [0.5000000119, 0.1666666546, 0.0416657963, 0.0083334519, 0.0013981999, 0.0001987569];

const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444e-4;

/**
 * `e^x` of each lane, in place: relative error below 2e-7; 0 below -87.3, infinity above 88.7, NaN stays NaN.
 * `x = n ln 2 + r` with an integer n; `e^r` by a polynomial, times `2^n` through the exponent's bits.
 */
export function expInPlace(locals: Locals, x: Local<'v128'>): Code {
  const n = locals.v128();
  const sum = locals.v128();
  return [
    x.set(f32x4.pmin(f32x4.pmax(x.get, f32x4.const(-88)), f32x4.const(89))),
    n.set(f32x4.nearest(f32x4.mul(x.get, f32x4.const(Math.LOG2E)))),
    x.set(f32x4.sub(x.get, f32x4.mul(n.get, f32x4.const(LN2_HIGH)))),
    x.set(f32x4.sub(x.get, f32x4.mul(n.get, f32x4.const(LN2_LOW)))),
    sum.set(f32x4.mul(polynomial(x.get, EXP_TAIL), f32x4.mul(x.get, x.get))),
    sum.set(f32x4.add(f32x4.add(sum.get, x.get), f32x4.const(1))),
    x.set(f32x4.mul(sum.get, i32x4.shl(i32x4.add(i32x4.truncSatF32(n.get), i32x4.const(127)), i32.const(23)))),
  ];
}

/** `1 / (1 + e^-x)` in place. */
export const logisticInPlace = (locals: Locals, x: Local<'v128'>): Code => [
  x.set(f32x4.neg(x.get)),
  expInPlace(locals, x),
  x.set(f32x4.div(f32x4.const(1), f32x4.add(x.get, f32x4.const(1)))),
];

// Minimax fit of (tanh(x) - x) / x³ in x² for |x| < 0.625 (Cephes, tanhf).
const TANH_TAIL = [-0.333332819422, 0.133314422036, -0.0537397155531, 0.0206390887954, -0.00570498872745];
const SIGN_BIT = -0x80000000;

/** `tanh x` in place: a polynomial near zero, `1 - 2 / (e^2|x| + 1)` elsewhere. Relative error below 3e-7. */
export function tanhInPlace(locals: Locals, x: Local<'v128'>): Code {
  const far = locals.v128();
  const square = locals.v128();
  const two = f32x4.const(2);
  return [
    far.set(f32x4.mul(f32x4.abs(x.get), two)),
    expInPlace(locals, far),
    far.set(f32x4.sub(f32x4.const(1), f32x4.div(two, f32x4.add(far.get, f32x4.const(1))))),
    far.set(v128.or(far.get, v128.and(x.get, i32x4.const(SIGN_BIT)))),
    square.set(f32x4.mul(x.get, x.get)),
    x.set(
      v128.bitselect(
        f32x4.add(x.get, f32x4.mul(f32x4.mul(polynomial(square.get, TANH_TAIL), square.get), x.get)),
        far.get,
        f32x4.lt(f32x4.abs(x.get), f32x4.const(0.625)),
      ),
    ),
  ];
}

/** `x` clamped to `[low, high]`; infinite bounds cost nothing, NaN stays NaN. */
export function clampVector(x: Vector, low: number, high: number): Vector {
  const above = low === -Infinity ? x : f32x4.pmax(x, f32x4.const(low));
  return high === Infinity ? above : f32x4.pmin(above, f32x4.const(high));
}
