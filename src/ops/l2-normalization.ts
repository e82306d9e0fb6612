import { allocate, type Tensor } from '../ir/tensor.js';
import { fixedInverseSqrt } from '../numerics/fixed-functions.js';
import { multiplyByFactor } from '../numerics/fixed-point.js';
import { clamp } from '../numerics/round.js';
import { defineOp, type OutputType } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { type Affine, affinesOf } from './integers.js';
import { LITERT } from './litert.js';
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
  litert: LITERT.ownBytes,
  inputs: ['input'],
  outputs: ['output'],
  version: versionByType({ i8: 2 }),
  infer: ({ input }) => [{ dtype: input.dtype, shape: input.shape }],

  reference({ inputs, types: [type] }) {
    const meanings = affinesOf([inputs.input, type!]);
    if (meanings) return [normalizedIntegers(inputs.input, meanings as [Affine, Affine], type!)];
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

/**
 * Of 8-bit integers; an output step is 1/128. The inverse of the norm is found by Newton's method. Where the 7 bits are
 * added decides how halves round: before the product when integers are unsigned, else in its shift.
 */
function normalizedIntegers({ shape, data }: Tensor, [from, to]: readonly [Affine, Affine], type: OutputType): Tensor {
  const x = data as Int8Array;
  const out = allocate(to.dtype, x.length) as Int8Array;
  const size = shape.at(-1) ?? 1;
  const units = to.dtype === 'u8' ? 128 : 1;
  for (let start = 0; start < x.length; start += size) {
    let sum = 0;
    for (let i = start; i < start + size; i++) sum += (x[i]! - from.zeroPoint) ** 2;
    const { multiplier, exponent } = fixedInverseSqrt(sum);
    const factor = { multiplier, exponent: to.dtype === 'u8' ? exponent : exponent + 7 };
    for (let i = start; i < start + size; i++) {
      const scaled = multiplyByFactor((x[i]! - from.zeroPoint) * units, factor);
      out[i] = clamp(scaled + to.zeroPoint, to.low, to.high);
    }
  }
  return { dtype: to.dtype, shape, data: out, quantization: type.quantization };
}
