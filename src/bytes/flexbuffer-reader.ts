import { ModelError } from '../errors.js';

/** Types of values, as far as they are numbers. */
const [INT, UINT, FLOAT, INDIRECT_INT, INDIRECT_UINT, INDIRECT_FLOAT, MAP, BOOL] = [1, 2, 3, 6, 7, 8, 9, 26];

/**
 * The numbers of a FlexBuffer map, as the options of a custom operator are; true is 1. Other values are left out.
 *
 * Source: https://flatbuffers.dev/internals/#flexbuffers
 * @throws {ModelError} `malformed-file` for bytes that are no such map
 */
export function readFlexNumbers(bytes: Uint8Array): ReadonlyMap<string, number> {
  try {
    return readMap(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    // Whatever lies outside of the bytes is refused by the view.
    throw new ModelError('malformed-file', 'options in a FlexBuffer map expected.', { cause });
  }
}

function readMap(bytes: Uint8Array, view: DataView): ReadonlyMap<string, number> {
  const end = view.byteLength;
  const root = end - 2 - view.getUint8(end - 1);
  if (view.getUint8(end - 2) >> 2 !== MAP) throw new RangeError('no map');
  const width = 1 << (view.getUint8(end - 2) & 3);
  const map = pointedTo(view, root, view.getUint8(end - 1));
  const keys = pointedTo(view, map - 3 * width, width);
  const keyWidth = readUint(view, map - 2 * width, width);
  const count = readUint(view, map - width, width);
  const numbers = new Map<string, number>();
  for (let i = 0; i < count; i++) {
    const start = pointedTo(view, keys + i * keyWidth, keyWidth);
    const key = new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
    const value = readNumber(view, map + i * width, width, view.getUint8(map + count * width + i));
    if (value !== undefined) numbers.set(key, value);
  }
  return numbers;
}

function readNumber(view: DataView, at: number, width: number, packed: number): number | undefined {
  const type = packed >> 2;
  if (type === BOOL || type === UINT) return readUint(view, at, width);
  if (type === INT) return readInt(view, at, width);
  if (type === FLOAT) return readFloat(view, at, width);
  const own = 1 << (packed & 3);
  if (type === INDIRECT_INT) return readInt(view, pointedTo(view, at, width), own);
  if (type === INDIRECT_UINT) return readUint(view, pointedTo(view, at, width), own);
  return type === INDIRECT_FLOAT ? readFloat(view, pointedTo(view, at, width), own) : undefined;
}

/** Offsets count backwards from where they stand. */
const pointedTo = (view: DataView, at: number, width: number): number => at - readUint(view, at, width);

function readUint(view: DataView, at: number, width: number): number {
  if (width === 8) return Number(view.getBigUint64(at, true));
  return width === 4 ? view.getUint32(at, true) : width === 2 ? view.getUint16(at, true) : view.getUint8(at);
}

function readInt(view: DataView, at: number, width: number): number {
  if (width === 8) return Number(view.getBigInt64(at, true));
  return width === 4 ? view.getInt32(at, true) : width === 2 ? view.getInt16(at, true) : view.getInt8(at);
}

const readFloat = (view: DataView, at: number, width: number): number =>
  width === 8 ? view.getFloat64(at, true) : view.getFloat32(at, true);
