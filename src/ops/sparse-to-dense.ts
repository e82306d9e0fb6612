import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { sizesOf } from './elements.js';
import { requireIndices } from './gather.js';
import { sliceStarts } from './gather-nd.js';
import { invalid } from './shapes.js';
import { versionByType } from './version.js';
import { broadcastView, copyView, readView, wholeView } from './view.js';

/**
 * A tensor of that shape full of `default`, with `values` (one for each index, or one for all) at the places in
 * `indices`: a scalar, a vector, or rows of one index for each axis. The later of equal places wins.
 */
export const sparseToDense = defineOp({
  name: 'SPARSE_TO_DENSE',
  inputs: ['indices', 'shape', 'values', 'default'],
  outputs: ['output'],
  version: versionByType({ i8: 3, u8: 3, i64: 2 }, 2),
  infer({ indices, shape, values, default: fill }) {
    requireIndices(indices.dtype);
    if (values.dtype !== fill.dtype)
      throw invalid(`values and default should have one type, got ${values.dtype} and ${fill.dtype}`);
    return [{ dtype: values.dtype, shape: sizesOf(shape) }];
  },
  reference({ inputs: { indices, shape, values, default: fill } }) {
    const to: Shape = Array.from(shape.data as ArrayLike<number | bigint>, Number);
    const { dtype } = values;
    const data = readView(dtype, fill.data, broadcastView(wholeView([]), to));
    const one = wholeView([]);
    for (const [i, at] of sliceStarts(inRows(indices), to).entries()) {
      const from = values.shape.length === 0 ? 0 : i;
      copyView(dtype, values.data, { ...one, offset: from }, data, { ...one, offset: at });
    }
    return [{ dtype, shape: to, data }];
  },
});

/** Indices as rows; a vector has one index in each. */
function inRows(indices: Tensor): Tensor {
  const count = elementCount(indices.shape);
  return indices.shape.length === 2 ? indices : { ...indices, shape: [count, 1] };
}
