import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { int32Input, packSizes, reshape, sizesOf } from './shapes.js';

/** The rows of a tensor by the number of the part that each belongs to: as the lookup in a table of several parts does. */
const dynamicPartition: Lower = (c) => {
  const parts = int32Input(c, 1);
  return Array.from({ length: c.attrs.int('num_partitions') }, (_, part) => {
    const rows = c.emit('WHERE', [c.emit('EQUAL', [parts, c.i32(part)])]);
    return c.emit('GATHER_ND', [c.input(0), rows]);
  });
};

/** Rows of several tensors in the order of their indices; of equal ones the last counts. */
const dynamicStitch: Lower = (c) => {
  const count = c.inputs.length / 2;
  const pairs = Array.from({ length: count }, (_, i) => ({ indices: c.input(i), data: c.input(count + i) }));
  const isKnown = pairs.every(({ indices, data }) => indices.constant && data.shape?.every((d) => d >= 0));
  return [isKnown ? stitchRows(c, pairs) : scatterRows(c, pairs)];
};

interface Rows {
  readonly indices: Value;
  readonly data: Value;
}

function stitchRows(c: Lowering, pairs: readonly Rows[]): Value {
  const rows: Value[] = [];
  for (const { indices, data } of pairs) {
    const { shape = [], count = 0 } = indices.constant ?? {};
    const flat = shape.length === 1 ? data : reshape(c, data, [count, ...(data.shape ?? []).slice(shape.length)]);
    const parts = c.emitAll('UNPACK', [flat], { num: count, axis: 0 });
    for (const [k, row] of (indices.constant?.numbers() ?? []).entries()) rows[row] = parts[k] as Value;
  }
  if (rows.includes(undefined as unknown as Value) || Object.keys(rows).length !== rows.length)
    throw new ModelError('unsupported', 'leaves rows of its result open.');
  return c.emit('PACK', rows, { valuesCount: rows.length, axis: 0 });
}

/** Indices that the model computes come from a partition, so that none of them is there twice. */
function scatterRows(c: Lowering, pairs: readonly Rows[]): Value {
  const [first] = pairs;
  if (!first) throw new ModelError('invalid-graph', 'has no inputs');
  const rest = sizesOf(c, first.data).slice(c.rank(first.indices, 'its indices'));
  const joined = (values: readonly Value[]) =>
    values.length === 1 ? (values[0] as Value) : c.emit('CONCATENATION', values, { axis: 0 });
  const indices = joined(pairs.map((_, i) => reshape(c, int32Input(c, i), [-1, 1])));
  const data = joined(pairs.map((p) => reshape(c, p.data, [-1, ...rest])));
  const last = c.emit('REDUCE_MAX', [indices, c.i32([0, 1])], { keepDims: false });
  const shape = packSizes(c, [c.emit('ADD', [last, c.i32(1)]), ...rest]);
  return c.emit('SCATTER_ND', [indices, data, shape]);
}

/** Taking the rows of a tensor apart, and putting rows together. */
export const partitions: Readonly<Record<string, Lower>> = {
  DynamicPartition: dynamicPartition,
  DynamicStitch: dynamicStitch,
  ParallelDynamicStitch: dynamicStitch,
};
