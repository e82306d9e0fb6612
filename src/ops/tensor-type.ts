import type { DType } from '../ir/tensor.js';
import type { TensorType } from '../schema/tflite.gen.js';
import { invalid } from './shapes.js';

const DTYPES: Readonly<Record<TensorType, DType>> = {
  FLOAT32: 'f32',
  FLOAT16: 'f16',
  INT32: 'i32',
  UINT8: 'u8',
  INT64: 'i64',
  STRING: 'string',
  BOOL: 'bool',
  INT16: 'i16',
  COMPLEX64: 'c64',
  INT8: 'i8',
  FLOAT64: 'f64',
  COMPLEX128: 'c128',
  UINT64: 'u64',
  RESOURCE: 'resource',
  VARIANT: 'variant',
  UINT32: 'u32',
  UINT16: 'u16',
  INT4: 'i4',
  BFLOAT16: 'bf16',
  INT2: 'i2',
  UINT4: 'u4',
  FLOAT8_E4M3FN: 'f8e4m3',
  FLOAT8_E5M2: 'f8e5m2',
};

const TYPES: ReadonlyMap<DType, TensorType> = new Map(
  Object.entries(DTYPES).map(([type, dtype]) => [dtype, type as TensorType]),
);

/** The element type that an option of the schema names. @throws {ModelError} `invalid-graph` for a number it does not know. */
export function dtypeOf(type: TensorType | number): DType {
  const dtype = typeof type === 'number' ? undefined : DTYPES[type];
  if (!dtype) throw invalid(`expected a tensor type, got ${type}`);
  return dtype;
}

/** The schema's name of an element type. */
export const tensorTypeOf = (dtype: DType): TensorType => TYPES.get(dtype) as TensorType;
