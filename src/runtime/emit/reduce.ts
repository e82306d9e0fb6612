import { type Code, type Expr, when } from '../../wasm/code.js';
import { f32, f32x4, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, repeat, storeLanes } from './loops.js';
import { acrossLanes, eachVector, withNeutral } from './rows.js';

/** How elements of 32 bits become one. */
export interface Reduction {
  readonly key: string;
  readonly join: (sum: Expr<'v128'>, x: Expr<'v128'>) => Expr<'v128'>;
  /** What joins without effect. */
  readonly neutral: Expr<'v128'>;
  /** The result is multiplied by this. */
  readonly scale?: number;
}

const scaled = ({ scale = 1 }: Reduction, x: Expr<'v128'>): Expr<'v128'> =>
  scale === 1 ? x : f32x4.mul(x, f32x4.const(scale));

const joinAll = ({ join }: Reduction, sums: readonly Local<'v128'>[]): Code =>
  sums.slice(1).map((sum) => sums[0]!.set(join(sums[0]!.get, sum.get)));

/** Writes `(x, out, from, to)`: each row of `count` elements to one. The units are the rows. */
export function emitReduceRows(module: WasmModule, reduction: Reduction, count: number): Func {
  const { join, neutral } = reduction;
  return module.func('reduce_rows', 4, (locals, [x, out, from, to]) => {
    const row = locals.i32();
    const p = locals.i32();
    const counter = locals.i32();
    const unroll = Math.max(1, Math.min(4, Math.floor(count / 4)));
    const sums = locals.v128s(Math.min(unroll, 4));
    const loop = { counter, pointers: [p], count, unroll };
    return forRange(row, from!.get, to!.get, 1, [
      p.set(i32.add(x!.get, i32.mul(row.get, i32.const(count * 4)))),
      sums.map((s) => s.set(neutral)),
      eachVector(loop, (step, lanes) => {
        const sum = sums[step % sums.length] as Local<'v128'>;
        return sum.set(join(sum.get, withNeutral(v128.load(p.get, 16 * step), lanes, neutral)));
      }),
      joinAll(reduction, sums),
      acrossLanes(join, sums[0]!),
      v128.store32Lane(i32.add(out!.get, i32.shl(row.get, i32.const(2))), scaled(reduction, sums[0]!.get), 0),
    ]);
  });
}

/** Columns that one unit of {@link emitReduceColumns} takes. */
export const columnBlock = (columns: number): number => Math.min(16, Math.ceil(columns / 4) * 4);

/**
 * Writes `(x, out, from, to)`: matrices of `rows` rows to one row each. The units are blocks of {@link columnBlock}
 * columns of all matrices, in order.
 */
export function emitReduceColumns(module: WasmModule, reduction: Reduction, rows: number, columns: number): Func {
  const { join, neutral } = reduction;
  const width = columnBlock(columns);
  const blocks = Math.ceil(columns / width);
  const last = columns - (blocks - 1) * width;
  return module.func('reduce_columns', 4, (locals, [x, out, from, to]) => {
    const unit = locals.i32();
    const block = locals.i32();
    const matrix = locals.i32();
    const p = locals.i32();
    const target = locals.i32();
    const counter = locals.i32();
    const sums = locals.v128s(width / 4);
    const store = (count: number) =>
      sums.map((sum, i) => (count > 4 * i ? storeLanes(target.get, scaled(reduction, sum.get), count - 4 * i, 16 * i) : [])); // biome-ignore format: a choice
    const bytes = i32.shl(i32.mul(block.get, i32.const(width)), i32.const(2));
    return forRange(unit, from!.get, to!.get, 1, [
      block.set(i32.remU(unit.get, i32.const(blocks))),
      matrix.set(i32.divU(unit.get, i32.const(blocks))),
      p.set(i32.add(i32.add(x!.get, i32.mul(matrix.get, i32.const(rows * columns * 4))), bytes)),
      target.set(i32.add(i32.add(out!.get, i32.mul(matrix.get, i32.const(columns * 4))), bytes)),
      sums.map((s) => s.set(neutral)),
      repeat(counter, rows, [
        sums.map((sum, i) => sum.set(join(sum.get, v128.load(p.get, 16 * i)))),
        advance(p, columns * 4),
      ]),
      last === width ? store(width) : when(i32.eq(block.get, i32.const(blocks - 1)), store(last), store(width)),
    ]);
  });
}

