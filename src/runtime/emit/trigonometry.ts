import type { Code } from '../../wasm/code.js';
import { f32x4, f64x2, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { demoted, eachHalf, integersOf, makeDoubles, promote } from './doubles.js';
import { clampVector, polynomial } from './math.js';

// Minimax fits for |r| <= π/4 of (sin(r) - r) / r³ and (cos(r) - 1 + r²/2) / r⁴ in r².
const SIN_TAIL = [-0.166666546, 0.008332160292, -0.0001951521811];
const COS_TAIL = [0.04166664567, -0.001388731562, 2.443308267e-5];

/** π/2 as a number of 24 bits, whose products with integers below 2^29 are exact, and the rest. */
const HALF_PI_HIGH = 1.5707963705062866;
const HALF_PI_LOW = -4.371139000186243e-8;

/** Sets k and makes `x` the r of `x = k π/2 + r`. */
const reduce = (x: Local<'v128'>, k: Local<'v128'>): Code => [
  k.set(f64x2.nearest(f64x2.mul(x.get, f64x2.const(2 / Math.PI)))),
  x.set(f64x2.sub(x.get, f64x2.mul(k.get, f64x2.const(HALF_PI_HIGH)))),
  x.set(f64x2.sub(x.get, f64x2.mul(k.get, f64x2.const(HALF_PI_LOW)))),
];

/**
 * `sin(x + quarters π/2)` in place: relative error below 3e-7 for |x| < 4e8, also near the zeros; beyond, a number in
 * -1..1. `x = k π/2 + r` is found in double precision; k says which of sine and cosine of r it is, and its sign.
 */
export function sinInPlace(locals: Locals, x: Local<'v128'>, quarters: 0 | 1): Code {
  const r = makeDoubles(locals);
  const k = makeDoubles(locals);
  const quadrant = locals.v128();
  const square = locals.v128();
  const cos = locals.v128();
  const isOdd = i32x4.ne(v128.and(quadrant.get, i32x4.const(1)), i32x4.const(0));
  return [
    promote(r, x.get),
    eachHalf((half) => reduce(r[half], k[half])),
    x.set(clampVector(demoted(r), -0.7854, 0.7854)),
    quadrant.set(i32x4.add(integersOf(k), i32x4.const(quarters))),
    square.set(f32x4.mul(x.get, x.get)),
    cos.set(f32x4.mul(polynomial(locals, square.get, COS_TAIL), f32x4.mul(square.get, square.get))),
    cos.set(f32x4.add(f32x4.sub(cos.get, f32x4.mul(square.get, f32x4.const(0.5))), f32x4.const(1))),
    x.set(f32x4.add(x.get, f32x4.mul(f32x4.mul(polynomial(locals, square.get, SIN_TAIL), square.get), x.get))),
    x.set(v128.bitselect(cos.get, x.get, isOdd)),
    x.set(v128.xor(x.get, i32x4.shl(v128.and(quadrant.get, i32x4.const(2)), i32.const(30)))),
  ];
}
