import { ModelError } from '../errors.js';
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
import { eachBroadcastRun } from './broadcast.js';
import type { OutputType } from './define.js';
import { inFloat32 } from './half.js';
import { broadcastShapes, invalid } from './shapes.js';

/** The same function of two numbers for elements that are numbers and for 64-bit integers. */
export interface BinaryFunction {
  /** Of floats, and of integers up to 32 bits unless `integers` is there; the result is stored as the output's type. */
  readonly numbers: (a: number, b: number) => number;
  readonly integers?: (a: number, b: number) => number;
  readonly bigints: (a: bigint, b: bigint) => bigint;
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

/** A binary kernel with broadcasting; 16-bit floats and quantized integers are computed in float32. */
export function binaryKernel(operation: BinaryFunction, a: Tensor, b: Tensor, type: OutputType): Tensor {
  const shape = broadcastShapes(a.shape, b.shape) as Shape;
  const [result] = inFloat32([a, b], [{ ...typeOnly(type), shape }], ([x, y], [wide]) => [
    computeBinary(operation, x as Tensor, y as Tensor, wide as Tensor),
  ]);
  return result as Tensor;
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
  const [result] = inFloat32([a, b], [{ dtype: 'bool', shape }], ([x, y]) => {
    const out = new Uint8Array(elementCount(shape));
    const [p, q] = [x as Tensor, y as Tensor].map(comparable) as [readonly number[], readonly number[]];
    eachBroadcastRun(shape, [a.shape, b.shape], (at, [i = 0, j = 0], count, [s = 0, t = 0]) => {
      for (let k = 0; k < count; k++) out[at + k] = holds(p[i + k * s] as number, q[j + k * t] as number) ? 1 : 0;
    });
    return [{ dtype: 'bool', shape, data: out }];
  });
  return result as Tensor;
}

function comparable({ dtype, data }: Tensor): unknown {
  if (dtype !== 'string') return data;
  return (data as readonly Uint8Array[]).map((bytes) => Array.from(bytes, (b) => String.fromCharCode(b)).join(''));
}

/** A function of every element. 64-bit integers go through `bigints`, or through numbers when there is none. */
export function unaryKernel(
  x: Tensor,
  type: OutputType,
  numbers: (x: number) => number,
  bigints: (x: bigint) => bigint = (b) => toBigint(numbers(Number(b))),
): Tensor {
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

/** A divisor that integers accept. @throws {ModelError} `invalid-data` for zero. */
export function divisor<T extends number | bigint>(x: T): T {
  if (Number(x) === 0) throw new ModelError('invalid-data', 'an integer is divided by zero');
  return x;
}
