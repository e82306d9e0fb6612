import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, i32x4 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';

type Vector = Expr<'v128'>;

/** `a * b + c`, in one instruction where there is one. */
export const multiplyAdd = ({ fused }: Locals, a: Vector, b: Vector, c: Vector): Vector =>
  fused ? f32x4.relaxedMadd(a, b, c) : f32x4.add(f32x4.mul(a, b), c);

const horner = (locals: Locals, x: Vector, coefficients: readonly number[]): Vector =>
  coefficients.map((c) => f32x4.const(c)).reduceRight((sum, c) => multiplyAdd(locals, sum, x, c));

/**
 * `c[0] + c[1] x + c[2] x² + …`: the even and the odd powers by Horner's rule in x², whose steps do not wait for one
 * another.
 */
export function polynomial(locals: Locals, x: Vector, coefficients: readonly number[]): Vector {
  if (coefficients.length < 4) return horner(locals, x, coefficients);
  const [even, odd] = [0, 1].map((rest) => coefficients.filter((_, i) => i % 2 === rest)) as [number[], number[]];
  const square = f32x4.mul(x, x);
  return multiplyAdd(locals, horner(locals, square, odd), x, horner(locals, square, even));
}

// Minimax fit of (e^r - 1 - r) / r² for |r| <= ln(2) / 2: relative error of e^r 1.05e-7.
const EXP_TAIL = [0.4999923174, 0.166671145, 0.0418901213, 0.008312524036];

/** ln 2 as a short number, whose products with small integers are exact, and the rest. */
export const LN2_HIGH = 0.693359375;
export const LN2_LOW = -2.1219444e-4;

/** Adding this to a float below 2^22 leaves its nearest integer in the low bits. */
const ROUNDING = 12582912;

/**
 * `e^x` of each lane, in place: relative error below 2.5e-7; 0 below -87, infinity above 88.73, NaN stays NaN.
 * `x = n ln 2 + r` with an integer n; `2 e^r` by a polynomial, times `2^(n - 1)` through the exponent's bits, which the
 * addition that rounds to n leaves in place.
 */
export function expInPlace(locals: Locals, x: Local<'v128'>): Code {
  const n = locals.v128();
  const sum = locals.v128();
  const bias = f32x4.const(ROUNDING + 126);
  return [
    x.set(f32x4.pmin(f32x4.pmax(x.get, f32x4.const(-87.3)), f32x4.const(89))),
    n.set(multiplyAdd(locals, x.get, f32x4.const(Math.LOG2E), bias)),
    sum.set(f32x4.sub(n.get, bias)),
    x.set(multiplyAdd(locals, sum.get, f32x4.const(-LN2_HIGH), x.get)),
    x.set(multiplyAdd(locals, sum.get, f32x4.const(-LN2_LOW), x.get)),
    sum.set(multiplyAdd(locals, polynomial(locals, x.get, EXP_TAIL), f32x4.mul(x.get, x.get), x.get)),
    sum.set(f32x4.add(sum.get, f32x4.const(1))),
    sum.set(f32x4.add(sum.get, sum.get)),
    x.set(f32x4.mul(sum.get, i32x4.shl(n.get, i32.const(23)))),
  ];
}

/** `1 / (1 + e^-x)` in place: relative error below 4e-7 above -87, 0 below -88.7. */
export const logisticInPlace = (locals: Locals, x: Local<'v128'>): Code => [
  x.set(f32x4.neg(x.get)),
  expInPlace(locals, x),
  x.set(f32x4.div(f32x4.const(1), f32x4.add(x.get, f32x4.const(1)))),
];

// Minimax fit of tanh(x) / x as a quotient of polynomials in x² for |x| <= 9: relative error 2.1e-8.
const TANH_ABOVE = [0.9999999795, 0.1338101883, 0.003495580042, 2.060895096e-5, 1.335448561e-8];
const TANH_BELOW = [1, 0.4671433443, 0.02587695141, 3.285621648e-4, 7.776484874e-7];

/** `tanh x` in place, within -1..1: relative error below 4e-7. */
export function tanhInPlace(locals: Locals, x: Local<'v128'>): Code {
  const square = locals.v128();
  const bounded = clampVector(x.get, -9, 9);
  return [
    x.set(bounded),
    square.set(f32x4.mul(x.get, x.get)),
    x.set(f32x4.mul(x.get, polynomial(locals, square.get, TANH_ABOVE))),
    x.set(clampVector(f32x4.div(x.get, polynomial(locals, square.get, TANH_BELOW)), -1, 1)),
  ];
}

/** `x` clamped to `[low, high]`; infinite bounds cost nothing, NaN stays NaN. */
export function clampVector(x: Vector, low: number, high: number): Vector {
  const above = low === -Infinity ? x : f32x4.pmax(x, f32x4.const(low));
  return high === Infinity ? above : f32x4.pmin(above, f32x4.const(high));
}
