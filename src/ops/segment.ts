import { ModelError } from '../errors.js';
import { allocate, type DType, elementCount, isFloat, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type KnownValue, type Op } from './define.js';
import { allKnown } from './elements.js';
import { isBig, requireOperands } from './elementwise.js';
import { inFloat32 } from './half.js';
import { invalid } from './shapes.js';
import { unifiedShape } from './unify.js';

/** The sums of the rows with the same id; `ids` are a sorted vector, one for each row. */
export const segmentSum = defineOp({
  name: 'SEGMENT_SUM',
  inputs: ['data', 'ids'],
  outputs: ['output'],
  infer({ data, ids }) {
    const all = allKnown(ids.elements);
    const count = all ? segmentCount(all) : -1;
    if (ids.shape && ids.shape.length !== 1) throw invalid(`ids should be a vector, got [${ids.shape}]`);
    return [{ dtype: requireOperands([data]), shape: segmentedShape(data, ids, count) }];
  },
  reference: ({ inputs: { data, ids }, types }) => {
    const list = Array.from(ids.data as ArrayLike<number | bigint>, Number);
    if (list.some((id, i) => id < (list[i - 1] ?? 0)))
      throw new ModelError('invalid-data', `ids should be sorted, got [${list.slice(0, 8)}]`);
    return inFloat32([data], types, ([x]) => [segmented(SUM, x as Tensor, ids, segmentCount(list))]);
  },
});

const segmentCount = (ids: readonly number[]): number => (ids.at(-1) ?? -1) + 1;

interface Rule {
  readonly start: (dtype: DType) => number | bigint;
  readonly join: <T extends number | bigint>(a: T, b: T) => T;
}

const SUM: Rule = {
  start: (dtype) => (isBig(dtype) ? 0n : 0),
  join: (a, b) => ((a as number) + (b as number)) as typeof a,
};
const PRODUCT: Rule = {
  start: (dtype) => (isBig(dtype) ? 1n : 1),
  join: (a, b) => ((a as number) * (b as number)) as typeof a,
};
const GREATEST: Rule = { start: (dtype) => limit(dtype, -1), join: (a, b) => (a > b ? a : b) };
const LEAST: Rule = { start: (dtype) => limit(dtype, 1), join: (a, b) => (a < b ? a : b) };

/** What the greatest or least of no elements is: the end of the type's range, finite for floats too. */
function limit(dtype: DType, sign: 1 | -1): number | bigint {
  if (isBig(dtype)) return sign > 0 ? 2n ** 63n - 1n : -(2n ** 63n);
  if (dtype === 'f64') return sign * Number.MAX_VALUE;
  if (isFloat(dtype)) return sign * 3.4028234663852886e38;
  const bits = allocate(dtype, 1).BYTES_PER_ELEMENT * 8;
  if (dtype.startsWith('u')) return sign > 0 ? 2 ** bits - 1 : 0;
  return sign > 0 ? 2 ** (bits - 1) - 1 : -(2 ** (bits - 1));
}

type UnsortedName = `UNSORTED_SEGMENT_${'SUM' | 'PROD' | 'MAX' | 'MIN'}`;

/** Joins the rows with the same id into `count` rows; ids may be in any order, and rows with a negative one are left out. */
const unsortedSegment = (name: UnsortedName, rule: Rule): Op =>
  defineOp({
    name,
    inputs: ['data', 'ids', 'count'],
    outputs: ['output'],
    infer: ({ data, ids, count }) => [
      { dtype: requireOperands([data]), shape: segmentedShape(data, ids, count.elements?.[0] ?? -1) },
    ],
    reference: ({ inputs: { data, ids, count }, types }) =>
      inFloat32([data], types, ([x]) => [segmented(rule, x as Tensor, ids, Number(count.data[0]))]),
  });

function segmentedShape({ shape }: KnownValue, ids: KnownValue, count: number): Shape | undefined {
  if (!shape || !ids.shape) return undefined;
  const rank = ids.shape.length;
  if (rank > shape.length) throw invalid(`ids [${ids.shape}] do not fit data [${shape}]`);
  unifiedShape(shape.slice(0, rank), ids.shape);
  return [count, ...shape.slice(rank)];
}

function segmented({ start, join }: Rule, { dtype, shape, data }: Tensor, ids: Tensor, count: number): Tensor {
  const row = shape.slice(ids.shape.length);
  const run = elementCount(row);
  const out = allocate(dtype, count * run) as Float64Array;
  out.fill(start(dtype) as number);
  const x = data as Float64Array;
  for (const [i, id] of Array.from(ids.data as ArrayLike<number | bigint>, Number).entries()) {
    if (id < 0) continue;
    if (id >= count) throw new ModelError('invalid-data', `id ${id} is not below ${count}`);
    for (let k = 0; k < run; k++) out[id * run + k] = join(out[id * run + k] as number, x[i * run + k] as number);
  }
  return { dtype, shape: [count, ...row], data: out };
}

export const unsortedSegments: readonly Op[] = [
  unsortedSegment('UNSORTED_SEGMENT_SUM', SUM),
  unsortedSegment('UNSORTED_SEGMENT_PROD', PRODUCT),
  unsortedSegment('UNSORTED_SEGMENT_MAX', GREATEST),
  unsortedSegment('UNSORTED_SEGMENT_MIN', LEAST),
];
