import type { NumericArray } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { requireOperands } from './elementwise.js';
import { widened } from './half.js';

/** For each element the number of `boundaries` (ascending) that do not exceed it, as i32. */
export const bucketize = defineOp({
  name: 'BUCKETIZE',
  inputs: ['input'],
  outputs: ['output'],
  infer({ input }) {
    requireOperands([input]);
    return [{ dtype: 'i32', shape: input.shape }];
  },
  reference({ inputs: { input }, options: { boundaries = [] } }) {
    const data = Int32Array.from(widened(input).data as NumericArray, (x) => bucketOf(Number(x), boundaries));
    return [{ dtype: 'i32', shape: input.shape, data }];
  },
});

function bucketOf(x: number, boundaries: readonly number[]): number {
  const bucket = boundaries.findIndex((b) => b > x);
  return bucket < 0 ? boundaries.length : bucket;
}
