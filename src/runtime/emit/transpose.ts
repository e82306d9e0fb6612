import type { Code, Expr } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import type { CopyAxis } from './copy.js';
import { advance, repeat, storeBytes } from './loops.js';

/** A transposition: elements along `across` lie together in the source, those along `axis` in the target. */
export interface TilesSpec {
  readonly axis: CopyAxis;
  readonly across: CopyAxis;
  /** Bytes of an element: 1, 2, 4 or 8. */
  readonly element: number;
}

/** Lanes of two vectors in turn, of their first or second halves. */
function interleaved(a: Expr<'v128'>, b: Expr<'v128'>, element: number, half: 0 | 1): Expr<'v128'> {
  const lanes = Array.from({ length: 16 }, (_, i) => {
    const lane = Math.floor(i / element);
    return (lane % 2) * 16 + ((lane >> 1) + (half * 8) / element) * element + (i % element);
  });
  return v128.shuffle(a, b, lanes);
}

/**
 * Transposes a square of vectors: as many rounds as its size has bits, each of which interleaves row i with the row half
 * the size behind it. Leaves the columns in `rows` or in `others`, which it returns.
 */
export function transposed(
  rows: readonly Local<'v128'>[],
  others: readonly Local<'v128'>[],
  element: number,
): { readonly code: Code; readonly columns: readonly Local<'v128'>[] } {
  const size = rows.length;
  const code: Code[] = [];
  let [from, to] = [rows, others];
  for (let rounds = Math.log2(size); rounds > 0; rounds--) {
    for (let i = 0; i < size / 2; i++) {
      const [a, b] = [from[i]!.get, from[i + size / 2]!.get];
      code.push(to[2 * i]!.set(interleaved(a, b, element, 0)), to[2 * i + 1]!.set(interleaved(a, b, element, 1)));
    }
    [from, to] = [to, from];
  }
  return { code, columns: from };
}

/** Tiles side by side in the source that are taken together, so that a line of the cache is read once or twice. */
const STRIP = 2;

/**
 * A whole transposition from `s` to `t`, in square tiles of vectors: those of a strip, from the first to the last row of
 * the source, then the next strip. The last tile of an axis is moved back so that it is whole; only axes shorter than a tile have partial ones.
 */
export function storeTiles(
  locals: Locals,
  { axis, across, element }: TilesSpec,
  s: Local<'i32'>,
  t: Local<'i32'>,
): Code {
  const lanes = 16 / element;
  const rows = locals.v128s(lanes);
  const p = locals.i32();
  const q = locals.i32();
  const i = locals.i32();
  const j = locals.i32();
  const height = Math.min(lanes, axis.size);
  const width = Math.min(lanes, across.size);
  const { code, columns } = transposed(rows, locals.v128s(lanes), element);
  const tile = [
    rows.map((row, r) => row.set(v128.load(p.get, (r < height ? r : 0) * axis.from))),
    code,
    columns.slice(0, width).map((column, c) => storeBytes(q.get, column.get, height * element, c * across.to)),
  ];
  const tiles = Math.min(STRIP, Math.ceil(across.size / lanes));
  const place = (index: Local<'i32'>, size: number, step: number): Expr<'i32'> => {
    const last = i32.const(Math.max(0, size - lanes));
    return size % step === 0 || size < lanes ? index.get : i32.select(i32.ltU(index.get, last), index.get, last);
  };
  const at = (pointer: Local<'i32'>, down: number, along: number) =>
    i32.add(
      pointer.get,
      i32.add(
        i32.mul(place(i, across.size, tiles * lanes), i32.const(down)),
        i32.mul(place(j, axis.size, lanes), i32.const(along)),
      ),
    );
  const strip = locals.i32();
  return [
    strip.set(i32.const(0)),
    repeat(locals.i32(), Math.ceil(across.size / (tiles * lanes)), [
      j.set(i32.const(0)),
      repeat(locals.i32(), Math.ceil(axis.size / lanes), [
        i.set(strip.get),
        repeat(locals.i32(), tiles, [
          p.set(at(s, element, axis.from)),
          q.set(at(t, across.to, element)),
          tile,
          advance(i, lanes),
        ]),
        advance(j, lanes),
      ]),
      advance(strip, tiles * lanes),
    ]),
  ];
}
