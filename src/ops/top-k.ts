import { allocate, type Shape, type Tensor } from '../ir/tensor.js';
import { Heap } from '../numerics/heap.js';
import { defineOp, type VersionFacts } from './define.js';
import { requireOperands } from './elementwise.js';
import { inFloat32 } from './half.js';
import { invalid } from './shapes.js';
import { withSize } from './unify.js';

/** The `k` greatest elements of each row of the last axis, greatest first, and their i32 places; the lower of equals first. */
export const topK = defineOp({
  name: 'TOPK_V2',
  inputs: ['input', 'k'],
  outputs: ['values', 'indices'],
  version: topKVersion,
  infer({ input, k }) {
    requireOperands([input]);
    const [count = -1] = k.elements ?? [];
    const { shape } = input;
    const size = shape?.at(-1) ?? -1;
    if (shape?.length === 0) throw invalid('input expects at least rank 1, got a scalar');
    if (size !== -1 && count > size) throw invalid(`a row of ${size} has no ${count} greatest elements`);
    const to = shape && withSize(shape, shape.length - 1, count);
    return [
      { dtype: input.dtype, shape: to },
      { dtype: k.dtype === 'i16' ? 'i16' : 'i32', shape: to },
    ];
  },
  reference: ({ inputs: { input, k }, types }) =>
    inFloat32([input], types, ([x]) => greatest(x as Tensor, Number(k.data[0]), k.dtype === 'i16' ? 'i16' : 'i32')),
});

function greatest({ dtype, shape, data }: Tensor, k: number, indexType: 'i16' | 'i32'): readonly Tensor[] {
  const size = shape.at(-1) as number;
  const x = data as Float64Array;
  const rows = size === 0 ? 0 : x.length / size;
  const values = allocate(dtype, rows * k) as Float64Array;
  const indices = allocate(indexType, rows * k) as Int32Array;
  for (let row = 0; row < rows; row++) {
    const places = greatestOf(x.subarray(row * size, (row + 1) * size), k);
    for (const [i, place] of places.entries()) {
      values[row * k + i] = x[row * size + place] as number;
      indices[row * k + i] = place;
    }
  }
  const to: Shape = withSize(shape, shape.length - 1, k);
  return [
    { dtype, shape: to, data: values },
    { dtype: indexType, shape: to, data: indices },
  ];
}

/** The places of the k greatest elements, greatest first. */
function greatestOf(x: Float64Array, k: number): number[] {
  const order = (a: number, b: number) => descending(x[a] as number, x[b] as number) || a - b;
  // The least of those found so far comes first.
  const found = new Heap<number>((a, b) => order(a, b) > 0);
  for (let i = 0; i < k; i++) found.push(i);
  if (k > 0)
    for (let i = k, least = x[found.first!]!; i < x.length; i++) {
      if (x[i]! <= least || descending(x[i]!, least) >= 0) continue;
      found.replaceFirst(i);
      least = x[found.first!]!;
    }
  const places = Array.from({ length: found.size }, () => found.pop() as number);
  return places.reverse();
}

/** NaN counts as the least. */
function descending(a: number, b: number): number {
  if (a > b) return -1;
  if (a < b) return 1;
  return typeof a === 'number' ? Number(Number.isNaN(a)) - Number(Number.isNaN(b)) : 0;
}

function topKVersion({ inputs, outputs }: VersionFacts): number {
  if (inputs.some((v) => v?.dtype === 'i16') || outputs[1]?.dtype === 'i16') return 3;
  return inputs[0]?.dtype === 'i8' ? 2 : 1;
}
