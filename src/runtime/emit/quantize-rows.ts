import { type Code, type Expr, when } from '../../wasm/code.js';
import { f32, f32x4, i8x16, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, whileBelow } from './loops.js';
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

const makeRange = (locals: Locals): Range => ({ low: locals.v128(), high: locals.v128() });

/** Ranges hold zero from the start on. */
const start = ({ low, high }: Range): Code => [low, high].map((v) => v.set(f32x4.const(0)));

const widen = ({ low, high }: Range, vector: Vector): Code => [
  low.set(f32x4.pmin(low.get, vector)),
  high.set(f32x4.pmax(high.get, vector)),
];

/** The range of floats: the code sets all lanes of `result`. */
function range(locals: Locals, x: Local<'i32'>, { eights, left }: RunLength, result: Range): Code {
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
function fourRanges(locals: Locals, x: Local<'i32'>, { eights, left }: RunLength, result: Range): Code {
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

function makeGrid(locals: Locals, form: RowForm): Grid {
  const [inverse, low, high, origin] = locals.v128s(4) as [Local<'v128'>, Local<'v128'>, Local<'v128'>, Local<'v128'>];
  return { form, inverse, low, high, origin };
}

/** The vectors that {@link onGrid} needs. */
const partsOf = ({ form, inverse, low, high, origin }: Grid): Local<'v128'>[] =>
  form === 'shorts' ? [inverse, low, high] : [inverse, origin];

/** The zero point of bytes. */
const zeroOf = ({ origin }: Grid): Vector => i32x4.sub(i32x4.const(ROUNDING_BITS), origin.get);

/**
 * Sets grids for ranges that hold zero, one a lane: `inverse = 255 / (high - low)`, and the zero point that loses least.
 * Source: XNNPACK's dynamic quantization, float32 throughout.
 */
function setGrid(locals: Locals, { low, high }: Range, grid: Grid): Code {
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
const quantizeEight = (x: Local<'i32'>, q: Local<'i32'>, grid: Grid): Code => [
  grid.form === 'shorts' ? v128.store(q.get, eight(x, grid)) : v128.store64Lane(q.get, eight(x, grid), 0),
  advance(x, 32),
  advance(q, 8 * formBytes(grid.form)),
];

/** Quantizes floats, and writes no more than their number. */
function quantizeRun(locals: Locals, x: Local<'i32'>, q: Local<'i32'>, { eights, left }: RunLength, grid: Grid): Code {
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
const STORE_LANE = { 1: v128.store8Lane, 2: v128.store16Lane, 4: v128.store32Lane, 8: v128.store64Lane };

/** Bytes of a row of `count` quantized elements: whole eights, so that rows do not touch one another. */
export const quantizedRowBytes = (count: number, form: RowForm): number => Math.ceil(count / 8) * 8 * formBytes(form);

/** The arguments of {@link emitQuantizeRows} that tell the size of a row: so that all sizes share the function. */
export const rowArguments = (count: number, form: RowForm): number[] => [
  Math.floor(count / 8) * 32,
  quantizedRowBytes(count, form),
];

/**
 * Writes `(x, q, scales, zeros, ...rowArguments, from, to)`: each row of floats on the 8-bit grid of the row, in that form,
 * the scale of each row, and of bytes the zero point. Rows of q are {@link quantizedRowBytes} apart. Grids are made for
 * four rows at once: of short rows, that is most of the work.
 * @param left Floats of a row beyond whole eights.
 */
export function emitQuantizeRows(module: WasmModule, left: number, form: RowForm): Func {
  return module.func('quantize_rows', 8, (locals, [x, q, scales, zeros, eights, stride, from, to]) => {
    const run: RunLength = { eights: eights!.get, left };
    const rowBytes = i32.add(eights!.get, i32.const(left * 4));
    const source = locals.i32();
    const target = locals.i32();
    const scale = locals.i32();
    const zero = locals.i32();
    const found = makeRange(locals);
    const grids = makeGrid(locals, form);
    const grid = makeGrid(locals, form);
    const fours = locals.i32();
    const end = locals.i32();
    const inverse = f32x4.div(f32x4.const(1), grids.inverse.get);
    /** Quantizes the next row, by the grid in that lane. */
    const quantize = (lane: number): Code => [
      partsOf(grid).map((part, i) => part.set(f32x4.splat(f32x4.lane(partsOf(grids)[i]!.get, lane)))),
      end.set(i32.add(source.get, rowBytes)),
      whileBelow(source, end.get, quantizeEight(source, target, grid)),
      source.set(end.get),
    ];
    return [
      source.set(i32.add(x!.get, i32.mul(from!.get, rowBytes))),
      target.set(i32.add(q!.get, i32.mul(from!.get, stride!.get))),
      scale.set(i32.add(scales!.get, i32.shl(from!.get, i32.const(2)))),
      zero.set(i32.add(zeros!.get, i32.shl(from!.get, i32.const(2)))),
      fours.set(i32.add(from!.get, i32.and(i32.sub(to!.get, from!.get), i32.const(-4)))),
      whileBelow(from!, fours.get, [
        fourRanges(locals, source, run, found),
        setGrid(locals, found, grids),
        v128.store(scale.get, inverse),
        form === 'shorts' ? [] : [v128.store(zero.get, zeroOf(grids)), advance(zero, 16)],
        [0, 1, 2, 3].map(quantize),
        advance(scale, 16),
        advance(from!, 4),
      ]),
      whileBelow(from!, to!.get, [
        range(locals, source, run, found),
        setGrid(locals, found, grids),
        v128.store32Lane(scale.get, inverse, 0),
        form === 'shorts' ? [] : [v128.store32Lane(zero.get, zeroOf(grids), 0), advance(zero, 4)],
        quantize(0),
        advance(scale, 4),
        advance(from!, 1),
      ]),
    ];
  });
}

/** Bytes that {@link emitImageGrids} writes for each image: scale, what quantizing needs, and of bytes the zero point. */
export const GRID_BYTES = 32;
/** Where in them the zero point is. */
export const GRID_ZERO = 16;

/** Writes `(x, grids, eights, from, to)`: the grid of each image, whose length is that {@link RunLength}. */
export function emitImageGrids(module: WasmModule, left: number, form: RowForm): Func {
  return module.func('image_grids', 5, (locals, [x, grids, eights, from, to]) => {
    const image = locals.i32();
    const source = locals.i32();
    const out = locals.i32();
    const found = makeRange(locals);
    const grid = makeGrid(locals, form);
    return forRange(image, from!.get, to!.get, 1, [
      source.set(i32.add(x!.get, i32.mul(image.get, i32.add(eights!.get, i32.const(left * 4))))),
      out.set(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES)))),
      range(locals, source, { eights: eights!.get, left }, found),
      setGrid(locals, found, grid),
      f32.store(out.get, f32.div(f32.const(1), f32x4.lane(grid.inverse.get, 0))),
      partsOf(grid).map((v, i) => v128.store32Lane(out.get, v.get, 0, 4 * (i + 1))),
      form === 'shorts' ? [] : v128.store32Lane(out.get, zeroOf(grid), 0, GRID_ZERO),
    ]);
  });
}

/** Images to quantize with a border of zeros around them. */
export interface ImageSizes {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly border: { readonly top: number; readonly bottom: number; readonly left: number; readonly right: number };
}

/** The arguments of {@link emitQuantizeImages} that tell the sizes: so that layers share the function. */
export function sizeArguments({ height, width, channels, border }: ImageSizes, form: RowForm): number[] {
  const eights = Math.floor((width * channels) / 8) * 32;
  const bytes = channels * formBytes(form);
  return [height, border.top, height + border.top + border.bottom, eights, border.left * bytes, border.right * bytes];
}

export interface QuantizeImagesSpec {
  /** Floats of a row of an image beyond whole eights. */
  readonly left: number;
  readonly form: RowForm;
  /** Bytes that the border is a multiple of. */
  readonly unit: 1 | 2 | 4;
}

/** Writes `(x, q, grids, ...sizes, from, to)`: the units are the rows of all padded images. */
export function emitQuantizeImages(module: WasmModule, { left, form, unit }: QuantizeImagesSpec): Func {
  return module.func('quantize_images', 11, (locals, parameters) => {
    const [x, q, grids, height, top, rows, eights, before, behind, from, to] = parameters;
    const row = locals.i32();
    const y = locals.i32();
    const image = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const end = locals.i32();
    const wide = locals.i32();
    const grid = makeGrid(locals, form);
    const run: RunLength = { eights: eights!.get, left };
    const floatBytes = i32.add(eights!.get, i32.const(left * 4));
    /** What stands for zero up to `end`. */
    const zero = form === 'shorts' ? i32x4.const(0) : i8x16.splat(i32x4.lane(zeroOf(grid), 0));
    const zeros = whileBelow(target, end.get, [STORE_LANE[unit](target.get, zero, 0), advance(target, unit)]);
    const clear = (bytes: Expr<'i32'>): Code => [end.set(i32.add(target.get, bytes)), zeros];
    const loadGrid = partsOf(grid).map((v, i) =>
      v.set(v128.load32Splat(i32.add(grids!.get, i32.mul(image.get, i32.const(GRID_BYTES))), 4 * (i + 1))),
    );
    const quarters = i32.shrU(floatBytes, i32.const(form === 'shorts' ? 1 : 2));
    return [
      wide.set(i32.add(quarters, i32.add(before!.get, behind!.get))),
      forRange(row, from!.get, to!.get, 1, [
        target.set(i32.add(q!.get, i32.mul(row.get, wide.get))),
        y.set(i32.sub(i32.remU(row.get, rows!.get), top!.get)),
        image.set(i32.divU(row.get, rows!.get)),
        loadGrid,
        when(
          i32.ltU(y.get, height!.get),
          [
            source.set(i32.add(x!.get, i32.mul(i32.add(i32.mul(image.get, height!.get), y.get), floatBytes))),
            clear(before!.get),
            quantizeRun(locals, source, target, run, grid),
            clear(behind!.get),
          ],
          clear(wide.get),
        ),
      ]),
    ];
  });
}
