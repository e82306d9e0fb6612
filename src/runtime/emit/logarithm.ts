import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, f64x2, i32, i32x4, i64x2, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { demoted, eachHalf, highHalf, integersOf, makeDoubles, polynomialOfDoubles, promote } from './doubles.js';
import { LN2_HIGH, LN2_LOW, polynomial } from './math.js';

type Vector = Expr<'v128'>;

// Minimax fit of (log(1 + f) - f + f²/2) / f³ for 1 + f in √½..√2: relative error of the logarithm 5.8e-9.
const LOG_TAIL = [
  0.3333333171, -0.2500082103, 0.2000122688, -0.1662335736, 0.1420175792, -0.1316018216, 0.1276157754, -0.07634497757,
];

/** The bits of √½, and the least normal float. */
const SQRT_HALF_BITS = 0x3f3504f3;
const LEAST_NORMAL = 1.1754943508222875e-38;

/**
 * `ln x` in place: relative error below 2e-7, also near 1 and for denormals. `x = 2^k (1 + f)` with 1 + f in √½..√2;
 * 0 gives -infinity, numbers below it NaN.
 */
export function logInPlace(locals: Locals, x: Local<'v128'>): Code {
  const isSmall = locals.v128();
  const special = locals.v128();
  const isPlain = locals.v128();
  const k = locals.v128();
  const tail = locals.v128();
  const zero = f32x4.const(0);
  return [
    isPlain.set(v128.and(f32x4.gt(x.get, zero), f32x4.lt(x.get, f32x4.const(Infinity)))),
    special.set(v128.bitselect(f32x4.const(-Infinity), f32x4.sqrt(x.get), f32x4.eq(x.get, zero))),
    isSmall.set(f32x4.lt(x.get, f32x4.const(LEAST_NORMAL))),
    x.set(v128.bitselect(f32x4.mul(x.get, f32x4.const(2 ** 24)), x.get, isSmall.get)),
    k.set(i32x4.shrS(i32x4.sub(x.get, i32x4.const(SQRT_HALF_BITS)), i32.const(23))),
    x.set(f32x4.sub(i32x4.sub(x.get, i32x4.shl(k.get, i32.const(23))), f32x4.const(1))),
    k.set(f32x4.sub(f32x4.convertI32(k.get), v128.and(isSmall.get, f32x4.const(24)))),
    tail.set(f32x4.mul(f32x4.mul(polynomial(locals, x.get, LOG_TAIL), x.get), f32x4.mul(x.get, x.get))),
    tail.set(f32x4.add(tail.get, f32x4.mul(k.get, f32x4.const(LN2_LOW)))),
    tail.set(f32x4.sub(tail.get, f32x4.mul(f32x4.mul(x.get, x.get), f32x4.const(0.5)))),
    x.set(f32x4.add(f32x4.add(x.get, tail.get), f32x4.mul(k.get, f32x4.const(LN2_HIGH)))),
    x.set(v128.bitselect(x.get, special.get, isPlain.get)),
  ];
}

/** log2((1 + s) / (1 - s)) / s in s²: its power series, enough for |s| < 0.172. */
const LOG2_SERIES = Array.from({ length: 7 }, (_, i) => (2 * Math.LOG2E) / (2 * i + 1));
/** The bits of √½ as a double. */
const SQRT_HALF_BITS_64 = 0x3fe6a09e667f3bcdn;
/** Even 32-bit lanes, which are the low halves of 64-bit ones. */
const EVEN = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
/** (2^f - 1 - f ln 2) / f² for |f| <= ½: a power series. */
const EXP2_TAIL = [2, 3, 4, 5, 6, 7].map((n) => Math.LN2 ** n / Array.from({ length: n }, (_, i) => i + 1).reduce((a, b) => a * b)); // biome-ignore format: one formula

