import { defineOp } from './define.js';

/**
 * A sparse constant as a dense one. Constants are dense here as soon as they are read, so the elements pass through.
 *
 * Source: TFLite operator DENSIFY.
 */
export const densify = defineOp({
  name: 'DENSIFY',
  inputs: ['input'],
  outputs: ['output'],
  infer: ({ input }) => [{ dtype: input.dtype, shape: input.shape }],
  reference: ({ inputs: { input } }) => [input],
});
