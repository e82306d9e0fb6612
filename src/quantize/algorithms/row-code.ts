import { brIf, type Code, type Expr, loop } from '../../wasm/code.js';
import { f32, f32x4, f64x2, i8x16, i16x8, i32, i32x4, v128 } from '../../wasm/instructions.js';
import { type Local, type Locals, WasmModule } from '../../wasm/module.js';

/** Elements that go through the kernels' memory at a time, in rows that are filled up to whole rounds. */
export const ROOM = 1 << 16;
/** Elements of one round of the loops. */
export const ROUND = 16;
/** Rows at a time. */
export const MOST_ROWS = 1 << 10;

// Where things lie in memory: results and parameters (the rows' magnitudes or scales), then the elements, then what becomes
// of them.
export const SUMS = 0;
export const LARGEST = 64;
export const SCALES = LARGEST + 4 * MOST_ROWS;
export const STORED = SCALES + 8 * MOST_ROWS;
export const FROM = STORED + 4 * MOST_ROWS;
export const TO = FROM + 4 * ROOM;
export const BYTES = TO + 2 * ROOM;

/** The module: `measure`, `quantize` and `halve`, each of `(rows, bytes from row to row)`. */
export function moduleBytes(): Uint8Array<ArrayBuffer> {
  const module = new WasmModule();
  for (const [name, write] of Object.entries({ measure, quantize, halve }))
    module.export(
      name,
      module.func(name, 2, (locals, [rows, rowBytes]) => write(locals, { rows: rows!, rowBytes: rowBytes! })),
    );
  return module.bytes();
}

interface Rows {
  readonly rows: Local<'i32'>;
  readonly rowBytes: Local<'i32'>;
}

/** What is done with a row; `from` is the number of bytes since the first element. */
interface RowCode {
  readonly start?: (row: Expr<'i32'>) => Code;
  readonly round: (from: Expr<'i32'>) => Code;
  readonly end?: (row: Expr<'i32'>) => Code;
}

/** Repeats `round` for each round of each row. */
function eachRow(locals: Locals, { rows, rowBytes }: Rows, { start, round, end }: RowCode): Code {
  const row = locals.i32();
  const from = locals.i32();
  const stop = locals.i32();
  return loop((nextRow) => [
    start?.(row.get) ?? [],
    stop.set(i32.add(from.get, rowBytes.get)),
    loop((again) => [
      round(from.get),
      from.set(i32.add(from.get, i32.const(4 * ROUND))),
      brIf(again, i32.ltU(from.get, stop.get)),
    ]),
    end?.(row.get) ?? [],
    row.set(i32.add(row.get, i32.const(1))),
    brIf(nextRow, i32.ltU(row.get, rows.get)),
  ]);
}

const times = (row: Expr<'i32'>, shift: number): Expr<'i32'> => i32.shl(row, i32.const(shift));

