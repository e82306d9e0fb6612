import type { DType } from '../../ir/tensor.js';
import type { TensorType } from '../../schema/tflite.gen.js';

/** TFLite's element types by our names. */
export const tensorTypes: Readonly<Record<DType, TensorType>> = {
  f32: 'FLOAT32',
  f16: 'FLOAT16',
  bf16: 'BFLOAT16',
  f64: 'FLOAT64',
  f8e4m3: 'FLOAT8_E4M3FN',
  f8e5m2: 'FLOAT8_E5M2',
  i2: 'INT2',
  i4: 'INT4',
  u4: 'UINT4',
  i8: 'INT8',
  u8: 'UINT8',
  i16: 'INT16',
  u16: 'UINT16',
  i32: 'INT32',
  u32: 'UINT32',
  i64: 'INT64',
  u64: 'UINT64',
  bool: 'BOOL',
  string: 'STRING',
  c64: 'COMPLEX64',
  c128: 'COMPLEX128',
  resource: 'RESOURCE',
  variant: 'VARIANT',
};

/** Our element types by TFLite's names. */
export const dtypeOf: Readonly<Record<string, DType>> = Object.fromEntries(
  Object.entries(tensorTypes).map(([dtype, type]) => [type, dtype as DType]),
);
