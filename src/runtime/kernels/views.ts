import type { DType } from '../../ir/tensor.js';
import type { Kernel } from '../kernel.js';

/** Texts and handles lie outside of the memory. */
const isHeldInMemory = (dtype: DType): boolean => !['string', 'resource', 'variant'].includes(dtype);

/** Operators that only say the shape anew: the result is the input's memory. */
export const views: Kernel = {
  ops: ['RESHAPE', 'SQUEEZE', 'EXPAND_DIMS'],
  isView: true,
  accepts: ({ inputs: [input], outputs: [output] }) =>
    input &&
    output &&
    input.count === output.count &&
    input.dtype === output.dtype &&
    isHeldInMemory(input.dtype) &&
    !input.isVariable &&
    !input.constant
      ? 'view'
      : undefined,
  build() {},
};
