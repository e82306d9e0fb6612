import type { ValueType } from '../ir/graph.js';
import { type DType, isFloat, type Quantization, type Tensor } from '../ir/tensor.js';
import { bfloat16FromFloat32, float32FromBfloat16 } from '../numerics/bfloat16.js';
import { float16FromFloat32, float32FromFloat16 } from '../numerics/float16.js';
import type { OutputType } from './define.js';
import { floats } from './floats.js';
import { quantize } from './quantize.js';

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

/** True for integers that stand for real numbers. */
const isQuantized = ({
  dtype,
  quantization,
}: ValueType & { readonly quantization?: Quantization | undefined }): boolean =>
  !isFloat(dtype) && (quantization?.scale.length ?? 0) > 0;

/**
 * Runs a kernel on 16-bit floats, and on integers that stand for real numbers, in float32: the inputs are widened or
 * dequantized, and the outputs rounded to their types. Of operators that the runtime has no integer kernel for, this is
 * what their quantized form means. Other types go through unchanged.
 */
export function inFloat32(
  inputs: readonly Tensor[],
  types: readonly OutputType[],
  run: (inputs: readonly Tensor[], types: readonly OutputType[]) => readonly Tensor[],
): readonly Tensor[] {
  if (!inputs.some((t) => isHalf(t.dtype) || isQuantized(t))) return run(inputs, types);
  const wide = types.map((t) => (isHalf(t.dtype) || isQuantized(t) ? { shape: t.shape, dtype: 'f32' as const } : t));
  const real = inputs.map(
    (t): Tensor => (isQuantized(t) ? { dtype: 'f32', shape: t.shape, data: floats(t) } : widened(t)),
  );
  return run(real, wide).map((t, i) => {
    const type = types[i] ?? t;
    return isQuantized(type) ? (quantize.reference?.([t], [type], {})[0] as Tensor) : narrowed(t, type.dtype);
  });
}
