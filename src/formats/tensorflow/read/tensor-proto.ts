import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type Origin, place } from '../../../bytes/protobuf.js';
import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import {
  allocate,
  bitsOf,
  type DType,
  dataFromBytes,
  isStatic,
  type Shape,
  type TensorData,
} from '../../../ir/tensor.js';
import { decode, dtypeOf, shapeOf } from './protos.js';

/** Largest tensor that a short message may stand for by repeating its last value, in bytes. */
const MAX_FILLED = 256 << 20;

/**
 * The constant that a serialized `TensorProto` holds; its elements are read when asked for. A list of values that is
 * shorter than the tensor is filled up with its last value; without any, all elements are zero.
 * @throws {ModelError} `malformed-file` when the type, the shape or the size of the content makes no sense.
 */
export function constantOfProto(bytes: Uint8Array, origin: Origin): Constant {
  const where = place(origin, bytes);
  const proto = decode('TensorProto', bytes, origin);
  const dtype = dtypeOf(proto.dtype, where);
  const shape = shapeOf(proto.tensorShape, where) ?? (proto.tensorShape ? undefined : []);
  if (!isStatic(shape)) throw new ModelError('malformed-file', 'a tensor of static shape expected.', { where });
  const count = checkedCount(dtype, shape, where);
  const content = proto.tensorContent;
  if (content.length > 0 && bitsOf(dtype) > 0) {
    const size = count * elementBytes(dtype);
    if (size !== content.length)
      throw new ModelError(
        'malformed-file',
        `${size} bytes expected for ${dtype} [${shape}], ${content.length} found.`,
        { where },
      );
    return Constant.lazy(dtype, shape, () => elementsOfBytes(dtype, shape, content));
  }
  if (count * elementBytes(dtype) > Math.max(MAX_FILLED, bytes.length))
    throw new ModelError('unsupported', `${dtype} [${shape}] is too large for a tensor of one repeated value.`, {
      where,
    });
  return Constant.lazy(dtype, shape, () => listedElements(dtype, count, bytes, where));
}

/** The number of elements, checked to be a sane one. @throws {ModelError} `malformed-file` */
export function checkedCount(dtype: DType, shape: Shape, where: string): number {
  let count = 1;
  for (const d of shape) count *= d;
  if (count * Math.max(1, elementBytes(dtype)) <= 2 ** 40) return count;
  throw new ModelError('malformed-file', `a tensor of shape [${shape}] is too large.`, { where });
}

/** Bytes of one element in TensorFlow's files, where sub-byte types take a byte each; 8 for types of varying size. */
export const elementBytes = (dtype: DType): number => Math.ceil((bitsOf(dtype) || 64) / 8);

/** The elements that little-endian bytes stand for, in TensorFlow's layout. */
export function elementsOfBytes(dtype: DType, shape: Shape, bytes: Uint8Array): TensorData {
  const bits = bitsOf(dtype);
  if (bits >= 8) return dataFromBytes(dtype, shape, bytes);
  if (dtype === 'u4') return bytes.map((b) => b & 15);
  return Int8Array.from(bytes, (b) => (b << (32 - bits)) >> (32 - bits));
}

type Writable = { [index: number]: unknown; readonly length: number; fill(value: never, start: number): unknown };

/** Where a type's listed values are, and how one is read. */
interface Listed {
  readonly field: number;
  readonly wire: WireType;
  readonly read: (reader: BinaryReader) => unknown;
}
const int = (field: number): Listed => ({ field, wire: WireType.Varint, read: (r) => r.int32() });
const float = (field: number): Listed => ({ field, wire: WireType.Bit32, read: (r) => r.float() });
const double = (field: number): Listed => ({ field, wire: WireType.Bit64, read: (r) => r.double() });
const listed: Readonly<Partial<Record<DType, Listed>>> = {
  f32: float(5),
  f64: double(6),
  i32: int(7),
  i16: int(7),
  i8: int(7),
  u8: int(7),
  u16: int(7),
  i4: int(7),
  u4: int(7),
  i2: int(7),
  string: { field: 8, wire: WireType.LengthDelimited, read: (r) => r.bytes() },
  c64: float(9),
  i64: { field: 10, wire: WireType.Varint, read: (r) => BigInt(r.int64()) },
  bool: { field: 11, wire: WireType.Varint, read: (r) => (r.bool() ? 1 : 0) },
  c128: double(12),
  f16: int(13),
  bf16: int(13),
  u32: { field: 16, wire: WireType.Varint, read: (r) => r.uint32() },
  u64: { field: 17, wire: WireType.Varint, read: (r) => BigInt(r.uint64()) },
};

function listedElements(dtype: DType, count: number, bytes: Uint8Array, where: string): TensorData {
  const facts = listed[dtype];
  if (!facts) return floatOctets(dtype, count, bytes, where);
  const out = (dtype === 'string' ? new Array(count) : allocate(dtype, count)) as Writable;
  let filled = 0;
  const take = (reader: BinaryReader): void => {
    const value = facts.read(reader);
    if (filled < out.length) out[filled] = value;
    filled++;
  };
  eachField(bytes, where, facts.field, (reader, wire) => {
    if (wire === facts.wire) take(reader);
    else if (wire === WireType.LengthDelimited) {
      const end = reader.uint32() + reader.pos;
      while (reader.pos < end) take(reader);
      if (reader.pos !== end) throw new RangeError('a packed list ends inside a number');
    } else reader.skip(wire, facts.field);
  });
  const step = dtype === 'c64' || dtype === 'c128' ? 2 : 1;
  if (filled > out.length || filled % step !== 0)
    throw new ModelError('malformed-file', `${out.length} values expected, ${filled} found.`, { where });
  if (filled === 0) {
    if (dtype === 'string') (out as unknown as Uint8Array[]).fill(new Uint8Array(0));
  } else if (step === 1) out.fill(out[filled - 1] as never, filled);
  else for (let i = filled; i < out.length; i++) out[i] = out[i - 2];
  return out as unknown as TensorData;
}

/** 8-bit floats: one byte each in field 18. */
function floatOctets(dtype: DType, count: number, bytes: Uint8Array, where: string): TensorData {
  const out = allocate(dtype, count) as Uint8Array;
  let values: Uint8Array = new Uint8Array(0);
  eachField(bytes, where, 18, (reader, wire) => {
    if (wire === WireType.LengthDelimited) values = reader.bytes();
    else reader.skip(wire, 18);
  });
  if (values.length > count)
    throw new ModelError('malformed-file', `${count} values expected, ${values.length} found.`, { where });
  out.set(values);
  if (values.length > 0) out.fill(values[values.length - 1] as number, values.length);
  return out;
}

function eachField(
  bytes: Uint8Array,
  where: string,
  number: number,
  visit: (reader: BinaryReader, wire: WireType) => void,
): void {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < bytes.length) {
      const [field, wire] = reader.tag();
      if (field === number) visit(reader, wire);
      else reader.skip(wire, field);
      if (reader.pos > bytes.length) throw new RangeError('the message ends early');
    }
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError('malformed-file', 'the values of a tensor expected, damaged bytes found.', { where, cause });
  }
}
