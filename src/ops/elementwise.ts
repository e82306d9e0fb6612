import type { ValueType } from '../ir/graph.js';
import {
  allocate,
  type DType,
  elementCount,
  isComplex,
  isFloat,
  type NumericArray,
  type Shape,
  type Tensor,
} from '../ir/tensor.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { eachBroadcastRun } from './broadcast.js';
import type { OutputType } from './define.js';
import { inFloat32 } from './half.js';
import { comparableIntegers, type QuantizedBinary } from './integer-arithmetic.js';
import type { QuantizedUnary } from './integer-functions.js';
import { type Affine, activationRange, affinesOf } from './integers.js';
import { broadcastShapes, invalid } from './shapes.js';

/** The same function of two numbers for elements that are numbers and for 64-bit integers. */
export interface BinaryFunction {
  /** Of floats, and of integers up to 32 bits unless `integers` is there; the result is stored as the output's type. */
  readonly numbers: (a: number, b: number) => number;
  readonly integers?: (a: number, b: number) => number;
  readonly bigints: (a: bigint, b: bigint) => bigint;
  /** Of 8- and 16-bit integers that stand for real numbers. */
  readonly quantized?: QuantizedBinary;
}

/** True for 64-bit integers, whose elements are bigints. */
export const isBig = (dtype: DType): boolean => dtype === 'i64' || dtype === 'u64';

/** True for types whose elements are numbers or 64-bit integers with an order. */
export const isReal = (dtype: DType): boolean =>
  !isComplex(dtype) && dtype !== 'string' && dtype !== 'resource' && dtype !== 'variant';

/** @throws {ModelError} `invalid-graph` unless the operands have one type, and it is numeric (real when `real`). */
export function requireOperands(operands: readonly ValueType[], real = true): DType {
  const dtype = operands[0]?.dtype as DType;
  const other = operands.find((o) => o.dtype !== dtype);
  if (other) throw invalid(`operands should have one type, got ${dtype} and ${other.dtype}`);
  if (!isReal(dtype) && (real || !isComplex(dtype))) throw invalid(`operands should be numbers, got ${dtype}`);
  return dtype;
}

/**
 * A binary kernel with broadcasting; 16-bit floats, and quantized integers without a rule of their own, are computed in
 * float32. `call` is what a rule of quantized integers wants to know.
 */
export function binaryKernel(
  operation: BinaryFunction,
  a: Tensor,
  b: Tensor,
  type: OutputType,
  call: CallOptions = {},
): Tensor {
  const shape = broadcastShapes(a.shape, b.shape) as Shape;
  const meanings = operation.quantized && affinesOf([a, b, type]);
  if (operation.quantized && meanings) {
    const [x, y, to] = meanings as [Affine, Affine, Affine];
    const range = activationRange(to, call.activation ?? 'NONE');
    const data = allocate(to.dtype, elementCount(shape)) as Int8Array;
    runBinary(operation.quantized(x, y, to, { ...call, range }), a, b, data, shape);
    return { dtype: to.dtype, shape, data, quantization: type.quantization };
  }
  const [result] = inFloat32([a, b], [{ ...typeOnly(type), shape }], ([x, y], [wide]) => [
    computeBinary(operation, x as Tensor, y as Tensor, wide as Tensor),
  ]);
  return result as Tensor;
}

interface CallOptions {
  readonly activation?: ActivationFunctionType | number;
  readonly potScaleInt16?: boolean;
}

function computeBinary(operation: BinaryFunction, a: Tensor, b: Tensor, { dtype, shape }: Tensor): Tensor {
  const data = allocate(dtype, elementCount(shape));
  if (isBig(a.dtype)) runBinary(operation.bigints, a, b, data as BigInt64Array, shape);
  else {
    const compute = isFloat(a.dtype) ? operation.numbers : (operation.integers ?? operation.numbers);
    runBinary(compute, a, b, data as NumericArray, shape);
  }
  return { dtype, shape, data };
}

