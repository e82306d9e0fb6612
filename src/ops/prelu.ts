import { defineOp, type OutputType } from './define.js';
import { binaryKernel, broadcastType, requireOperands } from './elementwise.js';
import { quantizedPrelu } from './integer-arithmetic.js';
import { LITERT } from './litert.js';

/** `x` where it is not negative, else `alpha * x`; alpha broadcasts to the input, usually one for each channel. */
export const prelu = defineOp({
  name: 'PRELU',
  litert: LITERT.floatFast,
  inputs: ['input', 'alpha'],
  outputs: ['output'],
  infer: ({ input, alpha }) => [broadcastType(requireOperands([input, alpha]), [input, alpha])],
  reference: ({ inputs: { input, alpha }, types: [type] }) => [
    binaryKernel(
      { numbers: (x, a) => (x >= 0 ? x : a * x), bigints: (x, a) => (x >= 0n ? x : a * x), quantized: quantizedPrelu },
      input,
      alpha,
      type as OutputType,
    ),
  ],
});
