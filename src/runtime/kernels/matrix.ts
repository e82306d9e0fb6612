import type { Constant } from '../../ir/constant.js';
import type { Quantization } from '../../ir/tensor.js';
import { floats } from '../../ops/floats.js';
import type { Pointer } from '../buffers.js';
import { type Finish, floatFinish, hybridFinish, type RowScales } from '../emit/finish.js';
import { emitGemm } from '../emit/gemm.js';
import { type GemmLoop, type GemmSizes, type GemmSpec, gemmArguments, gemmKey, unrolled } from '../emit/gemm-spec.js';
import { formSteps, type RowForm, rowFormOf } from '../emit/row-form.js';
import { type Stage, stageOperands } from '../emit/stages.js';
import type { Argument, KernelBuilder, Operand } from '../kernel.js';
import { type MatrixLayout, type Panels, packedColumns, packFloats, packGroups, panelsOf } from './packing.js';

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

/** A packed right matrix, or one that is read as it is. */
export interface PackedMatrix {
  readonly pointer: Pointer;
  readonly panels: Panels;
  /** Bytes from row to row of a row-major matrix that is not packed. */
  readonly rowBytes?: number;
  /** Bytes of one step of one column: 4, or 2 for pairs of bytes. */
  readonly columnBytes: number;
  /** What it is multiplied with; absent: floats. */
  readonly form?: RowForm;
  /** The sums of its columns with the sign changed, for rows of bytes. */
  readonly sums?: Pointer;
}

/** How a product is cut into tiles, and what suits its right matrix. */
export interface Tile {
  readonly mr: number;
  readonly nr: number;
  /**
   * 8-bit weights that meet rows of 16-bit integers are stored as such: so many rows take them that widening them each
   * time costs more.
   */
  readonly isWide: boolean;
}

/**
 * The tiles for a number of rows: few rows take wide panels, through which the weights stream. Rows of bytes take the
 * largest tile that the registers hold: their products are so fast that loads weigh more.
 */
export function tileFor(rows: number, form?: RowForm): Tile {
  const isWide = rows >= 16;
  if (form && form !== 'shorts' && rows >= 6) return { mr: 6, nr: 8, isWide };
  if (rows === 1) return { mr: 1, nr: 32, isWide };
  if (rows === 2) return { mr: 2, nr: 16, isWide };
  if (rows === 3) return { mr: 3, nr: 8, isWide };
  return { mr: 4, nr: 8, isWide };
}

/** Constant float weights in panels. Quantized ones are dequantized. */
export function packedFloats(
  to: KernelBuilder,
  constant: Constant,
  quantization: Quantization | undefined,
  layout: MatrixLayout,
  nr: number,
  offset = 0,
): PackedMatrix {
  const panels = panelsOf(layout.n, nr);
  const count = packedColumns(panels) * layout.k;
  const key = `f32 ${JSON.stringify(layout)} ${nr} ${offset}`;
  const pointer = to.sharedData(constant, key, count * 4, (view) => {
    const data = floats({ ...constant.tensor(), quantization }).subarray(offset);
    packFloats(new Float32Array(view.buffer, view.byteOffset, count), data, layout, panels);
  });
  return { pointer, panels, columnBytes: 4 };
}

/** Makes the memory of a packed matrix, or finds what was made already. */
type MakeData = (bytes: number, fill: (view: Uint8Array) => void) => Pointer;

/** A matrix of integers in panels of groups that one step takes: bytes, or 16-bit integers. */
export function integerMatrix(
  make: MakeData,
  data: () => Int8Array | Int16Array,
  layout: MatrixLayout,
  { nr, isWide, form }: Pick<Tile, 'nr' | 'isWide'> & { readonly form: RowForm },
): PackedMatrix {
  const panels = panelsOf(layout.n, nr);
  const columns = packedColumns(panels);
  const group = formSteps(form);
  const count = columns * Math.ceil(layout.k / group) * group;
  if (form === 'shorts') {
    const pointer = make(isWide ? count * 2 : count, ({ buffer, byteOffset }) => {
      const out = isWide ? new Int16Array(buffer, byteOffset, count) : new Int8Array(buffer, byteOffset, count);
      packGroups(out, data(), layout, panels, group);
    });
    return { pointer, panels, columnBytes: isWide ? 4 : 2, form };
  }
  // The sums lie behind the panels.
  const pointer = make(count + columns * 4, ({ buffer, byteOffset }) => {
    const elements = data();
    packGroups(new Int8Array(buffer, byteOffset, count), elements, layout, panels, group);
    const sums = new Int32Array(buffer, byteOffset + count, columns);
    for (let i = 0; i < layout.n; i++) sums[i] = -columnSum(elements, layout, i);
  });
  return { pointer, panels, columnBytes: 4, form, sums: shifted(pointer, count) };
}

