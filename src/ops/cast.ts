import {
  allocate,
  type DType,
  elementCount,
  integerLimits,
  isComplex,
  isFloat,
  type NumericArray,
  type Tensor,
} from '../ir/tensor.js';
import { clamp } from '../numerics/round.js';
import { defineOp, type VersionFacts } from './define.js';
import { computedElements } from './elements.js';
import { isHalf, narrowed, widened } from './half.js';
import { invalid } from './shapes.js';
import { dtypeOf, tensorTypeOf } from './tensor-type.js';

/**
 * The elements in the type `outDataType`. Floats become integers by dropping the fraction, and numbers beyond the integer
 * type become its nearest; integers that are too wide wrap around. Anything but zero is true; complex numbers lose their
 * imaginary part.
 */
export const cast = defineOp({
  name: 'CAST',
  inputs: ['input'],
  outputs: ['output'],
  version: castVersion,
  implied: ([x], [y]) => ({
    ...(x ? { inDataType: tensorTypeOf(x.dtype) } : {}),
    ...(y ? { outDataType: tensorTypeOf(y.dtype) } : {}),
  }),

  infer({ input }, { outDataType }) {
    const to = dtypeOf(outDataType);
    for (const dtype of [input.dtype, to]) if (!hasNumbers(dtype)) throw invalid(`a cast knows no numbers of ${dtype}`);
    return [{ dtype: to, shape: input.shape }];
  },

  elements({ input }, { outDataType }) {
    const to = dtypeOf(outDataType);
    if (isFloat(to) || to === 'bool') return computedElements([input], to, (x) => x);
    const [low, high] = (isFloat(input.dtype) && integerLimits[to]) || [-Infinity, Infinity];
    return computedElements([input], to, (x) => Math.trunc(clamp(x, low, high)));
  },

  reference: ({ inputs: { input }, options: { outDataType } }) => [castTensor(input, dtypeOf(outDataType))],
});

const hasNumbers = (dtype: DType): boolean => dtype !== 'string' && dtype !== 'resource' && dtype !== 'variant';

/** The elements of a tensor in another type, as {@link cast} gives them. */
export function castTensor(input: Tensor, to: DType): Tensor {
  if (input.dtype === to) return input;
  const real = isComplex(input.dtype) ? realPart(input) : widened(input);
  if (isHalf(to)) return narrowed(castTensor(real, 'f32'), to);
  const { dtype, shape } = input;
  const out = allocate(to, elementCount(shape));
  if (isComplex(to)) {
    const from = castTensor(real, 'f64').data as Float64Array;
    for (let i = 0; i < from.length; i++) out[2 * i] = from[i] as number;
  } else if (out instanceof BigInt64Array || out instanceof BigUint64Array) toBigints(real, out, isFloat(dtype));
  else toNumbers(real, out, to);
  return { dtype: to, shape, data: out };
}

function realPart({ dtype, shape, data }: Tensor): Tensor {
  const all = data as Float32Array;
  const to = dtype === 'c64' ? 'f32' : 'f64';
  return { dtype: to, shape, data: all.filter((_, i) => i % 2 === 0) };
}

function toBigints({ data }: Tensor, out: BigInt64Array | BigUint64Array, isFromFloat: boolean): void {
  const [low, high] = out instanceof BigInt64Array ? [-(2n ** 63n), 2n ** 63n - 1n] : [0n, 2n ** 64n - 1n];
  for (let i = 0; i < out.length; i++) {
    const x = data[i] as number | bigint;
    if (typeof x === 'bigint') out[i] = x;
    else if (!isFromFloat) out[i] = BigInt(x);
    else if (Number.isNaN(x)) out[i] = 0n;
    else if (x >= Number(high)) out[i] = high;
    else out[i] = x <= Number(low) ? low : BigInt(Math.trunc(x));
  }
}

function toNumbers({ dtype, data }: Tensor, out: NumericArray, to: DType): void {
  const limits = integerLimits[to];
  const from = data as unknown as readonly (number | bigint)[];
  if (to === 'bool') for (let i = 0; i < out.length; i++) out[i] = Number(from[i]) === 0 ? 0 : 1;
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    for (let i = 0; i < out.length; i++) out[i] = narrowInteger(data[i] as bigint, limits);
  else if (limits && isFloat(dtype)) {
    const [low, high] = limits;
    for (let i = 0; i < out.length; i++) {
      const x = from[i] as number;
      out[i] = x <= low ? low : x >= high ? high : Math.trunc(x);
    }
  } else if (limits && BITS[to]) {
    // Arrays of bytes do not wrap 4-bit and 2-bit numbers around themselves.
    const shift = 32 - (BITS[to] as number);
    for (let i = 0; i < out.length; i++) {
      const bits = (from[i] as number) << shift;
      out[i] = to === 'u4' ? bits >>> shift : bits >> shift;
    }
  } else (out as Float32Array).set(from as readonly number[]);
}

/** The low bits for integers, the nearest number for floats. */
function narrowInteger(x: bigint, limits: readonly [number, number] | undefined): number {
  if (!limits) return Number(x);
  const bits = Math.round(Math.log2(limits[1] - limits[0] + 1));
  return Number(limits[0] < 0 ? BigInt.asIntN(bits, x) : BigInt.asUintN(bits, x));
}

const BITS: Partial<Readonly<Record<DType, number>>> = { i2: 2, i4: 4, u4: 4 };

function castVersion({ inputs: [x], outputs: [y] }: VersionFacts): number {
  const has = (...types: readonly DType[]) => types.some((t) => x?.dtype === t || y?.dtype === t);
  if (has('f8e4m3', 'f8e5m2')) return 9;
  if (has('i2', 'u4')) return 8;
  if (has('bf16')) return 7;
  if (x?.dtype === 'i4' && y?.dtype === 'f32') return 6;
  if (has('f64', 'f16')) return 5;
  if (has('u16')) return 4;
  if (has('i8')) return 3;
  return has('u32') ? 2 : 1;
}
