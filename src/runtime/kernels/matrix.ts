import { type Pointer, shifted } from '../buffers.js';
import type { ByteArithmetic } from '../emit/byte-products.js';
import { type Finish, floatFinish, hybridFinish, type RowScales } from '../emit/finish.js';
import { emitGemm } from '../emit/gemm.js';
import { type GemmLoop, type GemmSizes, type GemmSpec, gemmArguments, gemmKey, unrolled } from '../emit/gemm-spec.js';
import type { RowForm } from '../emit/row-form.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { Argument, KernelBuilder } from '../kernel.js';
import type { PackedMatrix } from './packed-matrix.js';

/** Rows of the left matrix, as {@link GemmSpec} describes them. */
export interface Rows {
  readonly count: number;
  readonly a: Pointer;
  /** Bytes from row to row, or a table of the offset of each row, an `i32` each. */
  readonly places: number | Pointer;
  readonly run: number;
  readonly loops: readonly GemmLoop[];
  /** Bytes of memory for each row, those counted once that several rows share. */
  readonly footprint: number;
}

/** Rows of `run` steps that lie one after the other, `bytes` apart. */
export const plainRows = (count: number, a: Pointer, bytes: number, run: number): Rows => ({
  count,
  a,
  places: bytes,
  run,
  loops: [],
  footprint: bytes,
});

/** Where the result lies. */
interface Placement {
  readonly c: Pointer;
  /** The rows are a part of the result from this one on: one of several images. */
  readonly firstRow: number;
  /** The columns are a part of the result from this one on: one group of a convolution. */
  readonly firstColumn: number;
  readonly rowBytes: number;
}

/** A float result, and what happens before it is stored. */
export interface Result extends Placement {
  readonly bias: Pointer;
  readonly stages: readonly Stage[];
  /** Scales of rows and columns of a hybrid product. */
  readonly scales?: Scales | undefined;
}

/** How integer sums become floats: pointers to floats, and to zero points, of 32 bits. */
export interface Scales {
  readonly kind: RowScales;
  readonly rows: Pointer;
  readonly columns: Pointer;
  /** Zero points of rows of bytes, of the kind of `rows`. */
  readonly zeros?: Pointer | undefined;
}

/** A result that another finish makes of the sums. */
export interface FinishedResult extends Placement {
  readonly finish: Finish;
  /** The pointers that it needs, to vectors of one 32-bit number for each column. */
  readonly channels: readonly Pointer[];
  readonly elementBytes: number;
}

/** The calls that compute `C = A B`: whole tiles, then the rows and the columns that are left over. */
export function multiply(
  to: KernelBuilder,
  rows: Rows,
  b: PackedMatrix,
  result: Result | FinishedResult,
  { mr }: { readonly mr: number },
): void {
  const { width, full, restColumns, restWidth } = b.panels;
  const steps = rows.loops.reduce((n, { count }) => n * count, rows.run);
  const whole = rows.count - (rows.count % mr);
  const isFinished = 'finish' in result;
  const elementBytes = isFinished ? result.elementBytes : 4;
  const finish = isFinished ? result.finish : finishOf(result);
  const common = {
    arithmetic: arithmeticOf(b, to),
    run: unrolled(rows.run),
    loops: rows.loops.length,
    rows: typeof rows.places === 'number' ? ('strided' as const) : ('table' as const),
    elementBytes,
    finish,
  };
  const sizes = {
    rowBytes: result.rowBytes,
    block: blockOf(rows.footprint, mr),
    run: rows.run,
    loops: rows.loops,
  };
  const columnParts = [
    { first: 0, nr: width, columns: width, panels: full },
    { first: full * width, nr: restWidth, columns: restColumns, panels: restColumns > 0 ? 1 : 0 },
  ].filter((part) => part.panels > 0);
  const rowParts = [
    { first: 0, count: whole, mr },
    { first: whole, count: rows.count - whole, mr: rows.count - whole },
  ].filter((part) => part.count > 0);
  for (const { first, nr, columns, panels } of columnParts)
    for (const part of rowParts) {
      const column = result.firstColumn + first;
      const stepBytes = b.rowBytes ?? nr * b.columnBytes;
      const panelBytes = (b.rowBytes ? 1 : steps) * nr * b.columnBytes;
      const units = part.count === part.mr ? ('panels' as const) : ('rows' as const);
      const spec: GemmSpec = { ...common, mr: part.mr, nr, columns, stepBytes, units };
      const given: GemmSizes = { ...sizes, panels, panelBytes };
      const func = to.func(gemmKey(spec), (module) => emitGemm(module, spec));
      const channel = (pointer: Pointer) => shifted(pointer, column * 4);
      const offset = (part.first + result.firstRow) * result.rowBytes + column * elementBytes;
      const operands = isFinished
        ? result.channels.map(channel)
        : floatOperands(result, { channel, offset, firstRow: part.first, sums: b.sums && shifted(b.sums, first * 4) });
      const weights = shifted(b.pointer, (b.rowBytes ? 1 : steps) * first * b.columnBytes);
      to.call(
        func,
        [...rowsFrom(rows, part.first), weights, shifted(result.c, offset), ...gemmArguments(spec, given), ...operands],
        ...(units === 'panels' ? [panels, 1] : [part.count, part.mr]),
      );
    }
}

/** A and its rows from a row on. */
const rowsFrom = ({ a, places }: Rows, row: number): [Pointer, Argument] =>
  typeof places === 'number' ? [shifted(a, row * places), places] : [a, shifted(places, row * 4)];

const finishOf = ({ stages, scales }: Result): Finish =>
  scales ? hybridFinish(stages, { kind: scales.kind, hasZeros: scales.zeros !== undefined }) : floatFinish(stages);

function arithmeticOf(
  { columnBytes, form }: PackedMatrix,
  { features: { relaxed } }: KernelBuilder,
): GemmSpec['arithmetic'] {
  if (!form) return relaxed ? 'f32-fma' : 'f32';
  if (form === 'shorts') return columnBytes === 2 ? 'i16' : 'i16-wide';
  return byteArithmetic(form, relaxed);
}

/** How products of bytes are computed; the slow ways are there for tests. */
export const byteArithmetic = (form: Exclude<RowForm, 'shorts'>, relaxed: boolean): ByteArithmetic =>
  relaxed ? 'i8' : `i8-${form}`;

interface PartOffsets {
  readonly channel: (pointer: Pointer) => Pointer;
  /** Of the part's first element, in bytes. */
  readonly offset: number;
  readonly firstRow: number;
  readonly sums: Pointer | undefined;
}

/** What {@link finishOf} takes: bias, scales, operands of stages. */
function floatOperands({ bias, scales, stages }: Result, { channel, offset, firstRow, sums }: PartOffsets): Pointer[] {
  const ofRows = (pointer: Pointer) => (scales?.kind === 'each' ? shifted(pointer, firstRow * 4) : pointer);
  const operands = stageOperands(stages).map(({ mode, value: { pointer } }) => {
    if (mode === 'scalar') return pointer;
    return mode === 'channel' ? channel(pointer) : shifted(pointer, offset);
  });
  const zeros = scales?.zeros && sums ? [ofRows(scales.zeros), sums] : [];
  return [channel(bias), ...(scales ? [ofRows(scales.rows), channel(scales.columns), ...zeros] : []), ...operands];
}

/** Bytes of A to take through all panels at once: they stay in the second-level cache beside the panels. */
const CACHED_BYTES = 160 * 1024;

const blockOf = (footprint: number, mr: number): number => Math.max(4, Math.floor(CACHED_BYTES / footprint / mr)) * mr;