/** The binary logarithm of a vector of doubles that are positive and finite. */
function log2OfDoubles(locals: Locals, x: Local<'v128'>): Code {
  const k = locals.v128();
  const s = locals.v128();
  const one = f64x2.const(1);
  return [
    k.set(i64x2.shrS(i64x2.sub(x.get, i64x2.const(SQRT_HALF_BITS_64)), i32.const(52))),
    x.set(i64x2.sub(x.get, i64x2.shl(k.get, i32.const(52)))),
    k.set(f64x2.convertLowI32(v128.shuffle(k.get, k.get, EVEN))),
    s.set(f64x2.div(f64x2.sub(x.get, one), f64x2.add(x.get, one))),
    x.set(f64x2.add(k.get, f64x2.mul(s.get, polynomialOfDoubles(f64x2.mul(s.get, s.get), LOG2_SERIES)))),
  ];
}

/** `2^n` times a number as two factors, so that neither leaves the range of floats. */
const scaled = (x: Vector, n: Vector, half: Local<'v128'>): Vector => {
  const power = (e: Vector) => i32x4.shl(i32x4.add(e, i32x4.const(127)), i32.const(23));
  const first = half.tee(i32x4.shrS(n, i32.const(1)));
  return f32x4.mul(f32x4.mul(x, power(first)), power(i32x4.sub(n, half.get)));
};

/**
 * `x^y` into `out`, as C has it: relative error below 3e-7. `|x|^y = 2^(y log2 |x|)`, the exponent in double precision;
 * what infinities, zeros and signs give is chosen afterwards.
 */
export function pow(locals: Locals, base: Vector, exponent: Vector, out: Local<'v128'>): Code {
  const x = locals.v128();
  const y = locals.v128();
  const abs = locals.v128();
  const n = locals.v128();
  const f = locals.v128();
  const half = locals.v128();
  const logarithm = makeDoubles(locals);
  const whole = makeDoubles(locals);
  const part = (v: Vector, which: 'low' | 'high') => f64x2.promoteLowF32(which === 'low' ? v : highHalf(v));
  return [
    x.set(base),
    y.set(exponent),
    abs.set(f32x4.abs(x.get)),
    promote(logarithm, abs.get),
    eachHalf((which) => {
      const t = logarithm[which];
      const magnitude = part(abs.get, which);
      return [
        log2OfDoubles(locals, t),
        t.set(v128.bitselect(f64x2.const(-Infinity), t.get, f64x2.eq(magnitude, f64x2.const(0)))),
        t.set(v128.bitselect(magnitude, t.get, f64x2.eq(magnitude, f64x2.const(Infinity)))),
        t.set(f64x2.mul(t.get, part(y.get, which))),
        t.set(f64x2.pmin(f64x2.pmax(t.get, f64x2.const(-200)), f64x2.const(200))),
        whole[which].set(f64x2.nearest(t.get)),
        t.set(f64x2.sub(t.get, whole[which].get)),
      ];
    }),
    f.set(demoted(logarithm)),
    n.set(integersOf(whole)),
    out.set(f32x4.mul(polynomial(locals, f.get, EXP2_TAIL), f32x4.mul(f.get, f.get))),
    out.set(f32x4.add(f32x4.add(out.get, f32x4.mul(f.get, f32x4.const(Math.LN2))), f32x4.const(1))),
    out.set(scaled(out.get, n.get, half)),
    powSpecials(x.get, y.get, abs.get, out),
  ];
}

/** Signs and the cases in which the logarithm does not say the power. */
function powSpecials(x: Vector, y: Vector, abs: Vector, out: Local<'v128'>): Code {
  const one = f32x4.const(1);
  const isNegative = v128.and(f32x4.lt(x, f32x4.const(0)), f32x4.gt(x, f32x4.const(-Infinity)));
  const halfY = f32x4.mul(y, f32x4.const(0.5));
  const isWhole = f32x4.eq(f32x4.trunc(y), y);
  const isOdd = v128.and(isWhole, f32x4.ne(f32x4.trunc(halfY), halfY));
  const isOne = v128.or(f32x4.eq(y, f32x4.const(0)), f32x4.eq(x, one));
  return [
    out.set(v128.bitselect(one, out.get, f32x4.eq(abs, one))),
    out.set(v128.xor(out.get, v128.and(v128.and(x, i32x4.const(-0x80000000)), isOdd))),
    out.set(v128.or(out.get, v128.or(v128.andNot(isNegative, isWhole), f32x4.ne(x, x)))),
    out.set(v128.bitselect(one, out.get, isOne)),
  ];
}
