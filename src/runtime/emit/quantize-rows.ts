import { type Code, type Expr, when } from '../../wasm/code.js';
import { f32, f32x4, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, whileBelow } from './loops.js';

/** Adding this to a float below 2^22 leaves its nearest integer (ties to even) in the low bits. */
const ROUNDING = 12582912;
const ROUNDING_BITS = 0x4b400000;

/** The largest and least of four lanes. */
const across = (f: typeof f32.max, x: Expr<'v128'>): Expr<'f32'> =>
  f(f(f32x4.lane(x, 0), f32x4.lane(x, 1)), f(f32x4.lane(x, 2), f32x4.lane(x, 3)));

/** Range of floats, widened to hold zero: the code sets `low` and `high`. */
function range(locals: Locals, x: Local<'i32'>, count: number, low: Local<'f32'>, high: Local<'f32'>): Code {
  const lows = locals.v128s(2);
  const highs = locals.v128s(2);
  const end = locals.i32();
  const p = locals.i32();
  const take = (i: number, vector: Expr<'v128'>) => [
    lows[i]!.set(f32x4.pmin(lows[i]!.get, vector)),
    highs[i]!.set(f32x4.pmax(highs[i]!.get, vector)),
  ];
  const pairs = Math.floor(count / 8) * 32;
  const rest = count * 4 - pairs;
  return [
    [...lows, ...highs].map((v) => v.set(f32x4.const(0))),
    p.set(x.get),
    end.set(i32.add(x.get, i32.const(pairs))),
    whileBelow(p, end.get, [take(0, v128.load(p.get)), take(1, v128.load(p.get, 16)), advance(p, 32)]),
    rest >= 16 ? take(0, v128.load(p.get)) : [],
    Array.from({ length: (rest % 16) / 4 }, (_, i) => take(1, v128.load32Splat(p.get, rest - (rest % 16) + 4 * i))),
    low.set(across(f32.min, f32x4.pmin(lows[0]!.get, lows[1]!.get))),
    high.set(across(f32.max, f32x4.pmax(highs[0]!.get, highs[1]!.get))),
  ];
}

/** The 8-bit grid over a range: how a float becomes an integer minus its zero point. */
interface Grid {
  readonly inverse: Local<'v128'>;
  readonly low: Local<'v128'>;
  readonly high: Local<'v128'>;
}

const makeGrid = (locals: Locals): Grid => ({ inverse: locals.v128(), low: locals.v128(), high: locals.v128() });

/**
 * Sets the grid for a range that holds zero: `inverse = 255 / (high - low)`, and the zero point that loses least.
 * Source: XNNPACK's dynamic quantization, float32 throughout.
 */
function setGrid(locals: Locals, low: Local<'f32'>, high: Local<'f32'>, grid: Grid): Code {
  const inverse = locals.f32();
  const zero = locals.f32();
  const a = f32.add(f32.const(-128), f32.mul(low.get, inverse.get));
  const b = f32.add(f32.const(127), f32.mul(high.get, inverse.get));
  const chosen = f32.select(
    f32.gt(f32.add(a, b), f32.const(0)),
    f32.sub(f32.const(-128), f32.mul(low.get, inverse.get)),
    f32.sub(f32.const(127), f32.mul(high.get, inverse.get)),
  );
  return [
    inverse.set(
      f32.select(f32.eq(low.get, high.get), f32.const(1), f32.div(f32.const(255), f32.sub(high.get, low.get))),
    ),
    zero.set(f32.nearest(f32.max(f32.const(-128), f32.min(f32.const(127), chosen)))),
    grid.inverse.set(f32x4.splat(inverse.get)),
    grid.low.set(f32x4.splat(f32.sub(f32.const(-128), zero.get))),
    grid.high.set(f32x4.splat(f32.sub(f32.const(127), zero.get))),
  ];
}

/** Four floats on the grid, as 32-bit integers: the quantized number minus the zero point. */
function onGrid(x: Expr<'v128'>, { inverse, low, high }: Grid): Expr<'v128'> {
  const bounded = f32x4.pmin(f32x4.pmax(f32x4.mul(x, inverse.get), low.get), high.get);
  return i32x4.sub(f32x4.add(bounded, f32x4.const(ROUNDING)), i32x4.const(ROUNDING_BITS));
}

const eight = (p: Local<'i32'>, grid: Grid, offset = 0): Expr<'v128'> =>
  i16x8.narrowI32(onGrid(v128.load(p.get, offset), grid), onGrid(v128.load(p.get, offset + 16), grid));

