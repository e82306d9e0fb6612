import { ModelError } from '../errors.js';
import type { ByteSource } from './source.js';

/** An array of a `.npy` file: its bytes in C order (last axis fastest), little endian. */
export interface NpyArray {
  /** NumPy's kind and bytes of an element: `f4`, `i8`, `b1`, `c16`; texts are `S<bytes>` or `U<code points>`. */
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** `\x93NUMPY`; as bytes, because browsers read 0x93 as another character than Node. */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
/** Kind -> sizes that NumPy has and that we take, in bytes. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8],
  c: [8, 16],
};
const MAX_RANK = 64;

export const isNpy = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);

/**
 * Reads a `.npy` file of format 1, 2 or 3, in either byte order and either axis order.
 * @throws {ModelError} `malformed-file` when bytes are missing or the header is none, `unsupported` for Python objects
 *   and records.
 * Source: NumPy, "A simple file format for NumPy arrays" (`numpy.lib.format`).
 */
export function decodeNpy(bytes: Uint8Array, where: string): NpyArray {
  const { header, start } = readHeader(bytes, where);
  const { descr, fortran, shape } = parseHeader(header, where);
  const { type, size, swapped } = parseType(descr, where);
  const length = shape.reduce((n, d) => n * d, size);
  if (!(length <= bytes.length - start))
    throw malformed(where, `${type} [${shape}] needs ${length} bytes, the file has ${bytes.length - start}`);
  let data = bytes.subarray(start, start + length);
  if (swapped) data = swapBytes(data, type.startsWith('c') ? size / 2 : type.startsWith('U') ? 4 : size);
  return { type, shape, bytes: fortran ? lastAxisFastest(data, shape, size) : data };
}

/** The rows of an array: what lies along its first axis. */
export interface NpyRows {
  /** The file, for messages. */
  readonly where: string;
  readonly count: number;
  /** One row, with one axis less. */
  row(index: number): NpyArray;
}

/** Longest header that is looked for. */
const HEADER_BYTES = 1 << 16;

/**
 * Opens a `.npy` file whose rows are read when they are asked for.
 * @throws {ModelError} as {@link decodeNpy}; `invalid-data` for an array without axes.
 */
export function openNpy(source: ByteSource, where: string): NpyRows {
  const { header, start } = readHeader(source.read(0, Math.min(source.size, HEADER_BYTES)), where);
  const { descr, fortran, shape } = parseHeader(header, where);
  const { type, size, swapped } = parseType(descr, where);
  const [count, ...rest] = shape;
  if (count === undefined) throw new ModelError('invalid-data', 'rows expected, got a single number.', { where });
  const length = rest.reduce((n, d) => n * d, size);
  if (!(length * count <= source.size - start))
    throw malformed(where, `${type} [${shape}] needs ${length * count} bytes, the file has ${source.size - start}`);
  const whole = fortran ? decodeNpy(source.read(0, source.size), where).bytes : undefined;
  return {
    where,
    count,
    row(index) {
      if (whole) return { type, shape: rest, bytes: whole.subarray(index * length, (index + 1) * length) };
      const bytes = source.read(start + index * length, length);
      return { type, shape: rest, bytes: swapped ? swapBytes(bytes, size) : bytes };
    },
  };
}

/** A `.npy` file (format 1.0) in two parts: header and elements. */
export function encodeNpy({ type, shape, bytes }: NpyArray): [Uint8Array, Uint8Array] {
  const order = elementSize(type) === 1 || type.startsWith('S') ? '|' : '<';
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${order}${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Elements begin at a multiple of 64 bytes; 11 = magic, version, length, and the closing line feed.
  const length = Math.ceil((text.length + 11) / 64) * 64 - 10;
  const head = `${String.fromCharCode(...MAGIC)}\x01\x00${String.fromCharCode(length & 255, length >> 8)}${text.padEnd(length - 1)}\n`;
  return [Uint8Array.from(head, (c) => c.charCodeAt(0)), bytes];
}

/** Each byte as the character of that number; `TextDecoder` has other ones from 128 to 159. */
const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

const malformed = (where: string, text: string): ModelError =>
  new ModelError('malformed-file', `a .npy array expected, but ${text}. The file may be incomplete.`, { where });

function readHeader(bytes: Uint8Array, where: string): { header: string; start: number } {
  if (!isNpy(bytes) || bytes.length < 12) throw malformed(where, 'it does not begin like one');
  const version = bytes[6] as number;
  if (version < 1 || version > 3)
    throw new ModelError('unsupported', `a .npy file of format 1 to 3 expected, got ${version}.`, { where });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [from, length] = version === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  if (from + length > bytes.length) throw malformed(where, 'its header is cut off');
  return { header: latin1(bytes.subarray(from, from + length)), start: from + length };
}

/** The header is a Python dictionary of exactly these keys, in any order. */
function parseHeader(header: string, where: string) {
  if (/'descr'\s*:\s*\[/.test(header))
    throw new ModelError('unsupported', 'a plain array expected, got records with fields. Save one field.', { where });
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const sizes = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(header)?.[1];
  if (descr === undefined || fortran === undefined || sizes === undefined)
    throw malformed(where, `its header is ${JSON.stringify(header.slice(0, 80).trim())}`);
  const shape = sizes.split(',').filter((s) => s.trim());
  const numbers = shape.map((s) => Number(s.replace('L', '')));
  if (numbers.length > MAX_RANK || numbers.some((d) => !Number.isSafeInteger(d)))
    throw malformed(where, `its shape is (${sizes.slice(0, 80)})`);
  return { descr, fortran: fortran === 'True', shape: numbers };
}

function parseType(descr: string, where: string): { type: string; size: number; swapped: boolean } {
  const [, order = '', kind = '', digits = ''] = /^([<>|=]?)([a-zA-Z])(\d{0,8})$/.exec(descr) ?? [];
  const type = `${kind === 'a' ? 'S' : kind}${digits}`;
  const isKnown = /^[SU]/.test(type) ? digits !== '' : SIZES[kind]?.includes(Number(digits));
  if (!isKnown) {
    const what = kind === 'O' ? 'Python objects' : `elements of type '${descr}'`;
    throw new ModelError('unsupported', `numbers, booleans or texts expected, got ${what}. Save with another dtype.`, {
      where,
    });
  }
  return { type, size: elementSize(type), swapped: order === '>' };
}

const elementSize = (type: string): number => Number(type.slice(1)) * (type.startsWith('U') ? 4 : 1);

function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  if (size <= 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < out.length; i += size)
    for (let k = 0; k < size; k++) out[i + k] = bytes[i + size - 1 - k] as number;
  return out;
}

/** From Fortran order, in which the first axis is fastest. */
function lastAxisFastest(bytes: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  const strides: number[] = [];
  for (let axis = 0, stride = size; axis < shape.length; stride *= shape[axis++] as number) strides.push(stride);
  let from = 0;
  for (let to = 0; to < out.length; to += size) {
    for (let k = 0; k < size; k++) out[to + k] = bytes[from + k] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
