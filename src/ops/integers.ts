import { type DType, integerLimits, type Quantization, type Tensor } from '../ir/tensor.js';
import { type FixedFactor, fixedFactor, multiplyByFactor } from '../numerics/fixed-point.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { activationBounds } from './activation.js';

/** What integers of a tensor stand for, and their limits: `real = scale * (q - zeroPoint)`, `low <= q <= high`. */
export interface Affine {
  readonly dtype: DType;
  readonly scale: number;
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

/** An element type with or without quantization. */
interface Quantizable {
  readonly dtype: DType;
  readonly quantization?: Quantization | undefined;
}

const ACTIVATIONS: ReadonlySet<DType> = new Set<DType>(['i8', 'u8', 'i16']);

/** The meaning of 8- and 16-bit integers with one scale; undefined for all other tensors. */
export function affineOf({ dtype, quantization }: Quantizable): Affine | undefined {
  const limits = integerLimits[dtype];
  const scale = quantization?.scale[0];
  if (!limits || !ACTIVATIONS.has(dtype) || quantization?.scale.length !== 1 || !scale) return undefined;
  return { dtype, scale, zeroPoint: quantization.zeroPoint[0] ?? 0, low: limits[0], high: limits[1] };
}

/** The meanings of all tensors, when they all have one. */
export function affinesOf(tensors: readonly Quantizable[]): Affine[] | undefined {
  const affines = tensors.map(affineOf);
  return affines.every((a) => a !== undefined) ? affines : undefined;
}

/** The type's limits with a fused activation: bounds are rounded to its steps in float32. */
export function activationRange(
  { low, high, scale, zeroPoint }: Affine,
  activation: ActivationFunctionType | number,
): readonly [number, number] {
  const [least, most] = activationBounds(activation) ?? [-Infinity, Infinity];
  const quantized = (x: number) => zeroPoint + roundHalfAway(Math.fround(x / scale));
  return [Math.max(low, quantized(least)), Math.min(high, quantized(most))];
}

/** Rescales an integer without zero point to the output's steps, and clamps it. */
export function requantizer(
  factor: number | FixedFactor,
  { zeroPoint, low, high }: Affine,
  [least, most]: readonly [number, number] = [low, high],
): (x: number) => number {
  const fixed = typeof factor === 'number' ? fixedFactor(factor) : factor;
  return (x) => clamp(multiplyByFactor(x, fixed) + zeroPoint, least, most);
}

/** The elements less the zero point; the tensor has one scale or one for each index of an axis without zero points. */
export function centered({ data, quantization }: Tensor): ArrayLike<number> {
  const zeroPoint = quantization?.zeroPoint[0] ?? 0;
  return zeroPoint === 0 ? (data as Int8Array) : Int32Array.from(data as Int8Array, (q) => q - zeroPoint);
}