/** Numbers in which extremes are looked for. */
export type ArgElement = 'f32' | 'i8' | 'u8';

/** The floats of four elements at an address; `shift` bytes of floats further on. */
function argElements(element: ArgElement, address: Expr<'i32'>, shift: number): Expr<'v128'> {
  if (element === 'f32') return v128.load(address, shift);
  const bytes = v128.load32Zero(address, shift / 4);
  const shorts = element === 'i8' ? i16x8.extendLowI8(bytes) : i16x8.extendLowU8(bytes);
  return f32x4.convertI32(i32x4.extendLowI16(shorts));
}

/**
 * Writes `(x, out, from, to)`: the place of the greatest (or least) element of each row of `count`, the first of equals, as
 * an integer of `outBytes` bytes. The units are the rows.
 */
export function emitArgRows(
  module: WasmModule,
  isLeast: boolean,
  count: number,
  outBytes: 4 | 8,
  element: ArgElement = 'f32',
): Func {
  const isBetter = isLeast ? f32x4.lt : f32x4.gt;
  const neutral = f32x4.const(isLeast ? Infinity : -Infinity);
  return module.func('arg_rows', 4, (locals, [x, out, from, to]) => {
    const row = locals.i32();
    const p = locals.i32();
    const counter = locals.i32();
    const value = locals.v128();
    const best = locals.v128();
    const places = locals.v128();
    const place = locals.v128();
    const better = locals.v128();
    // Places of bytes are a quarter of those of floats.
    const address = () => (element === 'f32' ? p.get : i32.add(x!.get, i32.shrU(p.get, i32.const(2))));
    const start = i32.mul(row.get, i32.const(count * 4));
    const take = (step: number, lanes: number): Code => [
      value.set(withNeutral(argElements(element, address(), 16 * step), lanes, neutral)),
      better.set(isBetter(value.get, best.get)),
      best.set(v128.bitselect(value.get, best.get, better.get)),
      places.set(v128.bitselect(place.get, places.get, better.get)),
      place.set(i32x4.add(place.get, i32x4.const(4))),
    ];
    const chosen = locals.i32();
    return forRange(row, from!.get, to!.get, 1, [
      p.set(element === 'f32' ? i32.add(x!.get, start) : start),
      best.set(neutral),
      places.set(i32x4.const(0)),
      place.set(v128.const([0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0])),
      eachVector({ counter, pointers: [p], count, unroll: 4 }, take),
      bestLane(locals, best, places, chosen, isLeast),
      p.set(i32.add(out!.get, i32.mul(row.get, i32.const(outBytes)))),
      i32.store(p.get, chosen.get),
      outBytes === 8 ? i32.store(p.get, i32.const(0), 4) : [],
    ]);
  });
}

/** The place of the best of four lanes, the least place of equals. */
function bestLane(
  locals: Locals,
  best: Local<'v128'>,
  places: Local<'v128'>,
  chosen: Local<'i32'>,
  isLeast: boolean,
): Code {
  const value = locals.f32();
  const isBetter = isLeast ? f32.lt : f32.gt;
  return [
    value.set(f32x4.lane(best.get, 0)),
    chosen.set(i32x4.lane(places.get, 0)),
    [1, 2, 3].map((lane) => {
      const [v, place] = [f32x4.lane(best.get, lane), i32x4.lane(places.get, lane)];
      const isFirst = i32.and(f32.eq(v, value.get), i32.ltS(place, chosen.get));
      return when(i32.or(isBetter(v, value.get), isFirst), [value.set(v), chosen.set(place)]);
    }),
  ];
}
