import type { ByteRange } from '../../bytes/flatbuffers.js';
import { type ByteSource, checkRange } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { Constant } from '../../ir/constant.js';
import {
  allocate,
  bitsOf,
  byteLength,
  type DType,
  dataFromBytes,
  elementCount,
  type Shape,
  type TensorData,
} from '../../ir/tensor.js';
import type { Tensor as TensorTable } from '../../schema/tflite.gen.js';
import type { FileBuffer, TfliteDocument } from './document.js';
import { densify } from './sparse.js';
import { storeAs, unpadRows } from './stored.js';
import { checkStringCount, unpackStrings } from './strings.js';

/** Where the bytes of a buffer lie: in its table, or by offset from the file's start. Undefined when it has none. */
export function bufferRange(source: ByteSource, buffer: FileBuffer): ByteRange | undefined {
  if (buffer.data && buffer.data.length > 0) return buffer.data;
  if (buffer.offset <= 1n || buffer.size === 0n) return undefined;
  const [offset, length] = [Number(buffer.offset), Number(buffer.size)];
  checkRange(source.name, source.size, offset, length);
  return { offset, length };
}

/** The elements of a tensor, as a view on the file. `name` and `at` are for messages. */
export function readConstant(
  document: TfliteDocument,
  tensor: TensorTable,
  dtype: DType,
  shape: Shape,
  range: ByteRange,
): Constant {
  const { source } = document;
  const at = document.offsets.get(tensor) ?? range.offset;
  const where = `${source.name} @0x${at.toString(16)}`;
  const raw = () => source.read(range.offset, range.length);
  const name = tensor.name ?? '';
  if (range.length === 0 && elementCount(shape) === 0) return emptyConstant(dtype, shape);
  const read = readerOf(tensor, dtype, shape, range.length, `${where}: tensor '${name}'`, raw);
  if (!read) {
    const needed = byteLength(dtype, shape);
    const text = `tensor '${name}' ${dtype}[${shape}] needs ${needed} bytes, its buffer has ${range.length}`;
    throw new ModelError('malformed-file', text, { where });
  }
  const constant = Constant.lazy(dtype, shape, read);
  const { sparsity } = tensor;
  const { offset, length } = range;
  storeAs(constant, { source, offset, length, read: raw, ...(sparsity ? { sparsity } : {}) });
  return constant;
}

function emptyConstant(dtype: DType, shape: Shape): Constant {
  return Constant.of(dtype, shape, dtype === 'string' ? [] : allocate(dtype, 0));
}

/** How to get at the elements; undefined when there are too few bytes for them. */
function readerOf(
  tensor: TensorTable,
  dtype: DType,
  shape: Shape,
  length: number,
  where: string,
  raw: () => Uint8Array,
): (() => TensorData) | undefined {
  const { sparsity } = tensor;
  if (dtype === 'string') {
    const count = elementCount(shape);
    checkStringCount(raw(), count, where);
    return () => unpackStrings(raw(), count, where);
  }
  if (bitsOf(dtype) === 0) return undefined;
  if (sparsity) {
    if (bitsOf(dtype) < 8) return () => dataFromBytes(dtype, shape, raw());
    return () => dataFromBytes(dtype, shape, densify(raw(), bitsOf(dtype) / 8, shape, sparsity, where));
  }
  // Sizes whose product is beyond all numbers must fail too.
  if (!(length >= byteLength(dtype, shape))) return undefined;
  const [rows = 0, columns = 0] = shape;
  const padded = tensor.quantization?.details?.type === 'BlockwiseQuantization' && shape.length === 2;
  if (padded && dtype === 'i4' && columns % 2 === 1 && rows > 1 && length === (rows * (columns + 1)) / 2)
    return () => dataFromBytes(dtype, shape, unpadRows(raw(), rows, columns));
  return () => dataFromBytes(dtype, shape, raw());
}
