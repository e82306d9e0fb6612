import type { Constant } from '../../ir/constant.js';
import type { Quantization } from '../../ir/tensor.js';
import { floats } from '../../ops/floats.js';
import { type Pointer, shifted } from '../buffers.js';
import { formSteps, type RowForm } from '../emit/row-form.js';
import type { KernelBuilder } from '../kernel.js';
import { type MatrixLayout, type Panels, packedColumns, packFloats, packGroups, panelsOf } from './packing.js';

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

/** Bytes that the second cache of common processors holds. */
const NEAR = 2 ** 20;

/** The same tile for products that run over and over: 16-bit weights that stay in the caches need no widening. */
export const repeatedTile = (
  tile: Tile,
  { isRepeated }: KernelBuilder,
  { n, k }: Pick<MatrixLayout, 'n' | 'k'>,
): Tile => ({
  ...tile,
  isWide: tile.isWide || (isRepeated && 2 * n * k <= NEAR),
});

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
export function packedBytes(
  to: KernelBuilder,
  constant: Constant,
  layout: MatrixLayout,
  tile: Tile,
  form: RowForm,
): PackedMatrix {
  const key = `i8 ${JSON.stringify([layout, tile.nr, tile.isWide, form])}`;
  const make: MakeData = (bytes, fill) => to.sharedData(constant, key, bytes, fill);
  return integerMatrix(make, () => constant.data() as Int8Array, layout, { ...tile, form });
}