const upper = (x: Expr<'v128'>): Expr<'v128'> =>
  v128.shuffle(x, x, [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
/** The first two floats as doubles. */
const wide = f64x2.promoteLowF32;
const FOURS = [0, 1, 2, 3];

/** The lower halves of two vectors side by side. */
const joined = (low: Expr<'v128'>, high: Expr<'v128'>): Expr<'v128'> =>
  v128.shuffle(low, high, [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);

/** Adds the squares of doubles to a sum. */
const addSquare = (sum: Local<'v128'>, x: Local<'v128'>, value: Expr<'v128'>): Code => [
  x.set(value),
  sum.set(f64x2.add(sum.get, f64x2.mul(x.get, x.get))),
];

function measure(locals: Locals, rows: Rows): Code {
  const low = locals.v128();
  const high = locals.v128();
  const top = locals.v128();
  const x = locals.v128();
  const d = locals.v128();
  const lane = (i: number) => f32x4.lane(top.get, i);
  return [
    eachRow(locals, rows, {
      start: () => top.set(f32x4.const(0)),
      round: (from) =>
        FOURS.map((k) => [
          x.set(v128.load(from, FROM + 16 * k)),
          top.set(f32x4.max(top.get, f32x4.abs(x.get))),
          addSquare(low, d, wide(x.get)),
          addSquare(high, d, wide(upper(x.get))),
        ]),
      end: (row) => f32.store(times(row, 2), f32.max(f32.max(lane(0), lane(1)), f32.max(lane(2), lane(3))), LARGEST),
    }),
    v128.store(i32.const(SUMS), f64x2.add(low.get, high.get)),
  ];
}

/** The largest number below 0.5: see `quantizeLanes`, whose steps these are. */
const BELOW_HALF = 0.5 - 2 ** -54;

function quantize(locals: Locals, rows: Rows): Code {
  const low = locals.v128();
  const high = locals.v128();
  const d = locals.v128();
  const scale = locals.v128();
  const stored = locals.v128();
  const x = locals.v128();
  const size = locals.v128();
  const n = locals.v128();
  const back = locals.v128();
  const q = FOURS.map(() => locals.v128());
  const cut = (double: Expr<'v128'>) =>
    i32x4.truncSatF64(f64x2.add(f64x2.div(double, scale.get), f64x2.const(BELOW_HALF)));
  const four = (to: Local<'v128'>, k: number, from: Expr<'i32'>): Code => [
    x.set(v128.load(from, FROM + 16 * k)),
    size.set(f32x4.abs(x.get)),
    n.set(joined(cut(wide(size.get)), cut(wide(upper(size.get))))),
    back.set(f32x4.mul(f32x4.convertI32(n.get), stored.get)),
    addSquare(low, d, f64x2.sub(wide(size.get), wide(back.get))),
    addSquare(high, d, f64x2.sub(wide(upper(size.get)), wide(upper(back.get)))),
    x.set(i32x4.shrS(x.get, i32.const(31))),
    to.set(i32x4.sub(v128.xor(n.get, x.get), x.get)),
  ];
  const [a, b, c, e] = q.map((local) => local.get) as [Expr<'v128'>, Expr<'v128'>, Expr<'v128'>, Expr<'v128'>];
  return [
    eachRow(locals, rows, {
      start: (row) => [
        scale.set(v128.load64Splat(times(row, 3), SCALES)),
        stored.set(v128.load32Splat(times(row, 2), STORED)),
      ],
      round: (from) => [
        q.map((to, k) => four(to, k, from)),
        v128.store(i32.shrU(from, i32.const(2)), i8x16.narrowI16(i16x8.narrowI32(a, b), i16x8.narrowI32(c, e)), TO),
      ],
    }),
    v128.store(i32.const(SUMS), f64x2.add(low.get, high.get)),
  ];
}

/** float32 bits of 2^-14, the smallest normal float16, and what lies between the exponents of both. */
const NORMAL_32 = 0x38800000;
const BIAS = 0x38000000;

function halve(locals: Locals, rows: Rows): Code {
  const low = locals.v128();
  const high = locals.v128();
  const d = locals.v128();
  const x = locals.v128();
  const size = locals.v128();
  const half = locals.v128();
  const back = locals.v128();
  const pair = locals.v128();
  const bits = (n: number) => i32.const(n);
  // Rounds to even; the carry may run into the exponent, which is the right result.
  const odd = v128.and(i32x4.shrU(size.get, bits(13)), i32x4.const(1));
  const normal = i32x4.shrU(i32x4.add(i32x4.add(size.get, i32x4.const(0xfff - BIAS)), odd), bits(13));
  // A subnormal counts units of 2^-24; the product is exact.
  const subnormal = i32x4.truncSatF32(f32x4.nearest(f32x4.mul(size.get, f32x4.const(2 ** 24))));
  const isNormal = i32x4.geS(size.get, i32x4.const(NORMAL_32));
  const backNormal = i32x4.add(i32x4.shl(half.get, bits(13)), i32x4.const(BIAS));
  const backSubnormal = f32x4.mul(f32x4.convertI32(half.get), f32x4.const(2 ** -24));
  const backIsNormal = i32x4.geS(half.get, i32x4.const(0x400));
  const four = (k: number, from: Expr<'i32'>): Code => [
    x.set(v128.load(from, FROM + 16 * k)),
    size.set(f32x4.abs(x.get)),
    half.set(v128.bitselect(normal, subnormal, isNormal)),
    back.set(v128.bitselect(backNormal, backSubnormal, backIsNormal)),
    addSquare(low, d, f64x2.sub(wide(size.get), wide(back.get))),
    addSquare(high, d, f64x2.sub(wide(upper(size.get)), wide(upper(back.get)))),
    // The sign comes last, as the sign of the 32-bit lane, so that narrowing with signs keeps all 16 bits.
    half.set(v128.or(half.get, i32x4.shl(i32x4.shrS(x.get, bits(31)), bits(15)))),
  ];
  return [
    eachRow(locals, rows, {
      round: (from) =>
        [0, 2].map((k) => [
          four(k, from),
          pair.set(half.get),
          four(k + 1, from),
          v128.store(i32.shrU(from, bits(1)), i16x8.narrowI32(pair.get, half.get), TO + 8 * k),
        ]),
    }),
    v128.store(i32.const(SUMS), f64x2.add(low.get, high.get)),
  ];
}
