import { describe, expect, it } from 'vitest';
import { eluInPlace, geluByTanhInPlace, geluInPlace } from '../../../src/runtime/emit/exponential.js';
import { logInPlace, pow } from '../../../src/runtime/emit/logarithm.js';
import { forRange } from '../../../src/runtime/emit/loops.js';
import { expInPlace, logisticInPlace, tanhInPlace } from '../../../src/runtime/emit/math.js';
import { sinInPlace } from '../../../src/runtime/emit/trigonometry.js';
import type { Code } from '../../../src/wasm/code.js';
import { wasmHost } from '../../../src/wasm/host.js';
import { i32, v128 } from '../../../src/wasm/instructions.js';
import { type Local, type Locals, WasmModule } from '../../../src/wasm/module.js';

type Written = (locals: Locals, x: Local<'v128'>, y: Local<'v128'>) => Code;

/** What the emitted code gives for each element. */
function evaluate(written: Written, x: Float32Array, y = x): Float32Array {
  const module = new WasmModule();
  const bytes = Math.ceil(x.length / 4) * 16;
  const func = module.func('f', 1, (locals, [at]) => {
    const [a, b] = [locals.v128(), locals.v128()];
    return forRange(at!, i32.const(0), i32.const(bytes), 16, [
      a.set(v128.load(at!.get)),
      b.set(v128.load(at!.get, bytes)),
      written(locals, a, b),
      v128.store(at!.get, a.get),
    ]);
  });
  module.export('f', func);
  const memory = new wasmHost.Memory({ initial: Math.ceil((2 * bytes) / 65536), maximum: 65536 });
  new Float32Array(memory.buffer).set(x);
  new Float32Array(memory.buffer, bytes).set(y);
  new wasmHost.Instance(new wasmHost.Module(module.bytes()), { env: { memory } }).exports.f!(0);
  return new Float32Array(memory.buffer, 0, x.length);
}

const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, Number.NaN, 1e-45, -1e-45, 1e-38, -1e-38, 3e38, -3e38];

/** Every 30011th float of either sign, and the special ones. */
function floatsBetween(low: number, high: number): Float32Array {
  const bits = Array.from({ length: Math.floor(0x7f800000 / 30011) }, (_, i) => i * 30011);
  const all = [...new Float32Array(Int32Array.from(bits).buffer)];
  const dense = Array.from({ length: 100_000 }, (_, i) => ((i - 50_000) / 50_000) * Math.min(100, high - 0));
  const list = [...SPECIAL, ...all, ...all.map((x) => -x), ...dense].map(Math.fround);
  return Float32Array.from(list.filter((x) => !(x < low || x > high)));
}

interface Claim {
  readonly written: Written;
  readonly exact: (x: number) => number;
  readonly from?: number;
  readonly to?: number;
  /** Largest error relative to the exact number. */
  readonly relative: number;
  /** Results below this in absolute value may be 0, or any number below it. */
  readonly least?: number;
  /** The error is relative to the input, not to the result. */
  readonly ofInput?: boolean;
}

function worstError({
  written,
  exact,
  from = -Infinity,
  to = Infinity,
  least = 1.2e-38,
  ofInput = false,
}: Claim): readonly [number, number] {
  const x = floatsBetween(from, to);
  const y = evaluate(written, x);
  let worst: readonly [number, number] = [0, 0];
  for (const [i, ours] of y.entries()) {
    const theirs = Math.fround(exact(x[i] as number));
    if (Object.is(ours, theirs) || ours === theirs) continue;
    if (Math.abs(theirs) < least && Math.abs(ours) < 2 * least) continue;
    const error = Math.abs(ours - theirs) / Math.abs(ofInput ? (x[i] as number) : theirs);
    if (!(error <= worst[0])) worst = [error, x[i] as number];
    if (Number.isNaN(error)) break;
  }
  return worst;
}

const normalShare = (x: number): number => {
  // The continued fraction of the error function's complement, which converges fast beyond 2; a power series before.
  const z = Math.abs(x) / Math.SQRT2;
  let c: number;
  if (z < 2) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 100; n++) {
      term *= (2 * z * z) / (2 * n + 1);
      sum += term;
    }
    c = 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-z * z) * sum;
  } else {
    let tail = 0;
    for (let n = 80; n > 0; n--) tail = n / 2 / (z + tail);
    c = Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + tail);
  }
  return x < 0 ? c / 2 : 1 - c / 2;
};

const geluByTanh = (x: number) => x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const claims: Readonly<Record<string, Claim>> = {
  exp: { written: expInPlace, exact: Math.exp, relative: 2.5e-7, least: 1.7e-38 },
  logistic: { written: logisticInPlace, exact: (x) => 1 / (1 + Math.exp(-x)), relative: 4e-7 },
  tanh: { written: tanhInPlace, exact: Math.tanh, relative: 4e-7 },
  elu: { written: eluInPlace, exact: (x) => (x < 0 ? Math.expm1(x) : x), relative: 3e-7 },
  log: { written: logInPlace, exact: Math.log, relative: 2e-7 },
  sin: { written: (l, x) => sinInPlace(l, x, 0), exact: Math.sin, relative: 3e-7, from: -4e8, to: 4e8 },
  cos: { written: (l, x) => sinInPlace(l, x, 1), exact: Math.cos, relative: 3e-7, from: -4e8, to: 4e8 },
  gelu: {
    written: geluInPlace,
    exact: (x) => x * normalShare(x),
    relative: 4e-7,
    from: -3e38,
    to: 3e38,
    ofInput: true,
  },
  'gelu is zero far below': { written: geluInPlace, exact: (x) => x * 0, relative: 0, from: -3e38, to: -6 },
  'gelu is the number itself far above': { written: geluInPlace, exact: (x) => x, relative: 0, from: 6, to: 3e38 },
  'gelu by tanh': { written: geluByTanhInPlace, exact: geluByTanh, relative: 2e-6, from: -4, to: 3e38 },
};

describe('functions of vectors have the errors that they say', () => {
  for (const [name, claim] of Object.entries(claims))
    it(name, () => {
      const [error, at] = worstError(claim);
      expect(error, `worst at ${at}`).toBeLessThanOrEqual(claim.relative);
    });

  it('powers are those of C', () => {
    const values = [
      ...SPECIAL,
      2,
      -2,
      3,
      -3,
      0.5,
      -0.5,
      1.5,
      -1.5,
      7,
      -7,
      10.25,
      1e-3,
      0.999,
      1.001,
      100,
      33,
      -33,
      2 ** 25,
    ];
    const x = Float32Array.from(values.flatMap((v) => values.map(() => v)));
    const y = Float32Array.from(values.flatMap(() => values));
    const ours = evaluate((locals, a, b) => pow(locals, a.get, b.get, a), x, y);
    const wrong = [...ours].flatMap((got, i) => {
      const [a, b] = [x[i] as number, y[i] as number];
      // C: 1 to any power, and -1 to an infinite one, is 1.
      const isOne = a === 1 || (a === -1 && Math.abs(b) === Infinity);
      const exact = isOne ? 1 : Math.fround(a ** b);
      const isClose = Object.is(got, exact) || Math.abs(got - exact) <= 3e-7 * Math.abs(exact) + 1e-44;
      return isClose ? [] : [`${a} ** ${b} = ${exact}, got ${got}`];
    });
    expect(wrong.slice(0, 10)).toEqual([]);
  });
});
