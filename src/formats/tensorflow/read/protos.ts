import { messageDecoder } from '../../../bytes/protobuf.js';
import { ModelError } from '../../../errors.js';
import type { DType, Shape } from '../../../ir/tensor.js';
import { dataTypes, type Messages, messageTables, type TensorShapeProto } from '../../../schema/tensorflow.gen.js';

/** Decodes a TensorFlow message. Fields that stay bytes: library functions, attributes, meta graphs, object graphs. */
export const decode = messageDecoder<Messages>(messageTables);

/** TensorFlow's name of a type -> ours. Quantized types are their storage type. */
const dtypeNames: Readonly<Record<string, DType>> = {
  float: 'f32',
  double: 'f64',
  half: 'f16',
  bfloat16: 'bf16',
  int2: 'i2',
  int4: 'i4',
  uint4: 'u4',
  int8: 'i8',
  uint8: 'u8',
  int16: 'i16',
  uint16: 'u16',
  int32: 'i32',
  uint32: 'u32',
  int64: 'i64',
  uint64: 'u64',
  qint8: 'i8',
  quint8: 'u8',
  qint16: 'i16',
  quint16: 'u16',
  qint32: 'i32',
  bool: 'bool',
  string: 'string',
  complex64: 'c64',
  complex128: 'c128',
  resource: 'resource',
  variant: 'variant',
  float8_e4m3fn: 'f8e4m3',
  float8_e5m2: 'f8e5m2',
};

/** The type that TensorFlow calls `name` (`float`, `half`); undefined when there is none of ours. */
export const dtypeOfName = (name: string): DType | undefined =>
  Object.hasOwn(dtypeNames, name) ? dtypeNames[name] : undefined;

/**
 * The type of a `DataType` number; reference types (100 more) count as their base.
 * @throws {ModelError} `malformed-file` for a number without meaning, `unsupported` for a type nothing here holds.
 */
export function dtypeOf(number: number, where: string): DType {
  const name = dataTypes[number > 100 ? number - 100 : number];
  if (name === undefined || name === 'invalid')
    throw new ModelError('malformed-file', `a tensor type expected, DataType ${number} found.`, { where });
  const dtype = dtypeOfName(name);
  if (!dtype) throw new ModelError('unsupported', `tensors of type ${name} cannot be handled.`, { where });
  return dtype;
}

/** Most axes a tensor may have; TensorFlow's own limit. */
const MAX_RANK = 254;

/** The shape a message holds; undefined for an unknown rank. Negative sizes are unknown (-1). */
export function shapeOf(proto: TensorShapeProto | undefined, where: string): Shape | undefined {
  if (!proto || proto.unknownRank) return undefined;
  if (proto.dim.length > MAX_RANK)
    throw new ModelError('malformed-file', `at most ${MAX_RANK} axes expected, ${proto.dim.length} found.`, { where });
  return proto.dim.map(({ size }) => {
    if (typeof size === 'bigint' && size > 0n)
      throw new ModelError('malformed-file', `an axis of ${size} elements is too large.`, { where });
    return size < 0 ? -1 : Number(size);
  });
}
