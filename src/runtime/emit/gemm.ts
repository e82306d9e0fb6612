import { block, type Code, type Label } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import type { Finish } from './finish.js';
import { advance, doWhileBelow, fence, repeat, whileBelow } from './loops.js';

/**
 * A matrix product `C[M, N] = A[M, K] B[K, N]` in tiles of `mr` rows and `nr` columns that stay in registers.
 *
 * A step multiplies four bytes of each row: one float, or two 16-bit integers. B lies in panels of `nr` columns, step
 * after step. Rows of A are `K` steps that need not lie together: `runs` of steps are, with jumps between them, so that
 * the windows of a convolution need no copy.
 */
export interface GemmSpec {
  /** `i16` has B in bytes, `i16-wide` in 16-bit integers. */
  readonly arithmetic: 'f32' | 'f32-fma' | 'i16' | 'i16-wide';
  readonly mr: number;
  /** A multiple of 4. */
  readonly nr: number;
  /** Columns to store of each panel, up to `nr`. */
  readonly columns: number;
  readonly panels: number;
  /** Steps that lie together in a row of A. */
  readonly run: number;
  /** Loops around the run, the outer one first: how often, and the bytes from the end of one round to the next. */
  readonly loops: readonly { readonly count: number; readonly jump: number }[];
  /** Bytes from row to row of A; or a table of the offset of each row, an `i32` each. */
  readonly rows: number | 'table';
  /** Bytes from one step to the next in B, and from one panel to the next. */
  readonly stepBytes: number;
  readonly panelBytes: number;
  /** Bytes from row to row of C, and of one of its elements. */
  readonly rowBytes: number;
  readonly elementBytes: number;
  /** Rows that are taken through all panels before the next ones, so that they stay in the cache. */
  readonly block: number;
  /** What the units of the function are: rows, or the panels of one tile of rows. */
  readonly units: 'rows' | 'panels';
  readonly finish: Finish;
}

/** Parameters in front of those of the finish: A, the table of rows, B, C. */
const OWN_PARAMETERS = 4;

export const gemmKey = ({ finish, ...spec }: GemmSpec): string => `gemm ${JSON.stringify(spec)} ${finish.key}`;

/** Writes the function `(a, table, b, c, ...finish, from, to)`: the rows `from` to `to - 1`, whole tiles, or the panels. */
export function emitGemm(module: WasmModule, spec: GemmSpec): Func {
  const parameters = OWN_PARAMETERS + spec.finish.parameters + 2;
  return module.func('gemm', parameters, (locals, [a, table, b, c, ...rest]) => {
    const [from, to] = rest.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const tile = new Tile(locals, spec, { a: a!, table: table!, c: c!, finish: rest.slice(0, -2) });
    const panel = locals.i32();
    if (spec.units === 'panels')
      return [
        panel.set(i32.add(b!.get, i32.mul(from.get, i32.const(spec.panelBytes)))),
        tile.column.set(i32.mul(from.get, i32.const(spec.nr))),
        whileBelow(from, to.get, [
          tile.code(panel),
          advance(panel, spec.panelBytes),
          advance(tile.column, spec.nr),
          advance(from, 1),
        ]),
      ];
    const end = locals.i32();
    const counter = locals.i32();
    return whileBelow(from, to.get, [
      end.set(i32.add(from.get, i32.const(spec.block))),
      end.set(i32.select(i32.ltU(end.get, to.get), end.get, to.get)),
      panel.set(b!.get),
      tile.column.set(i32.const(0)),
      repeat(counter, spec.panels, [
        tile.row.set(from.get),
        doWhileBelow(tile.row, end.get, [tile.code(panel), advance(tile.row, spec.mr)]),
        advance(panel, spec.panelBytes),
        advance(tile.column, spec.nr),
      ]),
      from.set(end.get),
    ]);
  });
}

interface TilePointers {
  readonly a: Local<'i32'>;
  readonly table: Local<'i32'>;
  readonly c: Local<'i32'>;
  readonly finish: readonly Local<'i32'>[];
}

/** The code of one tile: `mr` rows from `row` on, `nr` columns from `column` on. */
class Tile {
  readonly row: Local<'i32'>;
  readonly column: Local<'i32'>;
  readonly #spec: GemmSpec;
  readonly #locals: Locals;
  readonly #pointers: TilePointers;
  readonly #sums: readonly (readonly Local<'v128'>[])[];
  readonly #columns: readonly Local<'v128'>[];
  readonly #splat: Local<'v128'>;
  readonly #rows: readonly Local<'i32'>[];
  readonly #b: Local<'i32'>;

  constructor(locals: Locals, spec: GemmSpec, pointers: TilePointers) {
    this.#spec = spec;
    this.#locals = locals;
    this.#pointers = pointers;
    this.#sums = Array.from({ length: spec.mr }, () => locals.v128s(spec.nr / 4));
    this.#columns = locals.v128s(spec.nr / 4);
    this.#splat = locals.v128();
    this.#rows = Array.from({ length: spec.rows === 'table' ? spec.mr : 1 }, () => locals.i32());
    this.#b = locals.i32();
    this.row = locals.i32();
    this.column = locals.i32();
  }

