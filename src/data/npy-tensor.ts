import { decodeNpy, encodeNpy, type NpyArray } from '../bytes/npy.js';
import { ModelError } from '../errors.js';
import { bytesOfData, type DType, dataFromBytes, type Tensor } from '../ir/tensor.js';
import { floats } from '../ops/floats.js';

/** NumPy's element types and ours. */
const DTYPES: Readonly<Record<string, DType>> = {
  b1: 'bool',
  i1: 'i8',
  i2: 'i16',
  i4: 'i32',
  i8: 'i64',
  u1: 'u8',
  u2: 'u16',
  u4: 'u32',
  u8: 'u64',
  f2: 'f16',
  f4: 'f32',
  f8: 'f64',
  c8: 'c64',
  c16: 'c128',
};
const NUMPY_TYPES = new Map(Object.entries(DTYPES).map(([type, dtype]) => [dtype, type]));
/** Types that NumPy does not have -> the smallest one that holds all their values. */
const WIDER: Partial<Readonly<Record<DType, DType>>> = {
  bf16: 'f32',
  f8e4m3: 'f32',
  f8e5m2: 'f32',
  i2: 'i8',
  i4: 'i8',
  u4: 'u8',
};

/** The tensor of a `.npy` file. Throws what {@link decodeNpy} throws. */
export const readNpy = (bytes: Uint8Array, where: string): Tensor => tensorOfNpy(decodeNpy(bytes, where));

/** An array of a `.npy` or `.npz` file as a tensor; texts become `string` elements in UTF-8. */
export function tensorOfNpy({ type, shape, bytes }: NpyArray): Tensor {
  const dtype = DTYPES[type];
  if (dtype) return { dtype, shape, data: dataFromBytes(dtype, shape, bytes) };
  const size = Number(type.slice(1));
  const count = shape.reduce((n, d) => n * d, 1);
  const decode = type.startsWith('U') ? utf8FromUtf32 : withoutPadding;
  const width = type.startsWith('U') ? size * 4 : size;
  const data = Array.from({ length: count }, (_, i) => decode(bytes.subarray(i * width, (i + 1) * width)));
  return { dtype: 'string', shape, data };
}

/** NumPy pads texts with zero bytes. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.slice(0, end);
}

function utf8FromUtf32(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, true);
    text += String.fromCodePoint(point > 0x10ffff ? 0xfffd : point);
  }
  return new TextEncoder().encode(text.replace(/\0+$/, ''));
}

/**
 * The `.npy` file of a tensor, in two parts. Types that NumPy does not have are widened: bfloat16 and 8-bit floats to
 * float32, integers of 2 and 4 bits to 8. Quantized integers stay integers.
 * @throws {ModelError} `unsupported` for resources and variants.
 */
export function writeNpy(tensor: Tensor): [Uint8Array, Uint8Array] {
  const { shape, data } = tensor;
  if (tensor.dtype === 'string') return encodeNpy(textArray(shape, data as readonly Uint8Array[]));
  const dtype = WIDER[tensor.dtype] ?? tensor.dtype;
  const type = NUMPY_TYPES.get(dtype);
  if (!type) throw new ModelError('unsupported', `numbers, booleans or texts expected, got ${dtype}.`);
  const values = dtype === 'f32' ? floats(tensor) : data;
  return encodeNpy({ type, shape, bytes: bytesOfData(dtype, values) });
}

function textArray(shape: readonly number[], texts: readonly Uint8Array[]): NpyArray {
  const width = texts.reduce((n, t) => Math.max(n, t.length), 1);
  const bytes = new Uint8Array(width * texts.length);
  for (const [i, text] of texts.entries()) bytes.set(text, i * width);
  return { type: `S${width}`, shape, bytes };
}
