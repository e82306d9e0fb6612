import { defineOp } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { versionByType } from './version.js';

/** Least norm that is divided by. */
const EPSILON = 1e-6;

/**
 * Rows along the last axis, divided by their Euclidean norm (at least 1e-6). Input and output have the same shape.
 *
 * Source: TFLite operator L2_NORMALIZATION.
 */
export const l2Normalization = defineOp({
  name: 'L2_NORMALIZATION',
  inputs: ['input'],
  outputs: ['output'],
  version: versionByType({ i8: 2 }),
  infer: ({ input }) => [{ dtype: input.dtype, shape: input.shape }],

  reference({ inputs, types: [type] }) {
    const x = floats(inputs.input);
    const out = allocateFloats(type!);
    const size = inputs.input.shape.at(-1) ?? 1;
    for (let start = 0; start < x.length; start += size) {
      let sum = 0;
      for (let i = start; i < start + size; i++) sum += x[i]! ** 2;
      const norm = Math.max(Math.sqrt(sum), EPSILON);
      for (let i = start; i < start + size; i++) out[i] = x[i]! / norm;
    }
    return [floatTensor(type!, out)];
  },
});
