import { ModelError } from '../errors.js';
import type { ValueType } from '../ir/graph.js';
import { elementCount, type Tensor } from '../ir/tensor.js';
import { bfloat16FromFloat32, float32FromBfloat16 } from '../numerics/bfloat16.js';
import { float8e4m3Value, float8e5m2Value } from '../numerics/float8.js';
import { float16FromFloat32, float32FromFloat16 } from '../numerics/float16.js';

/**
 * The elements as float32 numbers; integers are dequantized: `scale * (q - zeroPoint)`. May be the tensor's own array.
 * @throws {ModelError} `unsupported` for integers without quantization and for other types.
 */
export function floats(tensor: Tensor): Float32Array {
  const { dtype, data, quantization } = tensor;
  if (dtype === 'f32') return data as Float32Array;
  if (dtype === 'f16') return float32FromFloat16(data as Uint16Array);
  if (dtype === 'bf16') return float32FromBfloat16(data as Uint16Array);
  if (dtype === 'f64') return Float32Array.from(data as Float64Array);
  if (dtype === 'f8e4m3') return Float32Array.from(data as Uint8Array, float8e4m3Value);
  if (dtype === 'f8e5m2') return Float32Array.from(data as Uint8Array, float8e5m2Value);
  if (quantization && quantization.scale.length > 0) return dequantize(tensor);
  throw new ModelError('unsupported', `the float kernel expects float or quantized elements, got ${dtype}`);
}

/** The elements of an optional input, or undefined. @throws like {@link floats}. */
export const optionalFloats = (tensor: Tensor | undefined): Float32Array | undefined => tensor && floats(tensor);

function dequantize({ shape, data, quantization }: Tensor): Float32Array {
  const { scale = new Float32Array(), zeroPoint = [], axis = 0 } = quantization ?? {};
  const source = data as ArrayLike<number | bigint>;
  const out = new Float32Array(source.length);
  const channels = scale.length;
  const inner = channels === 1 ? source.length : elementCount(shape.slice(axis + 1));
  for (let i = 0; i < out.length; )
    for (let channel = 0; channel < channels; channel++) {
      const factor = scale[channel] as number;
      const zero = zeroPoint[channel] ?? 0;
      const end = i + inner;
      for (; i < end; i++) out[i] = factor * (Number(source[i]) - zero);
    }
  return out;
}

/** Room for an output of a float kernel; its shape must be static. */
export const allocateFloats = (type: ValueType): Float32Array => new Float32Array(elementCount(type.shape ?? []));

/**
 * A tensor of that type from float32 numbers, rounded where the type is narrower.
 * @throws {ModelError} `unsupported` for types that are not float.
 */
export function floatTensor(type: ValueType, values: Float32Array, shape = type.shape ?? []): Tensor {
  const { dtype } = type;
  if (dtype === 'f32') return { dtype, shape, data: values };
  if (dtype === 'f16') return { dtype, shape, data: float16FromFloat32(values) };
  if (dtype === 'bf16') return { dtype, shape, data: bfloat16FromFloat32(values) };
  if (dtype === 'f64') return { dtype, shape, data: Float64Array.from(values) };
  throw new ModelError('unsupported', `the float kernel gives float elements, ${dtype} was asked for`);
}
