import type { Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { normalizeAxis } from './shapes.js';
import { unknownSizes } from './unify.js';

/** Inserts an axis of size 1 at the scalar `axis`; a negative one counts from the end of the result. */
export const expandDims = defineOp({
  name: 'EXPAND_DIMS',
  inputs: ['input', 'axis'],
  outputs: ['output'],
  infer: ({ input, axis }) => [{ dtype: input.dtype, shape: expanded(input.shape, axis.elements?.[0]) }],
  elements: ({ input }) => input.elements && [input.elements],
  reference: ({ inputs: { input, axis } }) => [
    { ...input, shape: expanded(input.shape, Number(axis.data[0])) as Shape },
  ],
});

function expanded(shape: Shape | undefined, axis: number | undefined): Shape | undefined {
  if (!shape) return undefined;
  if (axis === undefined) return unknownSizes(shape.length + 1);
  return shape.toSpliced(normalizeAxis(axis, shape.length + 1), 0, 1);
}
