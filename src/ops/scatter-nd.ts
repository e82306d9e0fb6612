import { allocate, elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { sizesOf } from './elements.js';
import { requireOperands } from './elementwise.js';
import { requireIndices } from './gather.js';
import { sliceStarts } from './gather-nd.js';
import { inFloat32 } from './half.js';
import { invalid } from './shapes.js';
import { unifiedShape } from './unify.js';

/**
 * Zeros of that shape, with `updates` added at the index vectors in the last axis of `indices`; updates at one place add
 * up.
 */
export const scatterNd = defineOp({
  name: 'SCATTER_ND',
  inputs: ['indices', 'updates', 'shape'],
  outputs: ['output'],
  infer({ indices, updates, shape }) {
    requireIndices(indices.dtype);
    const to = sizesOf(shape);
    const depth = indices.shape?.at(-1) ?? -1;
    if (to && depth > to.length) throw invalid(`indices of ${depth} axes do not fit shape [${to}]`);
    if (to && indices.shape && depth !== -1)
      unifiedShape([...indices.shape.slice(0, -1), ...to.slice(depth)], updates.shape);
    return [{ dtype: requireOperands([updates]), shape: to }];
  },
  reference({ inputs: { indices, updates, shape }, types }) {
    const to = Array.from(shape.data as ArrayLike<number | bigint>, Number);
    return inFloat32([updates], types, ([x]) => [scattered(indices, x as Tensor, to)]);
  },
});

function scattered(indices: Tensor, { dtype, data }: Tensor, shape: Shape): Tensor {
  const out = allocate(dtype, elementCount(shape)) as Float64Array;
  const run = elementCount(shape.slice(indices.shape.at(-1)));
  const x = data as Float64Array;
  for (const [i, start] of sliceStarts(indices, shape).entries())
    for (let k = 0; k < run; k++) {
      const sum = (out[start + k] as number) + (x[i * run + k] as number);
      out[start + k] = dtype === 'bool' && sum > 1 ? 1 : sum;
    }
  return { dtype, shape, data: out };
}
