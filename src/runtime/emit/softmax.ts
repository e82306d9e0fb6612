import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { logInPlace } from './logarithm.js';
import { forRange, storeLanes } from './loops.js';
import { expInPlace } from './math.js';
import { acrossLanes, eachVector, withNeutral } from './rows.js';

type Join = (x: Expr<'v128'>, y: Expr<'v128'>) => Expr<'v128'>;

/** What the steps over a row share. */
interface RowSteps {
  readonly locals: Locals;
  readonly x: Local<'i32'>;
  readonly out: Local<'i32'>;
  readonly count: number;
  readonly counter: Local<'i32'>;
}

/** Writes a function `(x, out, from, to)` of rows of `count` floats. `steps` has pointers to the row at hand. */
function emitRows(module: WasmModule, name: string, count: number, steps: (row: RowSteps) => Code): Func {
  return module.func(name, 4, (locals, [x, out, from, to]) => {
    const row = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const offset = i32.mul(row.get, i32.const(count * 4));
    const code = steps({ locals, x: source, out: target, count, counter: locals.i32() });
    return forRange(row, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, offset)),
      target.set(i32.add(out!.get, offset)),
      code,
    ]);
  });
}

/** Joins a function of all elements of the row into all lanes of `result`. */
function gather(
  row: RowSteps,
  result: Local<'v128'>,
  join: Join,
  neutral: number,
  f: (x: Expr<'v128'>) => Expr<'v128'>,
): Code {
  const { locals, counter, count } = row;
  const p = locals.i32();
  const unroll = Math.max(1, Math.min(4, count >> 2));
  const sums = [result, ...locals.v128s(unroll - 1)];
  const none = f32x4.const(neutral);
  return [
    p.set(row.x.get),
    sums.map((s) => s.set(none)),
    eachVector({ counter, pointers: [p], count, unroll }, (step, lanes) => {
      const sum = sums[step % unroll] as Local<'v128'>;
      return sum.set(join(sum.get, withNeutral(f(v128.load(p.get, 16 * step)), lanes, none)));
    }),
    sums.slice(1).map((s) => result.set(join(result.get, s.get))),
    acrossLanes(join, result),
  ];
}

/** Stores a function of each element of `source`, a pointer to a row. */
function map(row: RowSteps, source: Local<'i32'>, f: (x: Expr<'v128'>) => Expr<'v128'>): Code {
  const [p, q] = [row.locals.i32(), row.locals.i32()];
  return [
    p.set(source.get),
    q.set(row.out.get),
    eachVector({ counter: row.counter, pointers: [p, q], count: row.count, unroll: 4 }, (step, lanes) =>
      storeLanes(q.get, f(v128.load(p.get, 16 * step)), lanes, 16 * step),
    ),
  ];
}

/** Sets `sum` to the sum of `e^(beta (x - max))`, and stores the terms when `stores`. */
function exponentials(row: RowSteps, max: Local<'v128'>, sum: Local<'v128'>, beta: number, stores: boolean): Code {
  const { locals, counter, count } = row;
  const [p, q] = [locals.i32(), locals.i32()];
  const term = locals.v128();
  const far = f32x4.const(-Infinity);
  return [
    p.set(row.x.get),
    q.set(row.out.get),
    sum.set(f32x4.const(0)),
    eachVector({ counter, pointers: stores ? [p, q] : [p], count, unroll: 2 }, (step, lanes) => {
      const distance = f32x4.sub(v128.load(p.get, 16 * step), max.get);
      return [
        term.set(withNeutral(beta === 1 ? distance : f32x4.mul(distance, f32x4.const(beta)), lanes, far)),
        expInPlace(locals, term),
        sum.set(f32x4.add(sum.get, term.get)),
        stores ? storeLanes(q.get, term.get, lanes, 16 * step) : [],
      ];
    }),
    acrossLanes(f32x4.add, sum),
  ];
}

/** Writes `(x, out, from, to)`: `e^(beta x) / Σ e^(beta x)` of rows of `count` floats. */
export const emitSoftmax = (module: WasmModule, count: number, beta: number): Func =>
  emitRows(module, 'softmax', count, (row) => {
    const [max, sum] = [row.locals.v128(), row.locals.v128()];
    return [
      gather(row, max, f32x4.pmax, -Infinity, (x) => x),
      exponentials(row, max, sum, beta, true),
      sum.set(f32x4.div(f32x4.const(1), sum.get)),
      map(row, row.out, (x) => f32x4.mul(x, sum.get)),
    ];
  });

/** Writes `(x, out, from, to)`: `x - log Σ e^x` of rows of `count` floats. */
export const emitLogSoftmax = (module: WasmModule, count: number): Func =>
  emitRows(module, 'log_softmax', count, (row) => {
    const [max, sum] = [row.locals.v128(), row.locals.v128()];
    return [
      gather(row, max, f32x4.pmax, -Infinity, (x) => x),
      exponentials(row, max, sum, 1, false),
      logInPlace(row.locals, sum),
      map(row, row.x, (x) => f32x4.sub(f32x4.sub(x, max.get), sum.get)),
    ];
  });

/** Writes `(x, out, from, to)`: rows of `count` floats divided by their Euclidean norm, which is at least `least`. */
export const emitL2Normalization = (module: WasmModule, count: number, least: number): Func =>
  emitRows(module, 'l2_normalization', count, (row) => {
    const sum = row.locals.v128();
    return [
      gather(row, sum, f32x4.add, 0, (x) => f32x4.mul(x, x)),
      sum.set(f32x4.div(f32x4.const(1), f32x4.pmax(f32x4.sqrt(sum.get), f32x4.const(least)))),
      map(row, row.x, (x) => f32x4.mul(x, sum.get)),
    ];
  });
