import { block as blockOf, type Code, type Label, when } from '../../wasm/code.js';
import { f32x4, i32, i32x4, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, doWhileBelow, fence, repeat, storeLanes, whileBelow } from './loops.js';
import { multiplyAdd } from './math.js';
import { applyStages, type Stage, stageOperands, stagesKey } from './stages.js';
import { transposed } from './transpose.js';

/**
 * A product `C[M, N] = A[M, K] B[N, K]` whose B is mostly zeros. A block of rows is transposed to `[K][block]`; then each
 * column of C is the sum of the few lines of the block that meet a weight, vectors of rows that stay in registers.
 *
 * B is a stream: for each column an `i32` with the bytes of its entries, then the entries: the offset of a line of the
 * block, an `i32` in bytes, and the weight.
 */
export interface SparseSpec {
  readonly k: number;
  readonly n: number;
  /** Rows taken together: a multiple of 4. */
  readonly block: number;
  /** Rows of the block that are there: fewer than `block` at the end of A. */
  readonly rows: number;
  /** Blocks for each scratch: what one call of the function begins with decides which is its own. */
  readonly perScratch: number;
  readonly stages: readonly Stage[];
}

export const sparseKey = ({ stages, ...spec }: SparseSpec): string =>
  `sparse ${JSON.stringify(spec)} ${stagesKey(stages)}`;

/** Bytes of a weight in the stream, and of the head of a column. */
export const ENTRY_BYTES = 8;
export const HEAD_BYTES = 4;
/** Columns that are summed before they are transposed back: a line of the cache in C. */
const COLUMNS = 16;
/** Lines of a block: those behind the last hold what stands behind the rows, and nothing reads them. */
const lines = (k: number): number => Math.ceil(k / 4) * 4;

/** Bytes of the block and of the columns that wait to be transposed. */
export const sparseScratchBytes = ({ k, block }: Pick<SparseSpec, 'k' | 'block'>): number =>
  (lines(k) + COLUMNS) * block * 4;

/** Writes the function `(a, scratch, stream, c, bias, ...operands, from, to)`: the blocks `from` to `to - 1`. */
export function emitSparse(module: WasmModule, spec: SparseSpec): Func {
  const { k, n, rows, perScratch } = spec;
  return module.func('sparse', 7 + stageOperands(spec.stages).length, (locals, parameters) => {
    const [a, scratch, stream, c] = parameters as [Local<'i32'>, Local<'i32'>, Local<'i32'>, Local<'i32'>];
    const [from, to] = parameters.slice(-2) as [Local<'i32'>, Local<'i32'>];
    const element = locals.i32();
    const entry = locals.i32();
    const sums = locals.i32();
    const column = locals.i32();
    const end = locals.i32();
    const place: Place = { c, element, column, end, sums, operands: parameters.slice(4, -2) };
    const index = i32.divU(from.get, i32.const(perScratch));
    return [
      scratch.set(i32.add(scratch.get, i32.mul(index, i32.const(sparseScratchBytes(spec))))),
      sums.set(i32.add(scratch.get, i32.const(lines(k) * spec.block * 4))),
      a.set(i32.add(a.get, i32.mul(from.get, i32.const(rows * k * 4)))),
      element.set(i32.mul(from.get, i32.const(rows * n * 4))),
      whileBelow(from, to.get, [
        blockOf((exit) => transposedBlock(locals, spec, { a, scratch, exit })),
        entry.set(stream.get),
        column.set(i32.const(0)),
        doWhileBelow(column, i32.const(n), [
          end.set(i32.add(column.get, i32.const(COLUMNS))),
          n % COLUMNS === 0 ? [] : end.set(i32.select(i32.ltU(end.get, i32.const(n)), end.get, i32.const(n))),
          columnSums(locals, spec, { entry, scratch, sums, column, end }),
          storedColumns(locals, spec, place),
          column.set(end.get),
        ]),
        advance(a, rows * k * 4),
        advance(element, rows * n * 4),
        advance(from, 1),
      ]),
    ];
  });
}

