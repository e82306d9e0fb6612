import { Constant } from '../../../ir/constant.js';
import type { DType } from '../../../ir/tensor.js';
import { isHalf, widened } from '../../../ops/half.js';

/**
 * The element type in which values of a type are computed: operators have no arithmetic of 16-bit floats, so it runs in
 * 32-bit ones, which hold every value of them. Results are more precise than the model's own.
 */
export const singleType = (dtype: DType): DType => (isHalf(dtype) ? 'f32' : dtype);

/** A constant in the type in which it is computed with. */
export function singleConstant(constant: Constant): Constant {
  if (!isHalf(constant.dtype)) return constant;
  return Constant.lazy('f32', constant.shape, () => widened(constant.tensor()).data);
}
