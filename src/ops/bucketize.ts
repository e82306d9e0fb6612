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
    const x = widened(input).data as NumericArray;
    const data = new Int32Array(x.length);
    for (let i = 0; i < x.length; i++) data[i] = bucketOf(Number(x[i]), boundaries);
    return [{ dtype: 'i32', shape: input.shape, data }];
  },
});

function bucketOf(x: number, boundaries: readonly number[]): number {
  let [low, high] = [0, boundaries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((boundaries[middle] as number) > x) high = middle;
    else low = middle + 1;
  }
  return low;
}