  code(panel: Local<'i32'>): Code {
    const { finish, rowBytes, elementBytes, columns } = this.#spec;
    const { c, finish: parameters } = this.#pointers;
    const element = this.#locals.i32();
    return [
      this.#sums.flat().map((sum) => sum.set(i32x4.const(0))),
      this.#b.set(panel.get),
      this.#startRows(),
      block((exit) => this.#products(exit)),
      element.set(
        i32.add(i32.mul(this.row.get, i32.const(rowBytes)), i32.mul(this.column.get, i32.const(elementBytes))),
      ),
      finish.emit(this.#locals, {
        sums: this.#sums,
        columns,
        c,
        element,
        row: this.row,
        column: this.column,
        rowBytes,
        parameters,
      }),
    ];
  }

  #startRows(): Code {
    const { rows } = this.#spec;
    const { a, table } = this.#pointers;
    if (rows !== 'table') return this.#rows[0]!.set(i32.add(a.get, i32.mul(this.row.get, i32.const(rows))));
    const entry = i32.add(table.get, i32.shl(this.row.get, i32.const(2)));
    return this.#rows.map((row, r) => row.set(i32.add(a.get, i32.load(entry, 4 * r))));
  }

  /** The loops over the steps of a row. */
  #products(exit: Label): Code {
    return this.#spec.loops.reduceRight<Code>(
      (body, { count, jump }) => repeat(this.#locals.i32(), count, [body, this.#rows.map((row) => advance(row, jump))]),
      this.#run(exit),
    );
  }

  #run(exit: Label): Code {
    const { run, stepBytes } = this.#spec;
    const unroll = unrolling(run);
    const rounds = Math.floor(run / unroll);
    const rest = run % unroll;
    const round = this.#steps(unroll, exit);
    const end = this.#locals.i32();
    const loop = [
      end.set(i32.add(this.#b.get, i32.const(rounds * unroll * stepBytes))),
      doWhileBelow(this.#b, end.get, round),
    ];
    return [rounds === 1 ? round : loop, rest > 0 ? this.#steps(rest, exit) : []];
  }

  /** `count` steps in a row, and the pointers moved on. */
  #steps(count: number, exit: Label): Code {
    const { stepBytes } = this.#spec;
    const steps = Array.from({ length: count }, (_, s) => [
      this.#step(s, exit),
      s < count - 1 ? fence(exit, this.#b, 8 * s + 7) : [],
    ]);
    return [steps, advance(this.#b, count * stepBytes), this.#rows.map((row) => advance(row, 4 * count))];
  }

  #step(step: number, exit: Label): Code {
    const { arithmetic, rows, mr, stepBytes } = this.#spec;
    const load = (j: number) => {
      const offset = step * stepBytes + j * (arithmetic === 'i16' ? 8 : 16);
      return arithmetic === 'i16' ? v128.load8x8S(this.#b.get, offset) : v128.load(this.#b.get, offset);
    };
    const splat = (r: number) =>
      rows === 'table'
        ? v128.load32Splat(this.#rows[r]!.get, 4 * step)
        : v128.load32Splat(this.#rows[0]!.get, r * rows + 4 * step);
    if (mr === 1)
      return [
        this.#splat.set(splat(0)),
        this.#sums[0]!.map((sum, j) => [
          this.#multiply(sum, load(j)),
          // Four vectors of B in flight are enough.
          j % 4 === 3 && j < this.#columns.length - 1 ? fence(exit, this.#b, 8 * step + j) : [],
        ]),
      ];
    return [
      this.#columns.map((column, j) => column.set(load(j))),
      this.#sums.map((sums, r) => [
        this.#splat.set(splat(r)),
        sums.map((sum, j) => this.#multiply(sum, this.#columns[j]!.get)),
      ]),
    ];
  }

  #multiply(sum: Local<'v128'>, column: ReturnType<typeof v128.load>): Code {
    switch (this.#spec.arithmetic) {
      case 'f32':
        return sum.set(f32x4.add(sum.get, f32x4.mul(this.#splat.get, column)));
      case 'f32-fma':
        return sum.set(f32x4.relaxedMadd(this.#splat.get, column, sum.get));
      case 'i16':
      case 'i16-wide':
        return sum.set(i32x4.add(sum.get, i32x4.dotI16(this.#splat.get, column)));
      default:
        return this.#spec.arithmetic satisfies never;
    }
  }
}

/** Steps to write out in a row: all of a short run, else a divisor, so that there is no rest. */
function unrolling(run: number): number {
  if (run <= 9) return run;
  return [4, 8, 6, 5, 7, 9, 3].find((n) => run % n === 0) ?? 4;
}
