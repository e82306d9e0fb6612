import { assert, ModelError } from '../errors.js';
import { printShape } from '../ir/print.js';
import {
  allocate,
  type DType,
  integerLimits,
  isFloat,
  type Quantization,
  type Shape,
  type Tensor,
} from '../ir/tensor.js';
import { floats, floatTensor } from '../ops/floats.js';
import { quantize } from '../ops/quantize.js';

/** What an input wants. Unknown sizes are -1. */
export interface Wanted {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** It takes tensors of any rank. */
  readonly isUnranked?: boolean | undefined;
  readonly quantization?: Quantization | undefined;
}

/**
 * Makes a tensor fit an input: a missing leading axis of size 1 is added, float types are rounded to one another,
 * integers and booleans become any type that holds their values, and floats for a quantized input are quantized.
 * @throws {ModelError} `invalid-data` when the shape is another, a value does not fit, or floats meet plain integers.
 */
export function fitTensor(tensor: Tensor, wanted: Wanted, where: string): Tensor {
  return withType({ ...tensor, shape: fitShape(tensor.shape, wanted, where) }, wanted, where);
}

/** Whether a tensor of that shape can be `wanted`, where -1 takes any size. */
export const accepts = ({ shape: wanted, isUnranked }: Pick<Wanted, 'shape' | 'isUnranked'>, shape: Shape): boolean =>
  isUnranked || (wanted.length === shape.length && wanted.every((d, i) => d < 0 || d === shape[i]));

function fitShape(shape: Shape, wanted: Wanted, where: string): Shape {
  if (accepts(wanted, shape)) return shape;
  const batched = [1, ...shape];
  if (accepts(wanted, batched)) return batched;
  const remedy = wanted.shape.length === shape.length ? ` If the model can be resized, use --input-shape.` : '';
  throw new ModelError(
    'invalid-data',
    `input '${wanted.name}' expects ${printShape(wanted.shape)}, got ${printShape(shape)}.${remedy}`,
    { where },
  );
}

function withType(tensor: Tensor, { name, dtype, quantization }: Wanted, where: string): Tensor {
  if (tensor.dtype === dtype) return tensor;
  const { shape } = tensor;
  const isQuantized = (quantization?.scale.length ?? 0) > 0;
  if (isFloat(tensor.dtype) && isFloat(dtype)) return floatTensor({ dtype, shape }, floats(tensor));
  if (isFloat(tensor.dtype) && isQuantized && quantization) {
    const real: Tensor = { dtype: 'f32', shape, data: floats(tensor) };
    const [quantized] = quantize.reference?.([real], [{ dtype, shape, quantization }], {}) ?? [];
    assert(quantized, 'QUANTIZE gives a tensor');
    return quantized;
  }
  if (isWhole(tensor.dtype) && isFloat(dtype)) return floatTensor({ dtype, shape }, Float32Array.from(numbers(tensor)));
  if (isWhole(tensor.dtype) && isWhole(dtype)) return { dtype, shape, data: wholeNumbers(tensor, dtype, name, where) };
  throw new ModelError('invalid-data', `input '${name}' expects ${dtype}, got ${tensor.dtype}. Convert the array.`, {
    where,
  });
}

const isWhole = (dtype: DType): boolean => /^[iu]\d+$|^bool$/.test(dtype);

const numbers = ({ data }: Tensor): number[] => Array.from(data as ArrayLike<number | bigint>, Number);

function wholeNumbers(tensor: Tensor, dtype: DType, name: string, where: string): Tensor['data'] {
  const values = Array.from(tensor.data as ArrayLike<number | bigint>, BigInt);
  const [low, high] = dtype === 'bool' ? [0n, 1n] : limits(dtype);
  const bad = values.findIndex((v) => v < low || v > high);
  if (bad >= 0)
    throw new ModelError('invalid-data', `input '${name}' expects ${dtype}, element ${bad} is ${values[bad]}.`, {
      where,
    });
  const out = allocate(dtype, values.length);
  if (out instanceof BigInt64Array || out instanceof BigUint64Array) out.set(values);
  else out.set(values.map(Number));
  return out;
}

function limits(dtype: DType): readonly [bigint, bigint] {
  const known = integerLimits[dtype];
  if (known) return [BigInt(known[0]), BigInt(known[1])];
  return dtype === 'u64' ? [0n, 2n ** 64n - 1n] : [-(2n ** 63n), 2n ** 63n - 1n];
}
