import type { Constant } from '../../ir/constant.js';
import type { KernelBuilder, Operand } from '../kernel.js';
import type { PackedMatrix } from './matrix.js';
import { packedColumns, packPairs, panelsOf } from './packing.js';

/** Constant integer weights. */
export interface IntegerWeights {
  readonly weights: Operand;
  readonly constant: Constant;
  /** Weights less their zero point do not fit a byte. */
  readonly isWide: boolean;
}

/** Columns of integer weights: each is `segments` runs of `length` elements that lie together in the rows as well. */
export interface Columns {
  readonly n: number;
  readonly length: number;
  readonly segments: number;
  /** The first weight. */
  readonly first: number;
  /** Where segment `s` of column `n` begins, when they do not follow one another from the first weight on. */
  readonly at?: (n: number, s: number) => number;
  /** Tells apart what `at` says. */
  readonly key?: string;
}

/** Integer weights in panels of pairs, less their zero point. An odd run ends in a zero. */
export function packedIntegers(
  to: KernelBuilder,
  { constant, weights, isWide }: IntegerWeights,
  columns: Columns,
  nr: number,
): PackedMatrix {
  const { n, length, segments, first, at = (column, s) => first + (column * segments + s) * length } = columns;
  const panels = panelsOf(n, nr);
  const run = Math.ceil(length / 2) * 2;
  const k = run * segments;
  const count = packedColumns(panels) * k;
  const zeroPoint = weights.quantization?.zeroPoint[0] ?? 0;
  const key = `integers ${JSON.stringify(columns)} ${nr} ${isWide} ${zeroPoint}`;
  const pointer = to.sharedData(constant, key, count * (isWide ? 2 : 1), (view) => {
    const data = constant.data() as Int8Array;
    const out = isWide
      ? new Int16Array(view.buffer, view.byteOffset, count)
      : new Int8Array(view.buffer, view.byteOffset, count);
    const layout = { k, n, step: 1, columnStep: k };
    // Columns that lie as they are needed are packed from where they are.
    if (zeroPoint === 0 && run === length && !columns.at) {
      packPairs(out, data.subarray(first), layout, panels);
      return;
    }
    const padded = new Int16Array(n * k);
    for (let column = 0, start = 0; column < n; column++)
      for (let s = 0; s < segments; s++, start += run) {
        const from = at(column, s);
        for (let i = 0; i < length; i++) padded[start + i] = (data[from + i] as number) - zeroPoint;
      }
    packPairs(out, padded, layout, panels);
  });
  return { pointer, panels, columnBytes: isWide ? 4 : 2, isWide };
}