/** Quantizes `count` floats, an even number, and writes no more than that. */
function quantizeRun(locals: Locals, x: Local<'i32'>, q: Local<'i32'>, count: number, grid: Grid): Code {
  const end = locals.i32();
  const whole = Math.floor(count / 8);
  const rest = locals.v128();
  const left = count % 8;
  return [
    end.set(i32.add(x.get, i32.const(whole * 32))),
    whileBelow(x, end.get, [v128.store(q.get, eight(x, grid)), advance(x, 32), advance(q, 16)]),
    left > 0 ? rest.set(eight(x, grid)) : [],
    left >= 4 ? v128.store64Lane(q.get, rest.get, 0) : [],
    left === 2 || left === 6 ? v128.store32Lane(q.get, rest.get, left / 2 - 1, left * 2 - 4) : [],
    advance(x, left * 4),
    advance(q, left * 2),
  ];
}

/** Bytes of a row of `count` quantized elements: whole vectors, so that rows do not touch one another. */
export const quantizedRowBytes = (count: number): number => Math.ceil(count / 8) * 16;

/**
 * Writes `(x, q, scales, from, to)`: each row of `count` floats as 16-bit integers minus their zero point on the 8-bit
 * grid of the row, and the scale of each row. Rows of q are {@link quantizedRowBytes} apart.
 */
export function emitQuantizeRows(module: WasmModule, count: number): Func {
  return module.func('quantize_rows', 5, (locals, [x, q, scales, from, to]) => {
    const row = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const low = locals.f32();
    const high = locals.f32();
    const grid = makeGrid(locals);
    const end = locals.i32();
    return forRange(row, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(row.get, i32.const(count * 4)))),
      target.set(i32.add(q!.get, i32.mul(row.get, i32.const(quantizedRowBytes(count))))),
      range(locals, source, count, low, high),
      setGrid(locals, low, high, grid),
      f32.store(
        i32.add(scales!.get, i32.shl(row.get, i32.const(2))),
        f32.div(f32.const(1), f32x4.lane(grid.inverse.get, 0)),
      ),
      end.set(i32.add(source.get, i32.const(count * 4))),
      whileBelow(source, end.get, [
        v128.store(target.get, eight(source, grid)),
        advance(source, 32),
        advance(target, 16),
      ]),
    ]);
  });
}

/** Bytes that {@link emitImageGrids} writes for each image: scale, inverse, low, high. */
export const GRID_BYTES = 16;

/** Writes `(x, grids, from, to)`: the grid of each image of `count` floats. */
export function emitImageGrids(module: WasmModule, count: number): Func {
  return module.func('image_grids', 4, (locals, [x, grids, from, to]) => {
    const image = locals.i32();
    const source = locals.i32();
    const out = locals.i32();
    const low = locals.f32();
    const high = locals.f32();
    const grid = makeGrid(locals);
    return forRange(image, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(image.get, i32.const(count * 4)))),
      out.set(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES)))),
      range(locals, source, count, low, high),
      setGrid(locals, low, high, grid),
      f32.store(out.get, f32.div(f32.const(1), f32x4.lane(grid.inverse.get, 0))),
      [grid.inverse, grid.low, grid.high].map((v, i) => f32.store(out.get, f32x4.lane(v.get, 0), 4 * (i + 1))),
    ]);
  });
}

/** Images to quantize with a border of zeros around them. `channels` is even. */
export interface QuantizeImagesSpec {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly border: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
}

/** Writes `(x, q, grids, from, to)`: the units are the rows of all padded images. */
export function emitQuantizeImages(module: WasmModule, spec: QuantizeImagesSpec): Func {
  const { height, width, channels, border } = spec;
  const rows = height + border.top + border.bottom;
  const wide = (width + border.left + border.right) * channels * 2;
  return module.func('quantize_images', 5, (locals, [x, q, grids, from, to]) => {
    const row = locals.i32();
    const y = locals.i32();
    const image = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const end = locals.i32();
    const grid = makeGrid(locals);
    const zero = i32x4.const(0);
    /** Zeros up to `end`, in steps of two channels. */
    const zeros = whileBelow(target, end.get, [v128.store32Lane(target.get, zero, 0), advance(target, 4)]);
    const clear = (bytes: number): Code => (bytes > 0 ? [end.set(i32.add(target.get, i32.const(bytes))), zeros] : []);
    const loadGrid = [grid.inverse, grid.low, grid.high].map((v, i) =>
      v.set(v128.load32Splat(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES))), 4 * (i + 1))),
    );
    return forRange(row, from!.get, to!.get, 1, [
      target.set(i32.add(q!.get, i32.mul(row.get, i32.const(wide)))),
      y.set(i32.sub(i32.remU(row.get, i32.const(rows)), i32.const(border.top))),
      image.set(i32.divU(row.get, i32.const(rows))),
      when(
        i32.ltU(y.get, i32.const(height)),
        [
          source.set(
            i32.add(
              x!.get,
              i32.mul(i32.add(i32.mul(image.get, i32.const(height)), y.get), i32.const(width * channels * 4)),
            ),
          ),
          loadGrid,
          clear(border.left * channels * 2),
          quantizeRun(locals, source, target, width * channels, grid),
          clear(border.right * channels * 2),
        ],
        clear(wide),
      ),
    ]);
  });
}
