import { defineOp } from './define.js';
import { requireRank } from './shapes.js';

/**
 * Bits of locality-sensitive hashes over weighted items.
 *
 * - hash `[H, B]`, input `[items, ...]`, weight `[items]`
 * - output `[H]`, one number of B bits a hash (type SPARSE), or `[H * B]`, one bit each (DENSE)
 *
 * Source: TFLite operator LSH_PROJECTION.
 */
export const lshProjection = defineOp({
  name: 'LSH_PROJECTION',
  inputs: ['hash', 'input', 'weight?'],
  outputs: ['output'],

  infer({ hash }, { type }) {
    const [hashes = -1, bits = -1] = requireRank(hash.shape, 2, 'hash') ?? [];
    const dense = hashes < 0 || bits < 0 ? -1 : hashes * bits;
    return [{ dtype: 'i32', shape: [type === 'DENSE' ? dense : hashes] }];
  },
});
