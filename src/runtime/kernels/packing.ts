/** Column panels of a packed matrix: full ones, and a narrower last one for the columns that are left. */
export interface Panels {
  /** Width of the full panels. */
  readonly width: number;
  readonly full: number;
  /** Columns of the last panel (0: there is none), and its width: a multiple of 4. */
  readonly restColumns: number;
  readonly restWidth: number;
}

export function panelsOf(columns: number, width: number): Panels {
  const full = Math.floor(columns / width);
  const restColumns = columns - full * width;
  return { width, full, restColumns, restWidth: Math.ceil(restColumns / 4) * 4 };
}

/** All columns, with those that only fill up. */
export const packedColumns = ({ width, full, restWidth }: Panels): number => full * width + restWidth;

/** Where element `k` of column `n` is: `data[n * columnStep + k * step]`. */
export interface MatrixLayout {
  readonly k: number;
  readonly n: number;
  readonly step: number;
  readonly columnStep: number;
}

const widths = ({ width, full, restColumns, restWidth }: Panels): readonly (readonly [number, number])[] => [
  ...Array.from({ length: full }, () => [width, width] as const),
  ...(restColumns > 0 ? [[restColumns, restWidth] as const] : []),
];

/** Floats in panels: for each panel, for each k, its columns. */
export const packFloats: (out: Float32Array, data: Float32Array, layout: MatrixLayout, panels: Panels) => void =
  packElements;

type Elements = Float32Array | Int32Array | Int16Array;

function packElements(out: Elements, data: Elements, layout: MatrixLayout, panels: Panels): void {
  const { k, step, columnStep } = layout;
  let to = 0;
  let column = 0;
  for (const [columns, width] of widths(panels)) {
    let from = column * columnStep;
    for (let i = 0; i < k; i++, from += step, to += width)
      for (let j = 0, f = from; j < columns; j++, f += columnStep) out[to + j] = data[f] as number;
    column += columns;
  }
}

/** Integers that lie side by side in a packed matrix: two or four. */
export type GroupSize = 2 | 4;

/**
 * Integers in panels, groups of k side by side: for each panel, for each group, for each column, `size` elements. Groups
 * that lie together in the data are moved as one number, and widened afterwards when `out` has wider ones.
 */
export function packGroups(
  out: Int8Array | Int16Array,
  data: Int8Array | Int16Array,
  layout: MatrixLayout,
  panels: Panels,
  size: GroupSize,
): void {
  const { k, n, step, columnStep } = layout;
  const bytes = data.BYTES_PER_ELEMENT;
  const isAligned = data.byteOffset % (size * bytes) === 0 && columnStep % size === 0;
  const isAsWide = out.BYTES_PER_ELEMENT === bytes;
  if (step === 1 && k % size === 0 && size * bytes <= 4 && isAligned && (isAsWide || bytes === 1)) {
    const packed = isAsWide ? out : new Int8Array(out.length);
    const groups = { k: k / size, n, step: 1, columnStep: columnStep / size };
    packElements(asGroups(packed, size), asGroups(data, size), groups, panels);
    if (packed !== out) out.set(packed);
    return;
  }
  let to = 0;
  let column = 0;
  for (const [columns, width] of widths(panels)) {
    let from = column * columnStep;
    for (let i = 0; i < k; i += size, from += size * step, to += size * width) {
      const some = Math.min(size, k - i);
      for (let j = 0, f = from; j < columns; j++, f += columnStep)
        for (let s = 0; s < some; s++) out[to + size * j + s] = data[f + s * step] as number;
    }
    column += columns;
  }
}

/** The same memory as integers that hold a group each. */
function asGroups({ buffer, byteOffset, length, BYTES_PER_ELEMENT }: Int8Array | Int16Array, size: GroupSize) {
  return BYTES_PER_ELEMENT * size === 2
    ? new Int16Array(buffer, byteOffset, length / size)
    : new Int32Array(buffer, byteOffset, length / size);
}
