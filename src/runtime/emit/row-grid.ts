import type { Code, Expr } from '../../wasm/code.js';
import { f32, f32x4, i8x16, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { advance, whileBelow } from './loops.js';
import { formBytes, type RowForm } from './row-form.js';
import { transposed } from './transpose.js';

type Vector = Expr<'v128'>;

/** Adding this to a float below 2^22 leaves its nearest integer (ties to even) in the low bits. */
const ROUNDING = 12582912;
const ROUNDING_BITS = 0x4b400000;

/** The largest and least of four lanes. */
const across = (f: typeof f32.max, x: Vector): Expr<'f32'> =>
  f(f(f32x4.lane(x, 0), f32x4.lane(x, 1)), f(f32x4.lane(x, 2), f32x4.lane(x, 3)));

/** A number of floats: bytes of whole eights of them, and how many are left over. */
export interface RunLength {
  readonly eights: Expr<'i32'>;
  readonly left: number;
}

/** The least and the largest number so far, lane by lane. */
interface Range {
  readonly low: Local<'v128'>;
  readonly high: Local<'v128'>;
}

export const makeRange = (locals: Locals): Range => ({ low: locals.v128(), high: locals.v128() });

/** Ranges hold zero from the start on. */
const start = ({ low, high }: Range): Code => [low, high].map((v) => v.set(f32x4.const(0)));

const widen = ({ low, high }: Range, vector: Vector): Code => [
  low.set(f32x4.pmin(low.get, vector)),
  high.set(f32x4.pmax(high.get, vector)),
];

/** The range of floats: the code sets all lanes of `result`. */
export function range(locals: Locals, x: Local<'i32'>, { eights, left }: RunLength, result: Range): Code {
  const [a, b] = [makeRange(locals), makeRange(locals)];
  const end = locals.i32();
  const p = locals.i32();
  return [
    start(a),
    start(b),
    p.set(x.get),
    end.set(i32.add(x.get, eights)),
    whileBelow(p, end.get, [widen(a, v128.load(p.get)), widen(b, v128.load(p.get, 16)), advance(p, 32)]),
    left >= 4 ? widen(a, v128.load(p.get)) : [],
    Array.from({ length: left % 4 }, (_, i) => widen(b, v128.load32Splat(p.get, 4 * (left - (left % 4) + i)))),
    result.low.set(f32x4.splat(across(f32.min, f32x4.pmin(a.low.get, b.low.get)))),
    result.high.set(f32x4.splat(across(f32.max, f32x4.pmax(a.high.get, b.high.get)))),
  ];
}

/** Ranges of four rows of floats, one after the other: lane `r` of `result` is of row `r`. */
export function fourRanges(locals: Locals, x: Local<'i32'>, { eights, left }: RunLength, result: Range): Code {
  const rows = [0, 1, 2, 3].map(() => ({ p: locals.i32(), value: locals.v128(), range: makeRange(locals) }));
  const others = locals.v128s(4);
  const end = locals.i32();
  const rowBytes = i32.add(eights, i32.const(left * 4));
  const take = (load: (p: Expr<'i32'>) => Vector): Code =>
    rows.map((row) => [row.value.set(load(row.p.get)), widen(row.range, row.value.get)]);
  const joined = (side: keyof Range, f: typeof f32x4.pmin): Code => {
    const { code, columns } = transposed(rows.map((row) => row.range[side]), others, 4); // biome-ignore format: short
    const [a, b, c, d] = columns.map((column) => column.get) as [Vector, Vector, Vector, Vector];
    return [code, result[side].set(f(f(a, b), f(c, d)))];
  };
  const [first] = rows;
  return [
    rows.map(({ range: r }) => start(r)),
    rows.map(({ p }, r) => p.set(r === 0 ? x.get : i32.add(rows[r - 1]!.p.get, rowBytes))),
    end.set(i32.add(x.get, i32.add(eights, i32.const(left >= 4 ? 16 : 0)))),
    whileBelow(first!.p, end.get, [take((p) => v128.load(p)), rows.map(({ p }) => advance(p, 16))]),
    Array.from({ length: left % 4 }, (_, i) => take((p) => v128.load32Splat(p, 4 * i))),
    joined('low', f32x4.pmin),
    joined('high', f32x4.pmax),
  ];
}

/** The 8-bit grid over a range: how a float becomes an integer less the zero point, or a byte. */
interface Grid {
  readonly form: RowForm;
  readonly inverse: Local<'v128'>;
  /** Of integers less their zero point: the least and the largest. */
  readonly low: Local<'v128'>;
  readonly high: Local<'v128'>;
  /** Of bytes: the bits of {@link ROUNDING} less the zero point. */
  readonly origin: Local<'v128'>;
}

export function makeGrid(locals: Locals, form: RowForm): Grid {
  const [inverse, low, high, origin] = locals.v128s(4) as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>];
  return { form, inverse, low, high, origin };
}

