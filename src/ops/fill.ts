import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { isTracked, sizesOf } from './elements.js';
import { versionByType } from './version.js';
import { broadcastView, readView, wholeView } from './view.js';

/** A tensor of the sizes in `dims`, every element the scalar `value`. */
export const fill = defineOp({
  name: 'FILL',
  inputs: ['dims', 'value'],
  outputs: ['output'],
  version: versionByType({ f8e4m3: 5, f8e5m2: 5, f16: 4, i8: 3, i16: 3, bool: 2, string: 2 }, 1),
  infer: ({ dims, value }) => [{ dtype: value.dtype, shape: sizesOf(dims) }],
  elements({ dims, value }) {
    const shape = sizesOf(dims);
    return value.elements?.length === 1 && isTracked(shape)
      ? [new Array<number | undefined>(elementCount(shape)).fill(value.elements[0])]
      : undefined;
  },
  reference({ inputs: { dims, value } }) {
    const shape: Shape = Array.from(dims.data as ArrayLike<number | bigint>, Number);
    const { dtype, data } = value;
    return [{ dtype, shape, data: readView(dtype, data, broadcastView(wholeView([]), shape)) }];
  },
});
