import type { Code, Expr } from '../../wasm/code.js';
import { f32, f32x4, i8x16, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { type ByteGrid, load8, narrowBytes, roundedShorts, storeBytes } from './bytes.js';
import { advance, doWhileBelow, forRange } from './loops.js';

/** What becomes of the cells of a window. */
export type WindowRule =
  | { readonly name: 'max' }
  /** The mean of the stored integers, halves away from zero. */
  | { readonly name: 'average' }
  /** The sum of the integers less their zero point, times a factor. */
  | { readonly name: 'sum'; readonly factor: number; readonly zeroPoint: number };

/** Windows over images of bytes; cells outside do not count. */
export interface WindowBytesSpec {
  readonly isSigned: boolean;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly top: number;
  readonly left: number;
  readonly rule: WindowRule;
  readonly grid: ByteGrid;
}

type I32 = Expr<'i32'>;

/** Writes `(x, out, from, to)`: the units are rows of the output. */
export function emitWindowBytes(module: WasmModule, spec: WindowBytesSpec): Func {
  const { height, width, channels, outHeight, outWidth, filterHeight, filterWidth, rule } = spec;
  return module.func('window_bytes', 4, (locals, [x, out, from, to]) => {
    const [row, column, y0, y1, x0, x1, target, channel, end] = Array.from({ length: 9 }, () =>
      locals.i32(),
    ) as Local<'i32'>[] & { readonly length: 9 };
    const window = new Window(locals, spec);
    const between = (local: Local<'i32'>, low: number, high: number) => [
      local.set(i32.select(i32.ltS(local.get, i32.const(low)), i32.const(low), local.get)),
      local.set(i32.select(i32.gtS(local.get, i32.const(high)), i32.const(high), local.get)),
    ];
    /** First cell of the window and the one behind its last. */
    const bounds = (a: Local<'i32'>, b: Local<'i32'>, first: I32, size: number, limit: number): Code => [
      a.set(first),
      b.set(i32.add(a.get, i32.const(size))),
      between(a, 0, limit),
      between(b, 0, limit),
    ];
    const start = (index: I32, stride: number, before: number) =>
      i32.sub(i32.mul(index, i32.const(stride)), i32.const(before));
    const image = i32.divU(row!.get, i32.const(outHeight));
    const cell = i32.add(i32.mul(i32.add(i32.mul(image, i32.const(height)), y0!.get), i32.const(width)), x0!.get);
    const block = rule.name === 'max' ? 16 : 8;
    const whole = channels - (channels % block);
    const cells = window.setSize(i32.sub(y1!.get, y0!.get), i32.sub(x1!.get, x0!.get));
    return forRange(row!, from!.get, to!.get, 1, [
      bounds(y0!, y1!, start(i32.remU(row!.get, i32.const(outHeight)), spec.strideH, spec.top), filterHeight, height),
      target!.set(i32.add(out!.get, i32.mul(row!.get, i32.const(outWidth * channels)))),
      forRange(column!, i32.const(0), i32.const(outWidth), 1, [
        bounds(x0!, x1!, start(column!.get, spec.strideW, spec.left), filterWidth, width),
        channel!.set(i32.add(x!.get, i32.mul(cell, i32.const(channels)))),
        cells,
        whole > 0
          ? [
              end!.set(i32.add(channel!.get, i32.const(whole))),
              doWhileBelow(channel!, end!.get, [
                window.code(channel!, target!, block),
                advance(channel!, block),
                advance(target!, block),
              ]),
            ]
          : [],
        channels > whole ? [window.code(channel!, target!, channels - whole), advance(target!, channels - whole)] : [],
      ]),
    ]);
  });
}

/** The cells of one window, for a block of channels. */
class Window {
  readonly #spec: WindowBytesSpec;
  readonly #sums: readonly Local<'v128'>[];
  readonly #value: Local<'v128'>;
  readonly #count: Local<'v128'>;
  readonly #rows: Local<'i32'>;
  readonly #columns: Local<'i32'>;
  readonly #y: Local<'i32'>;
  readonly #cell: Local<'i32'>;
  readonly #end: Local<'i32'>;

  constructor(locals: Locals, spec: WindowBytesSpec) {
    this.#spec = spec;
    this.#sums = locals.v128s(spec.rule.name === 'max' ? 1 : 2);
    this.#value = locals.v128();
    this.#count = locals.v128();
    this.#rows = locals.i32();
    this.#columns = locals.i32();
    this.#y = locals.i32();
    this.#cell = locals.i32();
    this.#end = locals.i32();
  }

  /** Sets rows and columns of the window. */
  setSize(rows: I32, columns: I32): Code {
    const { rule, channels } = this.#spec;
    const count = f32x4.splat(f32.convertI32S(i32.mul(rows, columns)));
    return [
      this.#rows.set(rows),
      this.#columns.set(i32.mul(columns, i32.const(channels))),
      rule.name === 'max' ? [] : this.#count.set(count),
    ];
  }

  code(start: Local<'i32'>, target: Local<'i32'>, count: number): Code {
    const { rule, isSigned, width, channels } = this.#spec;
    const least = i8x16.const(isSigned ? -128 : 0);
    return [
      this.#sums.map((sum) => sum.set(rule.name === 'max' ? least : i32x4.const(0))),
      this.#cell.set(start.get),
      forRange(this.#y, i32.const(0), this.#rows.get, 1, [
        this.#end.set(i32.add(this.#cell.get, this.#columns.get)),
        doWhileBelow(this.#cell, this.#end.get, [this.#take(), advance(this.#cell, channels)]),
        this.#cell.set(i32.add(this.#cell.get, i32.sub(i32.const(width * channels), this.#columns.get))),
      ]),
      this.#store(target, count),
    ];
  }

  #take(): Code {
    const { rule, isSigned } = this.#spec;
    const [low, high] = this.#sums as [Local<'v128'>, Local<'v128'>];
    if (rule.name === 'max') return low.set((isSigned ? i8x16.maxS : i8x16.maxU)(low.get, v128.load(this.#cell.get)));
    return [
      this.#value.set(load8(isSigned)(this.#cell.get)),
      low.set(i32x4.add(low.get, i32x4.extendLowI16(this.#value.get))),
      high.set(i32x4.add(high.get, i32x4.extendHighI16(this.#value.get))),
    ];
  }

  #store(target: Local<'i32'>, count: number): Code {
    const { rule, grid, isSigned } = this.#spec;
    const [low, high] = this.#sums as [Local<'v128'>, Local<'v128'>];
    const value = this.#value;
    if (rule.name === 'max')
      return [value.set(bounded(low.get, grid, isSigned)), storeBytes(target.get, value.get, count)];
    const results = [low, high].map((sum): Expr<'v128'> => {
      const floats = f32x4.convertI32(sum.get);
      if (rule.name === 'sum') {
        const zero = f32x4.mul(this.#count.get, f32x4.const(rule.zeroPoint));
        return f32x4.mul(f32x4.sub(floats, zero), f32x4.const(rule.factor));
      }
      const mean = f32x4.div(floats, this.#count.get);
      const half = v128.or(v128.and(mean, f32x4.const(-0)), f32x4.const(0.5));
      return f32x4.trunc(f32x4.add(mean, half));
    }) as [Expr<'v128'>, Expr<'v128'>];
    return [
      value.set(roundedShorts(...(results as [Expr<'v128'>, Expr<'v128'>]), rule.name === 'sum' ? grid.zeroPoint : 0)),
      value.set(narrowBytes(grid, value.get, value.get)),
      storeBytes(target.get, value.get, count),
    ];
  }
}

function bounded(x: Expr<'v128'>, { low, high }: ByteGrid, isSigned: boolean): Expr<'v128'> {
  const above = low > (isSigned ? -128 : 0) ? (isSigned ? i8x16.maxS : i8x16.maxU)(x, i8x16.const(low)) : x;
  return high < (isSigned ? 127 : 255) ? (isSigned ? i8x16.minS : i8x16.minU)(above, i8x16.const(high)) : above;
}