/** Rows of A as lines of `block` numbers. Rows that are not there repeat the last one. */
function transposedBlock(
  locals: Locals,
  { k, block, rows }: SparseSpec,
  { a, scratch, exit }: { a: Local<'i32'>; scratch: Local<'i32'>; exit: Label },
): Code {
  const p = locals.i32();
  const q = locals.i32();
  const tile = locals.v128s(4);
  const { code, columns } = transposed(tile, locals.v128s(4), 4);
  const strip = Array.from({ length: Math.ceil(rows / 4) }, (_, g) => [
    tile.map((row, r) => row.set(v128.load(p.get, Math.min(4 * g + r, rows - 1) * k * 4))),
    code,
    columns.map((column, i) => v128.store(q.get, column.get, i * block * 4 + g * 16)),
    fence(exit, p, g),
  ]);
  return [
    p.set(a.get),
    q.set(scratch.get),
    repeat(locals.i32(), lines(k) / 4, [strip, advance(p, 16), advance(q, 16 * block)]),
  ];
}

interface Summing {
  readonly entry: Local<'i32'>;
  readonly scratch: Local<'i32'>;
  readonly sums: Local<'i32'>;
  readonly column: Local<'i32'>;
  readonly end: Local<'i32'>;
}

/** The sums of the columns `column` to `end - 1`, one line of `block` numbers each. */
function columnSums(locals: Locals, spec: SparseSpec, { entry, scratch, sums, column, end }: Summing): Code {
  const { block, rows } = spec;
  const totals = locals.v128s(Math.ceil(rows / 4));
  const weight = locals.v128();
  const line = locals.i32();
  const last = locals.i32();
  const target = locals.i32();
  const count = locals.i32();
  return [
    target.set(sums.get),
    count.set(column.get),
    doWhileBelow(count, end.get, [
      last.set(i32.add(entry.get, i32.load(entry.get))),
      totals.map((total) => total.set(i32x4.const(0))),
      doWhileBelow(entry, last.get, [
        line.set(i32.add(scratch.get, i32.load(entry.get, HEAD_BYTES))),
        weight.set(v128.load32Splat(entry.get, HEAD_BYTES + 4)),
        totals.map((total, v) => total.set(multiplyAdd(locals, weight.get, v128.load(line.get, 16 * v), total.get))),
        advance(entry, ENTRY_BYTES),
      ]),
      advance(entry, HEAD_BYTES),
      totals.map((total, v) => v128.store(target.get, total.get, 16 * v)),
      advance(target, block * 4),
      advance(count, 1),
    ]),
  ];
}

interface Place {
  readonly c: Local<'i32'>;
  /** Offset of the block's first element in C, in bytes. */
  readonly element: Local<'i32'>;
  readonly column: Local<'i32'>;
  readonly end: Local<'i32'>;
  readonly sums: Local<'i32'>;
  /** Bias, then the operands of the stages. */
  readonly operands: readonly Local<'i32'>[];
}

/** Transposes the sums of some columns back, adds the bias, applies the stages and stores. */
function storedColumns(locals: Locals, spec: SparseSpec, { c, element, column, end, sums, operands }: Place): Code {
  const { n, block, rows, stages } = spec;
  const [bias, ...others] = operands;
  const tile = locals.v128s(4);
  const { code, columns } = transposed(tile, locals.v128s(4), 4);
  const line = locals.i32();
  const source = locals.i32();
  const group = locals.i32();
  const offset = locals.i32();
  const channel = locals.i32();
  const address = locals.i32();
  const stored = (lanes: number, count: number) => [
    channel.set(i32.shl(group.get, i32.const(2))),
    address.set(i32.add(c.get, offset.get)),
    columns
      .slice(0, count)
      .map((x, r) => [
        x.set(f32x4.add(x.get, v128.load(i32.add(bias!.get, channel.get)))),
        applyStages(stages, locals, x, others, { element: [offset.get, r * n * 4], channel: [channel.get, 0] }),
        storeLanes(address.get, x.get, lanes, r * n * 4),
      ]),
  ];
  const rowsOfFour = (count: number) => [
    source.set(line.get),
    group.set(column.get),
    offset.set(i32.add(rowStart.get, i32.shl(column.get, i32.const(2)))),
    doWhileBelow(group, end.get, [
      tile.map((x, i) => x.set(v128.load(source.get, i * block * 4))),
      code,
      n % 4 === 0
        ? stored(4, count)
        : when(i32.leU(i32.add(group.get, i32.const(4)), i32.const(n)), stored(4, count), stored(n % 4, count)),
      advance(source, 16 * block),
      advance(offset, 16),
      advance(group, 4),
    ]),
    advance(line, 16),
    advance(rowStart, 16 * n),
  ];
  const rowStart = locals.i32();
  return [
    line.set(sums.get),
    rowStart.set(element.get),
    repeat(locals.i32(), Math.floor(rows / 4), rowsOfFour(4)),
    rows % 4 === 0 ? [] : rowsOfFour(rows % 4),
  ];
}
