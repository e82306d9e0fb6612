import type { Code } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { clampVector, expInPlace, LN2_HIGH, LN2_LOW, polynomial } from './math.js';

// Minimax fit of (e^r - 1 - r) / r² for |r| <= ln(2) / 2: relative error of e^r - 1 1.4e-8.
const EXPM1_TAIL = [0.4999999815, 0.1666654366, 0.04166719969, 0.00836651517, 0.001388252251];

/**
 * `x < 0 ? e^x - 1 : x` in place: relative error below 3e-7. `x = n ln 2 + r`, and `e^x - 1` is
 * `2^n (e^r - 1) + (2^n - 1)`, whose second term is 0 for all x near zero.
 */
export function eluInPlace(locals: Locals, x: Local<'v128'>): Code {
  const n = locals.v128();
  const r = locals.v128();
  const power = locals.v128();
  return [
    r.set(f32x4.pmin(f32x4.pmax(x.get, f32x4.const(-80)), f32x4.const(0))),
    n.set(f32x4.nearest(f32x4.mul(r.get, f32x4.const(Math.LOG2E)))),
    r.set(f32x4.sub(r.get, f32x4.mul(n.get, f32x4.const(LN2_HIGH)))),
    r.set(f32x4.sub(r.get, f32x4.mul(n.get, f32x4.const(LN2_LOW)))),
    power.set(i32x4.shl(i32x4.add(i32x4.truncSatF32(n.get), i32x4.const(127)), i32.const(23))),
    r.set(f32x4.add(r.get, f32x4.mul(polynomial(locals, r.get, EXPM1_TAIL), f32x4.mul(r.get, r.get)))),
    r.set(f32x4.add(f32x4.mul(r.get, power.get), f32x4.sub(power.get, f32x4.const(1)))),
    x.set(v128.bitselect(r.get, x.get, f32x4.lt(x.get, f32x4.const(0)))),
  ];
}

/**
 * `0.5 x (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`, in place, as `x / (1 + e^-2u)`: relative error below 2e-6
 * for x > -4; the exponent's digits limit it further out.
 */
export function geluByTanhInPlace(locals: Locals, x: Local<'v128'>): Code {
  const power = locals.v128();
  const scale = -2 * Math.sqrt(2 / Math.PI);
  const square = f32x4.mul(x.get, x.get);
  return [
    power.set(f32x4.mul(x.get, f32x4.add(f32x4.mul(square, f32x4.const(0.044715 * scale)), f32x4.const(scale)))),
    expInPlace(locals, power),
    x.set(f32x4.div(x.get, f32x4.add(power.get, f32x4.const(1)))),
  ];
}

// Minimax fit of (Φ(x) - ½) / x as a quotient of polynomials in x² for |x| <= 5.6, where Φ is the share of the normal
// distribution below x: error of Φ 9.3e-9. The numerator is a little larger, so that Φ reaches 0 and 1 at the ends.
const SHARE_ABOVE = [0.398942253, 0.03437581559, 0.004707234443, 1.738465696e-4, 6.356402531e-6, 2.21449595e-8];
const SHARE_BELOW = [1, 0.2528330983, 0.02893990029, 0.001912955702, 7.510002743e-5, 1.180191671e-6];

/** `x Φ(x)` in place, Φ being the share of the normal distribution below x: error below 4e-7 |x|. */
export function geluInPlace(locals: Locals, x: Local<'v128'>): Code {
  const bounded = locals.v128();
  const square = locals.v128();
  const share = locals.v128();
  return [
    bounded.set(clampVector(x.get, -5.6, 5.6)),
    square.set(f32x4.mul(bounded.get, bounded.get)),
    share.set(f32x4.mul(bounded.get, polynomial(locals, square.get, SHARE_ABOVE))),
    share.set(f32x4.add(f32x4.div(share.get, polynomial(locals, square.get, SHARE_BELOW)), f32x4.const(0.5))),
    x.set(f32x4.mul(x.get, clampVector(share.get, 0, 1))),
  ];
}
