import type { Constant } from '../../ir/constant.js';
import { formSteps, type RowForm } from '../emit/row-form.js';
import type { KernelBuilder, Operand } from '../kernel.js';
import { integerMatrix, type PackedMatrix, type Tile } from './packed-matrix.js';

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

/** Integer weights in panels of the groups that rows of that form meet, less their zero point. Runs are filled up with zeros. */
export function packedIntegers(
  to: KernelBuilder,
  { constant, weights, isWide }: IntegerWeights,
  columns: Columns,
  tile: Tile,
  form: RowForm,
): PackedMatrix {
  const { n, length, segments, first, at = (column, s) => first + (column * segments + s) * length } = columns;
  const group = formSteps(form);
  const run = Math.ceil(length / group) * group;
  const k = run * segments;
  const zeroPoint = weights.quantization?.zeroPoint[0] ?? 0;
  const kind = { nr: tile.nr, isWide: isWide || tile.isWide, form };
  const key = `integers ${JSON.stringify([columns, kind, zeroPoint])}`;
  const elements = () => {
    const data = constant.data() as Int8Array;
    // Columns that lie as they are needed are packed from where they are.
    if (zeroPoint === 0 && run === length && !columns.at) return data.subarray(first);
    const padded = new (isWide ? Int16Array : Int8Array)(n * k);
    for (let column = 0, start = 0; column < n; column++)
      for (let s = 0; s < segments; s++, start += run) {
        const from = at(column, s);
        for (let i = 0; i < length; i++) padded[start + i] = (data[from + i] as number) - zeroPoint;
      }
    return padded;
  };
  const layout = { k, n, step: 1, columnStep: k };
  return integerMatrix((bytes, fill) => to.sharedData(constant, key, bytes, fill), elements, layout, kind);
}
