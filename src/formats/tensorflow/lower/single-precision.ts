import { Constant } from '../../../ir/constant.js';
import type { DType } from '../../../ir/tensor.js';
import { castTensor } from '../../../ops/cast.js';
import { isHalf } from '../../../ops/half.js';

/** True for floats of 16 and of 64 bits: operators have no arithmetic for them, so it runs in 32-bit ones. */
export const isComputedInSingle = (dtype: DType): boolean => isHalf(dtype) || dtype === 'f64';

/**
 * The element type in which values of a type are computed. The results are more precise than those of a model of 16-bit
 * floats, and those of a model of 64-bit floats rounded to 24 bits.
 */
export const singleType = (dtype: DType): DType => (isComputedInSingle(dtype) ? 'f32' : dtype);

/** A constant in the type in which it is computed with. */
export function singleConstant(constant: Constant): Constant {
  if (!isComputedInSingle(constant.dtype)) return constant;
  return Constant.lazy('f32', constant.shape, () => castTensor(constant.tensor(), 'f32').data);
}
