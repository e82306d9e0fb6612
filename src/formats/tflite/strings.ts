import { assert, ModelError } from '../../errors.js';

/**
 * The elements of a string tensor from their packed form: i32 count, count + 1 offsets from the start, then the bytes.
 * @throws {ModelError} `malformed-file` when an offset leads out of the bytes or `count` is another.
 */
export function unpackStrings(bytes: Uint8Array, count: number, where: string): Uint8Array[] {
  checkStringCount(bytes, count, where);
  const fail = (text: string) => new ModelError('malformed-file', text, { where });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: Uint8Array[] = [];
  let from = view.getInt32(4, true);
  for (let i = 0; i < count; i++) {
    const to = view.getInt32(8 + 4 * i, true);
    if (from < 0 || to < from || to > bytes.byteLength)
      throw fail(`string ${i} expected within ${bytes.byteLength} bytes, got ${from} to ${to}`);
    strings.push(bytes.subarray(from, to));
    from = to;
  }
  return strings;
}

/**
 * Checks the head of packed strings, without a look at each.
 * @throws {ModelError} `malformed-file` when there are not `count` strings, or no room for their offsets.
 */
export function checkStringCount(bytes: Uint8Array, count: number, where: string): void {
  const fail = (text: string) => new ModelError('malformed-file', text, { where });
  const got = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset).getInt32(0, true) : -1;
  if (got !== count) throw fail(`${count} strings expected, got ${got}`);
  const needed = 8 + 4 * count;
  if (bytes.length < needed) throw fail(`${count} strings need ${needed} bytes or more, got ${bytes.length}`);
}

/** Bytes that {@link packStrings} gives. */
export const packedLength = (strings: readonly Uint8Array[]): number =>
  8 + 4 * strings.length + strings.reduce((sum, s) => sum + s.length, 0);

/** The packed form of the elements of a string tensor. */
export function packStrings(strings: readonly Uint8Array[]): Uint8Array {
  const length = packedLength(strings);
  assert(length < 2 ** 31, 'a string tensor of 2 GB or more');
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, strings.length, true);
  let at = 8 + 4 * strings.length;
  view.setInt32(4, at, true);
  for (const [i, string] of strings.entries()) {
    bytes.set(string, at);
    at += string.length;
    view.setInt32(8 + 4 * i, at, true);
  }
  return bytes;
}
