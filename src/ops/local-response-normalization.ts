import { defineOp } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { LITERT } from './litert.js';
import { requireRank } from './shapes.js';

/**
 * `x (bias + alpha Σ x²)^-beta`, the sum going over the channels within `radius`. Input and output `[N, H, W, C]`.
 * Follows the default kernel, as TensorFlow does; the runtime's reference kernel leaves the last channel of the sum out.
 *
 * Source: TFLite operator LOCAL_RESPONSE_NORMALIZATION.
 */
export const localResponseNormalization = defineOp({
  name: 'LOCAL_RESPONSE_NORMALIZATION',
  litert: LITERT.ownFloat,
  inputs: ['input'],
  outputs: ['output'],
  infer: ({ input }) => [{ dtype: input.dtype, shape: requireRank(input.shape, 4, 'input') }],

  reference({ inputs, types: [type], options: { radius, bias, alpha, beta } }) {
    const x = floats(inputs.input);
    const out = allocateFloats(type!);
    const channels = inputs.input.shape.at(-1) ?? 1;
    for (let i = 0; i < x.length; i++) {
      const c = i % channels;
      const from = i - Math.min(radius, c);
      const to = i + Math.min(radius, channels - 1 - c);
      let sum = 0;
      for (let k = from; k <= to; k++) sum += x[k]! ** 2;
      out[i] = x[i]! * (bias + alpha * sum) ** -beta;
    }
    return [floatTensor(type!, out)];
  },
});
