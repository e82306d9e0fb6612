import { block, type Code, type Label } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import { addByteProducts } from './byte-products.js';
import type { GemmSpec } from './gemm-spec.js';
import { advance, advanceBy, doWhileBelow, fence, repeatBy } from './loops.js';

/** What a tile knows of the function's parameters. */
interface TileParameters {
  readonly a: Local<'i32'>;
  readonly rows: Local<'i32'>;
  readonly c: Local<'i32'>;
  readonly rowBytes: Local<'i32'>;
  readonly runBytes: Local<'i32'>;
  /** Count and jump of each loop. */
  readonly loops: readonly Local<'i32'>[];
  readonly finish: readonly Local<'i32'>[];
}

/** The code of one tile: `mr` rows from `row` on, `nr` columns from `column` on. */
export class Tile {
  readonly row: Local<'i32'>;
  readonly column: Local<'i32'>;
  readonly #spec: GemmSpec;
  readonly #locals: Locals;
  readonly #parameters: TileParameters;
  readonly #sums: readonly (readonly Local<'v128'>[])[];
  readonly #columns: readonly Local<'v128'>[];
  readonly #splat: Local<'v128'>;
  readonly #rows: readonly Local<'i32'>[];
  readonly #b: Local<'i32'>;

  constructor(locals: Locals, spec: GemmSpec, parameters: TileParameters) {
    this.#spec = spec;
    this.#locals = locals;
    this.#parameters = parameters;
    this.#sums = Array.from({ length: spec.mr }, () => locals.v128s(spec.nr / 4));
    this.#columns = locals.v128s(spec.nr / 4);
    this.#splat = locals.v128();
    this.#rows = Array.from({ length: spec.mr }, () => locals.i32());
    this.#b = locals.i32();
    this.row = locals.i32();
    this.column = locals.i32();
  }

  code(panel: Local<'i32'>): Code {
    const { finish, elementBytes, columns } = this.#spec;
    const { c, rowBytes, finish: parameters } = this.#parameters;
    const element = this.#locals.i32();
    return [
      finish.start?.({ sums: this.#sums, row: this.row, column: this.column, parameters }) ??
        this.#sums.flat().map((sum) => sum.set(i32x4.const(0))),
      this.#b.set(panel.get),
      this.#startRows(),
      block((exit) => this.#products(exit)),
      element.set(i32.add(i32.mul(this.row.get, rowBytes.get), i32.mul(this.column.get, i32.const(elementBytes)))),
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
    const { a, rows } = this.#parameters;
    if (this.#spec.rows === 'table') {
      const entry = i32.add(rows.get, i32.shl(this.row.get, i32.const(2)));
      return this.#rows.map((row, r) => row.set(i32.add(a.get, i32.load(entry, 4 * r))));
    }
    const first = i32.add(a.get, i32.mul(this.row.get, rows.get));
    return this.#rows.map((row, r) => row.set(r === 0 ? first : i32.add(this.#rows[r - 1]!.get, rows.get)));
  }

  /** The loops over the steps of a row. */
  #products(exit: Label): Code {
    const { loops } = this.#parameters;
    let body = this.#run(exit);
    for (let i = loops.length - 2; i >= 0; i -= 2) {
      const [count, jump] = loops.slice(i) as [Local<'i32'>, Local<'i32'>];
      body = repeatBy(this.#locals.i32(), count.get, [body, this.#rows.map((row) => advanceBy(row, jump))]);
    }
    return body;
  }

  #run(exit: Label): Code {
    const { steps, isLoop, rest } = this.#spec.run;
    const round = this.#steps(steps, exit);
    const end = this.#locals.i32();
    const loop = [end.set(i32.add(this.#b.get, this.#parameters.runBytes.get)), doWhileBelow(this.#b, end.get, round)];
    return [isLoop ? loop : round, rest > 0 ? this.#steps(rest, exit) : []];
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
    const { arithmetic, mr, stepBytes } = this.#spec;
    const load = (j: number) => {
      const offset = step * stepBytes + j * (arithmetic === 'i16' ? 8 : 16);
      return arithmetic === 'i16' ? v128.load8x8S(this.#b.get, offset) : v128.load(this.#b.get, offset);
    };
    const splat = (r: number) => v128.load32Splat(this.#rows[r]!.get, 4 * step);
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
      case 'i8':
      case 'i8-unsigned':
      case 'i8-signed':
        return sum.set(addByteProducts(this.#spec.arithmetic, column, this.#splat.get, sum.get));
      default:
        return this.#spec.arithmetic satisfies never;
    }
  }
}
