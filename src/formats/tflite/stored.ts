import type { LaterBytes } from '../../bytes/flatbuffers.js';
import type { ByteSource } from '../../bytes/source.js';
import type { Constant } from '../../ir/constant.js';
import type { Value } from '../../ir/graph.js';
import { bitsOf, byteLength } from '../../ir/tensor.js';
import type { SparsityParameters } from '../../schema/tflite.gen.js';
import { quantizationExtra } from './extras.js';
import { packedLength, packStrings } from './strings.js';

/** The bytes of a constant as a buffer of a file holds them. */
export interface StoredBytes extends LaterBytes {
  /** How the bytes stand for the elements of a sparse constant; absent: all elements are there. */
  readonly sparsity?: SparsityParameters;
  /** Where the bytes came from: two constants of the same place are equal. */
  readonly source?: ByteSource;
  readonly offset?: number;
}

/**
 * Bytes that constants were read from. They are written again as they were, so that padding, sparse encodings and
 * whatever else is lost on the way to plain elements stays. Constants do not change, so this never grows stale.
 */
const storedForms = new WeakMap<Constant, StoredBytes>();

/** Plain elements as bytes, one object for each constant: what is found out about them is kept by it. */
const plainForms = new WeakMap<Constant, StoredBytes>();

/** Notes the bytes that a constant is to be written as, instead of its plain elements. */
export function storeAs(constant: Constant, bytes: StoredBytes): void {
  storedForms.set(constant, bytes);
}

/** The sparse encoding a constant has in its file, if any. */
export const sparsityOf = (constant: Constant | undefined): SparsityParameters | undefined =>
  constant && storedForms.get(constant)?.sparsity;

/** The bytes of a value's constant as a buffer is to hold them. The length of plain elements needs no reading. */
export function storedBytes(value: Value, constant: Constant): StoredBytes {
  const known = storedForms.get(constant);
  if (known) return known;
  const { dtype, shape } = constant;
  if (dtype === 'string') {
    const strings = () => constant.data() as readonly Uint8Array[];
    return { length: packedLength(strings()), read: () => packStrings(strings()) };
  }
  if (hasPaddedRows(value)) {
    const [rows = 0, columns = 0] = shape;
    return {
      length: rows * Math.ceil((columns * bitsOf(dtype)) / 8),
      read: () => padRows(constant.bytes(), rows, columns),
    };
  }
  const plain = plainForms.get(constant) ?? { length: byteLength(dtype, shape), read: () => constant.bytes() };
  plainForms.set(constant, plain);
  return plain;
}

/** Rows of an odd number of 4-bit weights begin at a byte in blockwise quantized FULLY_CONNECTED. */
export function hasPaddedRows(value: Value): boolean {
  const { shape, dtype, quantization, uses } = value;
  if (dtype !== 'i4' || shape?.length !== 2 || (shape[1] as number) % 2 === 0) return false;
  if (quantizationExtra(quantization).details?.type !== 'BlockwiseQuantization') return false;
  return uses.some((use) => use.node.op === 'FULLY_CONNECTED' && use.index === 1);
}

/** Packed nibbles with every row moved to a byte's start. */
export function padRows(packed: Uint8Array, rows: number, columns: number): Uint8Array {
  const out = new Uint8Array(rows * Math.ceil(columns / 2));
  repack(packed, columns, out, 2 * Math.ceil(columns / 2), rows, columns);
  return out;
}

/** The reverse of {@link padRows}. */
export function unpadRows(padded: Uint8Array, rows: number, columns: number): Uint8Array {
  const out = new Uint8Array(Math.ceil((rows * columns) / 2));
  repack(padded, 2 * Math.ceil(columns / 2), out, columns, rows, columns);
  return out;
}

function repack(
  from: Uint8Array,
  fromStride: number,
  to: Uint8Array,
  toStride: number,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const source = r * fromStride + c;
      const target = r * toStride + c;
      const nibble = ((from[source >> 1] as number) >> (4 * (source & 1))) & 15;
      to[target >> 1] = (to[target >> 1] as number) | (nibble << (4 * (target & 1)));
    }
}
