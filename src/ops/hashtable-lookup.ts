import { allocate, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { requireRank } from './shapes.js';

/**
 * Rows of a constant table by key.
 *
 * - lookup `[K]`, key `[N]` in ascending order, value `[N, ...]`
 * - output `[K, ...]`, rows of missing keys zero; hits `[K]`: 1 where the key was found
 *
 * Source: TFLite operator HASHTABLE_LOOKUP.
 */
export const hashtableLookup = defineOp({
  name: 'HASHTABLE_LOOKUP',
  inputs: ['lookup', 'key', 'value'],
  outputs: ['output', 'hits'],

  infer({ lookup, key, value }) {
    const [k = -1] = requireRank(lookup.shape, 1, 'lookup') ?? [];
    requireRank(key.shape, 1, 'key');
    return [
      { dtype: value.dtype, shape: value.shape && [k, ...value.shape.slice(1)] },
      { dtype: 'u8', shape: [k] },
    ];
  },

  reference({ inputs: { lookup, key, value } }) {
    const wanted = lookup.data as Int32Array;
    const places = new Map([...(key.data as Int32Array)].map((k, i) => [k, i]));
    const shape = [wanted.length, ...value.shape.slice(1)];
    const hits = Uint8Array.from(wanted, (k) => (places.has(k) ? 1 : 0));
    const rows = Array.from(wanted, (k) => places.get(k));
    return [
      { ...value, shape, data: rowsOf(value, rows) },
      { dtype: 'u8', shape: [wanted.length], data: hits },
    ];
  },
});

function rowsOf({ dtype, shape, data }: Tensor, rows: readonly (number | undefined)[]): Tensor['data'] {
  const size = data.length / (shape[0] || 1);
  if (dtype === 'string')
    return rows.flatMap((row) =>
      row === undefined
        ? Array.from({ length: size }, () => new Uint8Array())
        : (data as readonly Uint8Array[]).slice(row * size, (row + 1) * size),
    );
  const source = data as Float32Array;
  const out = allocate(dtype, rows.length * size) as Float32Array;
  for (const [i, row] of rows.entries())
    if (row !== undefined) out.set(source.subarray(row * size, (row + 1) * size), i * size);
  return out;
}