function runBinary<T extends number | bigint>(
  compute: (a: T, b: T) => T,
  a: Tensor,
  b: Tensor,
  out: { [index: number]: T },
  shape: Shape,
): void {
  const x = a.data as unknown as readonly T[];
  const y = b.data as unknown as readonly T[];
  eachBroadcastRun(shape, [a.shape, b.shape], (at, [i = 0, j = 0], count, [p = 0, q = 0]) => {
    for (let k = 0; k < count; k++) out[at + k] = compute(x[i + k * p] as T, y[j + k * q] as T);
  });
}

const typeOnly = ({ dtype, quantization }: OutputType) => ({ dtype, quantization });

/** A yes-or-no question of two elements, with broadcasting. Strings are compared as texts of their bytes. */
export function comparisonKernel(
  holds: <T extends number | bigint | string>(a: T, b: T) => boolean,
  a: Tensor,
  b: Tensor,
): Tensor {
  const shape = broadcastShapes(a.shape, b.shape) as Shape;
  const meanings = affinesOf([a, b]);
  const operands = [a, b].map((t, i) => (meanings ? ordered(t, meanings[i] as Affine) : t));
  const [result] = inFloat32(operands, [{ dtype: 'bool', shape }], ([x, y]) => {
    const out = new Uint8Array(elementCount(shape));
    const [p, q] = [x as Tensor, y as Tensor].map(comparable) as [readonly number[], readonly number[]];
    eachBroadcastRun(shape, [a.shape, b.shape], (at, [i = 0, j = 0], count, [s = 0, t = 0]) => {
      for (let k = 0; k < count; k++) out[at + k] = holds(p[i + k * s] as number, q[j + k * t] as number) ? 1 : 0;
    });
    return [{ dtype: 'bool', shape, data: out }];
  });
  return result as Tensor;
}

/** Quantized integers brought to a common scale. */
const ordered = ({ shape, data }: Tensor, meaning: Affine): Tensor => ({
  dtype: 'i32',
  shape,
  data: comparableIntegers(data as Int8Array, meaning),
});

function comparable({ dtype, data }: Tensor): unknown {
  if (dtype !== 'string') return data;
  return (data as readonly Uint8Array[]).map((bytes) => Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
}

/**
 * A function of every element. 64-bit integers go through `bigints`, or through numbers when there is none; quantized
 * integers through `quantized`, or through float32.
 */
export function unaryKernel(
  x: Tensor,
  type: OutputType,
  numbers: (x: number) => number,
  bigints: (x: bigint) => bigint = (b) => toBigint(numbers(Number(b))),
  quantized?: QuantizedUnary,
): Tensor {
  const meanings = quantized && affinesOf([x, type]);
  if (quantized && meanings) {
    const [from, to] = meanings as [Affine, Affine];
    const data = allocate(to.dtype, x.data.length) as Int8Array;
    const compute = quantized(from, to);
    for (let i = 0; i < data.length; i++) data[i] = compute((x.data as Int8Array)[i] as number);
    return { dtype: to.dtype, shape: x.shape, data, quantization: type.quantization };
  }
  const [result] = inFloat32([x], [{ ...typeOnly(type), shape: x.shape }], ([wide], [to]) => [
    computeUnary(wide as Tensor, to?.dtype as DType, numbers, bigints),
  ]);
  return result as Tensor;
}

function computeUnary(x: Tensor, dtype: DType, numbers: (x: number) => number, bigints: (x: bigint) => bigint): Tensor {
  const data = allocate(dtype, elementCount(x.shape));
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const from = x.data as BigInt64Array;
    for (let i = 0; i < data.length; i++) data[i] = bigints(from[i] as bigint);
  } else {
    const from = x.data as NumericArray;
    for (let i = 0; i < data.length; i++) data[i] = numbers(from[i] as number);
  }
  return { dtype, shape: x.shape, data };
}

const toBigint = (x: number): bigint => (Number.isFinite(x) ? BigInt(Math.trunc(x)) : 0n);

/** The type of an elementwise result. */
export const broadcastType = (dtype: DType, operands: readonly ValueType[]): ValueType => ({
  dtype,
  shape: operands.reduce<Shape | undefined>((shape, o) => broadcastShapes(shape, o.shape), []),
});

/** The greater of two 64-bit integers. */
export const greaterBigint = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** The lesser of two 64-bit integers. */
export const lesserBigint = (a: bigint, b: bigint): bigint => (a < b ? a : b);
