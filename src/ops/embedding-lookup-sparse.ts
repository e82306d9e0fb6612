import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { floats } from './floats.js';
import { requireRank, stridesOf } from './shapes.js';

/**
 * Weighted sums of table rows, one for each place of a sparse tensor of ids without its last axis; divided by the sum of
 * the weights (MEAN) or the root of their squares' sum (SQRTN).
 *
 * - ids `[K]`, indices `[K, R]`, denseShape `[R]`, weights `[K]`, value `[N, ...]`
 * - output `[...denseShape without its last, ...]`
 *
 * Source: TFLite operator EMBEDDING_LOOKUP_SPARSE.
 */
export const embeddingLookupSparse = defineOp({
  name: 'EMBEDDING_LOOKUP_SPARSE',
  inputs: ['ids', 'indices', 'denseShape', 'weights', 'value'],
  outputs: ['output'],

  infer({ ids, indices, denseShape, weights, value }) {
    requireRank(ids.shape, 1, 'ids');
    requireRank(indices.shape, 2, 'indices');
    requireRank(weights.shape, 1, 'weights');
    const rank = requireRank(denseShape.shape, 1, 'denseShape')?.[0] ?? -1;
    if (rank < 1 || !value.shape) return [{ dtype: 'f32', shape: undefined }];
    const leading: Shape = Array.from({ length: rank - 1 }, (_, i) => denseShape.elements?.[i] ?? -1);
    return [{ dtype: 'f32', shape: [...leading, ...value.shape.slice(1)] }];
  },

  reference({ inputs: { ids, indices, denseShape, weights, value }, options: { combiner } }) {
    const shape = [...Array.from(denseShape.data as Int32Array).slice(0, -1), ...value.shape.slice(1)];
    const rank = denseShape.data.length;
    const steps = stridesOf(Array.from(denseShape.data as Int32Array).slice(0, -1));
    const [w, table, rows] = [floats(weights), floats(value), ids.data as Int32Array];
    const size = elementCount(value.shape.slice(1));
    const out = new Float32Array(elementCount(shape));
    const totals = new Float64Array(size === 0 ? 0 : out.length / size);
    for (const [k, row] of rows.entries()) {
      const place = steps.reduce((sum, step, i) => sum + step * (indices.data as Int32Array)[k * rank + i]!, 0);
      totals[place]! += combiner === 'SQRTN' ? w[k]! ** 2 : w[k]!;
      for (let i = 0; i < size; i++) out[place * size + i]! += w[k]! * table[row * size + i]!;
    }
    if (combiner !== 'SUM')
      for (let i = 0; i < out.length; i++) {
        const total = totals[Math.floor(i / size)]!;
        if (total !== 0) out[i]! /= combiner === 'SQRTN' ? Math.sqrt(total) : total;
      }
    return [{ dtype: 'f32', shape, data: out }];
  },
});
