import type { Code } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { expInPlace, LN2_HIGH, LN2_LOW, polynomial } from './math.js';

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
    r.set(f32x4.add(r.get, f32x4.mul(polynomial(r.get, EXPM1_TAIL), f32x4.mul(r.get, r.get)))),
    r.set(f32x4.add(f32x4.mul(r.get, power.get), f32x4.sub(power.get, f32x4.const(1)))),
    x.set(v128.bitselect(r.get, x.get, f32x4.lt(x.get, f32x4.const(0)))),
  ];
}

/**
 * `0.5 x (1 + tanh u)` with `u = √(2/π) (x + 0.044715 x³)`, in place, as `x / (1 + e^-2u)`: relative error below 1e-6
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

// Minimax fit of e^(u²/2) erfc(u/√2) / 2 as t P(t), t = 1 / (u + 3), for 0 <= u <= 14: relative error 4.7e-8.
const ERFC_TAIL = [
  0.3988646354, 1.202176303, 3.035281063, 9.713268133, -12.96975146, 159.6203021, -593.2918376, 850.2818274,
  -448.0712722,
];

/**
 * `x` times the share of the normal distribution below it, in place: `max(x, 0) - |x| erfc(|x|/√2) / 2`. Relative error
 * below 1e-6 for x > -5; further out the result is next to nothing and loses the digits that `e^(-x²/2)` loses.
 */
export function geluInPlace(locals: Locals, x: Local<'v128'>): Code {
  const u = locals.v128();
  const t = locals.v128();
  const power = locals.v128();
  return [
    u.set(f32x4.pmin(f32x4.abs(x.get), f32x4.const(14))),
    t.set(f32x4.div(f32x4.const(1), f32x4.add(u.get, f32x4.const(3)))),
    power.set(f32x4.mul(f32x4.mul(u.get, u.get), f32x4.const(-0.5))),
    expInPlace(locals, power),
    u.set(f32x4.mul(f32x4.mul(u.get, t.get), power.get)),
    x.set(f32x4.sub(f32x4.pmax(x.get, f32x4.const(0)), f32x4.mul(polynomial(t.get, ERFC_TAIL), u.get))),
  ];
}
