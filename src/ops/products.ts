import { allocate, elementCount, isFloat, type NumericArray, type Shape, type Tensor } from '../ir/tensor.js';
import { fixedFactor, multiplyByFactor, multiplyWideByFactor } from '../numerics/fixed-point.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { applyActivation } from './activation.js';
import type { OutputType } from './define.js';
import { floats, floatTensor, optionalFloats } from './floats.js';
import { quantizeRows } from './hybrid-rows.js';
import { type Affine, activationRange, affineOf, centered } from './integers.js';

/** The elements that a convolution or matrix product multiplies, and what it makes of their sums. */
export interface Products {
  /** Elements of the input, less its zero point when they are integers. */
  readonly x: ArrayLike<number>;
  /** Elements of the weights. */
  readonly w: ArrayLike<number>;
  /** The result from `Σ x w` of an output channel; `unit` says which image or row the input's elements are of. */
  finish(sum: number, channel: number, unit: number): number;
  /** Room for the results. */
  readonly out: NumericArray;
  /** The output tensor, once all results are there. */
  tensor(): Tensor;
}

export interface ProductOperands {
  readonly input: Tensor;
  readonly weights: Tensor;
  readonly bias?: Tensor | undefined;
  readonly type: OutputType;
  /** The output's shape where `type` does not say it. */
  readonly shape?: Shape;
  readonly activation: ActivationFunctionType | number;
  readonly rules: ProductRules;
}

/** Where the operators' integer and hybrid kernels differ. */
export interface ProductRules {
  /** How many elements of a float input are quantized together for integer weights: those of an image, or of a row. */
  readonly unit: number;
  /** They are quantized without zero point. */
  readonly isSymmetric: boolean;
  /** Integer sums become results by a real factor, not by a fixed-point one. */
  readonly isRealFactor?: boolean;
  /** Sums of 16-bit integers have 64 bits, and so a factor of 15 bits. */
  readonly isWide?: boolean;
}

/**
 * How a kernel of products computes with operands of these types: floats, integers, or float inputs with integer weights.
 *
 * - floats: `sum + bias`
 * - integers: `clamp(round((sum + bias) * m) + zeroPoint)`, `m = input scale * weight scale / output scale`
 * - hybrid: `sum * input scale * weight scale + bias` with the input quantized at run time
 *
 * Source: TFLite 8-bit quantization specification; TFLite reference kernels.
 */
export function products(operands: ProductOperands): Products {
  const { input, weights, type } = operands;
  const x = affineOf(input);
  const to = affineOf(type);
  if (!isFloat(weights.dtype) && weights.quantization && weights.quantization.scale.length > 0) {
    if (x && to) return integerProducts(operands, x, to);
    if (isFloat(input.dtype)) return hybridProducts(operands);
  }
  return floatProducts(operands);
}

function floatProducts({ input, weights, bias, type, shape, activation }: ProductOperands): Products {
  const b = optionalFloats(bias);
  const out = new Float32Array(elementCount(shape ?? type.shape ?? []));
  return {
    x: floats(input),
    w: floats(weights),
    out,
    finish: b ? (sum, channel) => sum + b[channel]! : (sum) => sum,
    tensor: () => floatTensor(type, applyActivation(out, activation), shape),
  };
}

function integerProducts(operands: ProductOperands, from: Affine, to: Affine): Products {
  const { input, weights, bias, type, activation, rules } = operands;
  const shape = operands.shape ?? type.shape ?? [];
  const factors = Float64Array.from(weights.quantization?.scale ?? [], (scale) => (from.scale * scale) / to.scale);
  const [low, high] = activationRange(to, activation);
  const rescale = rescaler(factors, rules);
  const b = bias && Float64Array.from(bias.data as ArrayLike<number | bigint>, Number);
  const out = allocate(to.dtype, elementCount(shape)) as Int8Array;
  return {
    x: centered(input),
    w: centered(weights),
    out,
    finish: (sum, channel) => clamp(rescale(sum + (b?.[channel] ?? 0), channel) + to.zeroPoint, low, high),
    tensor: () => ({ dtype: to.dtype, shape, data: out, quantization: type.quantization }),
  };
}

function rescaler(factors: Float64Array, { isRealFactor, isWide }: ProductRules) {
  const index = factors.length === 1 ? () => 0 : (channel: number) => channel;
  if (isRealFactor) return (sum: number, channel: number) => roundHalfAway(sum * factors[index(channel)]!);
  const fixed = Array.from(factors, fixedFactor);
  const multiply = isWide ? multiplyWideByFactor : multiplyByFactor;
  return (sum: number, channel: number) => multiply(sum, fixed[index(channel)]!);
}

function hybridProducts({ input, weights, bias, type, shape, activation, rules }: ProductOperands): Products {
  const { centered: x, scales } = quantizeRows(floats(input), rules.unit, rules.isSymmetric);
  const { scale = new Float32Array() } = weights.quantization ?? {};
  const b = optionalFloats(bias);
  const out = new Float32Array(elementCount(shape ?? type.shape ?? []));
  return {
    x,
    w: centered(weights),
    out,
    finish(sum, channel, unit) {
      const factor = Math.fround(scales[unit]! * (scale.length === 1 ? scale[0]! : scale[channel]!));
      return Math.fround(sum * factor) + (b?.[channel] ?? 0);
    },
    tensor: () => floatTensor(type, applyActivation(out, activation), shape),
  };
}
