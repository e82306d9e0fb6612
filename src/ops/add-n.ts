import type { Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { binaryKernel, requireOperands } from './elementwise.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { unifiedShape } from './unify.js';

/** The sum of tensors of one shape. */
export const addN = defineOp({
  name: 'ADD_N',
  litert: LITERT.ownFloat,
  inputs: ['values*'],
  outputs: ['output'],
  infer({ values }) {
    if (values.length === 0) throw invalid('expected at least one input, got none');
    const shape = values.reduce<Shape | undefined>((s, v) => unifiedShape(s, v.shape), undefined);
    return [{ dtype: requireOperands(values), shape }];
  },
  reference: ({ inputs: { values } }) => [
    values.reduce((a, b) => binaryKernel({ numbers: (x, y) => x + y, bigints: (x, y) => x + y }, a, b, a)),
  ],
});