/** The sum of a column of integers. */
export function columnSum(data: Int8Array | Int16Array, { k, step, columnStep }: MatrixLayout, column: number): number {
  let sum = 0;
  for (let i = 0, at = column * columnStep; i < k; i++, at += step) sum += data[at] as number;
  return sum;
}

/** Constant 8-bit weights in panels. */
export function packedBytes(to: KernelBuilder, constant: Constant, layout: MatrixLayout, tile: Tile): PackedMatrix {
  const form = rowFormOf(to.features);
  const key = `i8 ${JSON.stringify([layout, tile.nr, tile.isWide, form])}`;
  const make: MakeData = (bytes, fill) => to.sharedData(constant, key, bytes, fill);
  return integerMatrix(make, () => constant.data() as Int8Array, layout, { ...tile, form });
}

type MakeVector = (to: KernelBuilder, source: object, key: string, count: number, at: (i: number) => number) => Pointer;

/** Makes vectors of 32-bit elements, padded so that the last panel may be read whole. */
const vectorsOf =
  (View: new (buffer: ArrayBufferLike, offset: number, length: number) => Float32Array | Int32Array): MakeVector =>
  (to, source, key, count, at) => {
    const padded = Math.ceil(count / 32) * 32;
    return to.sharedData(source, key, padded * 4, (view) => {
      const out = new View(view.buffer, view.byteOffset, padded);
      for (let i = 0; i < count; i++) out[i] = at(i);
    });
  };

/** A vector of `count` floats, shared by those who ask for the same source and key. */
export const floatVector = vectorsOf(Float32Array);
/** A vector of `count` 32-bit integers, shared by those who ask for the same source and key. */
export const integerVector = vectorsOf(Int32Array);

const NO_BIAS = {};

/** The bias as floats, zeros when there is none. */
export function biasVector(to: KernelBuilder, bias: Operand | undefined, count: number): Pointer {
  if (!bias) return floatVector(to, NO_BIAS, `zeros ${count}`, count, () => 0);
  if (!bias.constant) return bias.pointer;
  const { constant, quantization } = bias;
  let data: Float32Array | undefined;
  return floatVector(to, constant, 'bias', count, (i) => {
    data ??= floats({ ...constant.tensor(), quantization });
    return data[i] as number;
  });
}

/** Scales of the columns of quantized weights. */
export const columnScales = (to: KernelBuilder, { scale }: Quantization, count: number): Pointer =>
  floatVector(to, scale, 'scales', count, (i) => scale[scale.length === 1 ? 0 : i] as number);

/** A pointer some bytes further on. */
export const shifted = (pointer: Pointer, bytes: number): Pointer => ({
  buffer: pointer.buffer,
  offset: pointer.offset + bytes,
});

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
  const finish = isFinished ? result.finish : finishOf(result, to);
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

const finishOf = ({ stages, scales }: Result, to: KernelBuilder): Finish =>
  scales
    ? hybridFinish(stages, { kind: scales.kind, hasZeros: scales.zeros !== undefined, fma: to.features.relaxed })
    : floatFinish(stages);

function arithmeticOf(
  { columnBytes, form }: PackedMatrix,
  { features: { relaxed } }: KernelBuilder,
): GemmSpec['arithmetic'] {
  if (!form) return relaxed ? 'f32-fma' : 'f32';
  if (form === 'shorts') return columnBytes === 2 ? 'i16' : 'i16-wide';
  return relaxed ? 'i8' : `i8-${form}`;
}

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
