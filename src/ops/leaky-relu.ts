import { defineOp, type OutputType } from './define.js';
import { requireOperands, unaryKernel } from './elementwise.js';
import { quantizedLeakyRelu } from './integer-functions.js';
import { LITERT } from './litert.js';
import { versionByType } from './version.js';

/** `x` where it is positive, else `alpha * x`. */
export const leakyRelu = defineOp({
  name: 'LEAKY_RELU',
  litert: LITERT.everywhere,
  inputs: ['input'],
  outputs: ['output'],
  version: versionByType({ i16: 2 }),
  infer: ({ input }) => [{ dtype: requireOperands([input]), shape: input.shape }],
  reference: ({ inputs: { input }, types: [type], options: { alpha } }) => {
    const slope = Math.fround(alpha);
    const quantized = quantizedLeakyRelu(slope);
    return [unaryKernel(input, type as OutputType, (x) => (x > 0 ? x : slope * x), undefined, quantized)];
  },
});
