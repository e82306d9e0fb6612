import { type DType, dtypes } from '../../ir/tensor.js';
import { tensorTypeOf } from '../../ops/tensor-type.js';
import type { TensorType } from '../../schema/tflite.gen.js';

/** TFLite's element types by our names. */
export const tensorTypes = Object.fromEntries(dtypes.map((d) => [d, tensorTypeOf(d)])) as Readonly<
  Record<DType, TensorType>
>;

/** Our element types by TFLite's names. */
export const dtypeOf: Readonly<Record<string, DType>> = Object.fromEntries(
  Object.entries(tensorTypes).map(([dtype, type]) => [type, dtype as DType]),
);
