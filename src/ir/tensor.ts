import { assert, ModelError } from '../errors.js';

/** Element types. `q` types of TFLite are the plain type with a `Quantization` on the value. */
export type DType =
  | 'f32' | 'f16' | 'bf16' | 'f64' | 'f8e4m3' | 'f8e5m2'
  | 'i2' | 'i4' | 'u4' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64'
  | 'bool' | 'string' | 'c64' | 'c128' | 'resource' | 'variant'; // biome-ignore format: a table

/** Sizes of the axes; `-1` is an unknown size. */
export type Shape = readonly number[];

/**
 * Elements in memory, row-major. `f16` and `bf16` hold their bits; `bool` is 0 or 1; `i2`, `i4`, `u4` are unpacked, one
 * element a byte; complex types hold (re, im) pairs; strings are one `Uint8Array` an element.
 */
export type TensorData =
  | Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array
  | BigInt64Array | BigUint64Array | readonly Uint8Array[]; // biome-ignore format: a table

export type NumericArray = Exclude<TensorData, BigInt64Array | BigUint64Array | readonly Uint8Array[]>;

/** Affine quantization: `real = scale * (q - zeroPoint)`; one scale for all, or one for each index of `axis`. */
export interface Quantization {
  readonly scale: Float32Array;
  readonly zeroPoint: readonly number[];
  readonly axis: number;
  /** Whatever else a format stores beside it (calibration range, block scales), kept verbatim. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A tensor with all its elements: a static shape and `elementCount(shape)` elements. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
  /** What its integers stand for; absent when they stand for themselves. */
  readonly quantization?: Quantization | undefined;
}

type ArrayConstructor = new (length: number) => Exclude<TensorData, readonly Uint8Array[]>;

interface DTypeFacts {
  /** Bits of one element in a file; 0 when elements vary in size or have none. */
  readonly bits: number;
  readonly array?: ArrayConstructor;
}

const FACTS: Readonly<Record<DType, DTypeFacts>> = {
  f32: { bits: 32, array: Float32Array },
  f16: { bits: 16, array: Uint16Array },
  bf16: { bits: 16, array: Uint16Array },
  f64: { bits: 64, array: Float64Array },
  f8e4m3: { bits: 8, array: Uint8Array },
  f8e5m2: { bits: 8, array: Uint8Array },
  i2: { bits: 2, array: Int8Array },
  i4: { bits: 4, array: Int8Array },
  u4: { bits: 4, array: Uint8Array },
  i8: { bits: 8, array: Int8Array },
  u8: { bits: 8, array: Uint8Array },
  i16: { bits: 16, array: Int16Array },
  u16: { bits: 16, array: Uint16Array },
  i32: { bits: 32, array: Int32Array },
  u32: { bits: 32, array: Uint32Array },
  i64: { bits: 64, array: BigInt64Array },
  u64: { bits: 64, array: BigUint64Array },
  bool: { bits: 8, array: Uint8Array },
  c64: { bits: 64, array: Float32Array },
  c128: { bits: 128, array: Float64Array },
  string: { bits: 0 },
  resource: { bits: 0 },
  variant: { bits: 0 },
};

export const dtypes = Object.keys(FACTS) as readonly DType[];

/** Bits of one element as stored in a file; 0 for strings, resources and variants. */
export const bitsOf = (dtype: DType): number => FACTS[dtype].bits;

export const isFloat = (dtype: DType): boolean =>
  dtype === 'f32' || dtype === 'f16' || dtype === 'bf16' || dtype === 'f64';
export const isComplex = (dtype: DType): boolean => dtype === 'c64' || dtype === 'c128';
export const isStatic = (shape: Shape | undefined): shape is Shape => shape?.every((d) => d >= 0) ?? false;

/** Least and greatest numbers of the integer types that arrays of numbers hold. */
export const integerLimits: Partial<Readonly<Record<DType, readonly [number, number]>>> = {
  i2: [-2, 1],
  i4: [-8, 7],
  u4: [0, 15],
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  u16: [0, 65535],
  i32: [-2147483648, 2147483647],
  u32: [0, 4294967295],
};

/** Product of the sizes; 1 for a scalar. The shape must be static. */
export function elementCount(shape: Shape): number {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
}

/** Bytes of a tensor as stored in a file (sub-byte types packed). Not defined for strings. */
export const byteLength = (dtype: DType, shape: Shape): number => Math.ceil((elementCount(shape) * bitsOf(dtype)) / 8);

/** Most bytes of one tensor in memory: no runtime could hold more. */
const MOST_BYTES = 2 ** 32;

/**
 * Zeroed elements for a tensor of that type.
 * @throws {ModelError} `invalid-data` for types without a fixed size, `unsupported` for more elements than memory has.
 */
export function allocate(dtype: DType, count: number): Exclude<TensorData, readonly Uint8Array[]> {
  const { array } = FACTS[dtype];
  if (!array) throw new ModelError('invalid-data', `no plain array holds ${dtype} elements`);
  if (!(count >= 0))
    throw new ModelError(
      'invalid-data',
      'expected operands that say how many elements there are. They may be damaged.',
    );
  if ((count * bitsOf(dtype)) / 8 > MOST_BYTES)
    throw new ModelError('unsupported', `expected a tensor of at most 4 GB, got ${count} elements of ${dtype}`);
  return new array(isComplex(dtype) ? count * 2 : count);
}

/** The elements that little-endian bytes of a file stand for; a view where alignment allows. Sub-byte types unpack. */
export function dataFromBytes(dtype: DType, shape: Shape, bytes: Uint8Array): TensorData {
  const count = elementCount(shape);
  const { array, bits } = FACTS[dtype];
  assert(array, `${dtype} has no plain bytes`);
  assert(bytes.byteLength >= byteLength(dtype, shape), `${dtype} [${shape}] needs more than ${bytes.byteLength} bytes`);
  if (bits < 8) return unpack(dtype, count, bytes);
  const length = isComplex(dtype) ? count * 2 : count;
  const size = (array as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
  const View = array as unknown as new (buffer: ArrayBufferLike, offset: number, length: number) => TensorData;
  if (bytes.byteOffset % size === 0) return new View(bytes.buffer, bytes.byteOffset, length);
  const copy = new Uint8Array(bytes.subarray(0, length * size)); // `slice` of a Node Buffer would not copy
  return new View(copy.buffer, 0, length);
}

function unpack(dtype: DType, count: number, bytes: Uint8Array): TensorData {
  const bits = bitsOf(dtype);
  const out = allocate(dtype, count) as Int8Array | Uint8Array;
  const per = 8 / bits;
  const shift = 32 - bits;
  for (let i = 0; i < count; i++) {
    const field = (bytes[Math.floor(i / per)] as number) >> ((i % per) * bits);
    out[i] = dtype === 'u4' ? field & 15 : (field << shift) >> shift;
  }
  return out;
}

/** The little-endian bytes of elements, as a file stores them; a view where possible. Sub-byte types are packed. */
export function bytesOfData(dtype: DType, data: TensorData): Uint8Array {
  assert(ArrayBuffer.isView(data), 'string tensors have no plain bytes');
  const bits = bitsOf(dtype);
  if (bits >= 8) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const per = 8 / bits;
  const mask = (1 << bits) - 1;
  const elements = data as Int8Array;
  const out = new Uint8Array(Math.ceil(elements.length / per));
  for (let i = 0; i < elements.length; i++) {
    const at = Math.floor(i / per);
    out[at] = (out[at] as number) | (((elements[i] as number) & mask) << ((i % per) * bits));
  }
  return out;
}
