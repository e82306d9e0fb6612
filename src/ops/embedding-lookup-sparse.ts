import type { Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { requireRank } from './shapes.js';

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
});