/** The vectors that {@link onGrid} needs. */
export const partsOf = ({ form, inverse, low, high, origin }: Grid): Local<'v128'>[] =>
  form === 'shorts' ? [inverse, low, high] : [inverse, origin];

/** The zero point of bytes. */
export const zeroOf = ({ origin }: Grid): Vector => i32x4.sub(i32x4.const(ROUNDING_BITS), origin.get);

/**
 * Sets grids for ranges that hold zero, one a lane: `inverse = 255 / (high - low)`, and the zero point that loses least.
 * Source: XNNPACK's dynamic quantization, float32 throughout.
 */
export function setGrid(locals: Locals, { low, high }: Range, grid: Grid): Code {
  const zero = locals.v128();
  const [least, most, one] = [f32x4.const(-128), f32x4.const(127), f32x4.const(1)];
  const { inverse, form } = grid;
  const isPoint = f32x4.eq(low.get, high.get);
  const isUnsigned = form === 'unsigned';
  return [
    inverse.set(v128.bitselect(one, f32x4.div(f32x4.const(255), f32x4.sub(high.get, low.get)), isPoint)),
    low.set(f32x4.mul(low.get, inverse.get)),
    high.set(f32x4.mul(high.get, inverse.get)),
    zero.set(f32x4.add(f32x4.add(least, low.get), f32x4.add(most, high.get))),
    zero.set(v128.bitselect(f32x4.sub(least, low.get), f32x4.sub(most, high.get), f32x4.gt(zero.get, f32x4.const(0)))),
    zero.set(f32x4.nearest(f32x4.max(least, f32x4.min(most, zero.get)))),
    form === 'shorts'
      ? [grid.low.set(f32x4.sub(least, zero.get)), grid.high.set(f32x4.sub(most, zero.get))]
      : grid.origin.set(f32x4.sub(f32x4.const(isUnsigned ? ROUNDING - 128 : ROUNDING), zero.get)),
  ];
}

/** Four floats on the grid, as 32-bit integers: the quantized number less the zero point, or the byte, not yet bounded. */
function onGrid(x: Vector, { form, inverse, low, high, origin }: Grid): Vector {
  const scaled = f32x4.mul(x, inverse.get);
  const bounded = form === 'shorts' ? f32x4.pmin(f32x4.pmax(scaled, low.get), high.get) : scaled;
  const rounded = f32x4.add(bounded, f32x4.const(ROUNDING));
  return i32x4.sub(rounded, form === 'shorts' ? i32x4.const(ROUNDING_BITS) : origin.get);
}

/** Eight floats on the grid: bytes stand in both halves of the vector, bounded by their being narrowed. */
function eight(p: Local<'i32'>, grid: Grid): Vector {
  const shorts = i16x8.narrowI32(onGrid(v128.load(p.get), grid), onGrid(v128.load(p.get, 16), grid));
  if (grid.form === 'shorts') return shorts;
  const { narrowI16, narrowI16U } = i8x16;
  return (grid.form === 'signed' ? narrowI16 : narrowI16U)(shorts, shorts);
}

/** Quantizes eight floats, and moves both pointers on. */
export const quantizeEight = (x: Local<'i32'>, q: Local<'i32'>, grid: Grid): Code => [
  grid.form === 'shorts' ? v128.store(q.get, eight(x, grid)) : v128.store64Lane(q.get, eight(x, grid), 0),
  advance(x, 32),
  advance(q, 8 * formBytes(grid.form)),
];

/** Quantizes floats, and writes no more than their number. */
export function quantizeRun(
  locals: Locals,
  x: Local<'i32'>,
  q: Local<'i32'>,
  { eights, left }: RunLength,
  grid: Grid,
): Code {
  const end = locals.i32();
  const rest = locals.v128();
  const bytes = formBytes(grid.form);
  return [
    end.set(i32.add(x.get, eights)),
    whileBelow(x, end.get, quantizeEight(x, q, grid)),
    left > 0 ? rest.set(eight(x, grid)) : [],
    [4, 2, 1].map((some) => {
      const first = left - (left % (2 * some));
      return left & some
        ? STORE_LANE[(some * bytes) as keyof typeof STORE_LANE](q.get, rest.get, first / some, first * bytes)
        : [];
    }),
    advance(x, left * 4),
    advance(q, left * bytes),
  ];
}

/** By its bytes. */
export const STORE_LANE: Readonly<Record<1 | 2 | 4 | 8, typeof v128.store8Lane>> = {
  1: v128.store8Lane,
  2: v128.store16Lane,
  4: v128.store32Lane,
  8: v128.store64Lane,
};
