import type { ValueType } from '../ir/graph.js';
import type { DType, Tensor } from '../ir/tensor.js';
import { bfloat16FromFloat32, float32FromBfloat16 } from '../numerics/bfloat16.js';
import { float16FromFloat32, float32FromFloat16 } from '../numerics/float16.js';

/** True for the 16-bit floats, whose elements are held as bits. */
export const isHalf = (dtype: DType): boolean => dtype === 'f16' || dtype === 'bf16';

/** A 16-bit float tensor as float32 (exact); any other tensor as it is. */
export function widened(tensor: Tensor): Tensor {
  if (!isHalf(tensor.dtype)) return tensor;
  const convert = tensor.dtype === 'f16' ? float32FromFloat16 : float32FromBfloat16;
  return { dtype: 'f32', shape: tensor.shape, data: convert(tensor.data as Uint16Array) };
}

/** A float32 tensor rounded to the 16-bit float type `dtype`; for any other type the tensor as it is. */
export function narrowed(tensor: Tensor, dtype: DType): Tensor {
  if (!isHalf(dtype)) return tensor;
  const convert = dtype === 'f16' ? float16FromFloat32 : bfloat16FromFloat32;
  return { dtype, shape: tensor.shape, data: convert(tensor.data as Float32Array) };
}

/**
 * Runs a kernel on 16-bit floats in float32: the inputs are widened, and outputs whose type is a 16-bit float are
 * rounded. Other types go through unchanged.
 */
export function inFloat32(
  inputs: readonly Tensor[],
  types: readonly ValueType[],
  run: (inputs: readonly Tensor[], types: readonly ValueType[]) => readonly Tensor[],
): readonly Tensor[] {
  if (!inputs.some((t) => isHalf(t.dtype))) return run(inputs, types);
  const wide = types.map((t) => (isHalf(t.dtype) ? { ...t, dtype: 'f32' as const } : t));
  return run(inputs.map(widened), wide).map((t, i) => narrowed(t, types[i]?.dtype ?? t.dtype));
}
