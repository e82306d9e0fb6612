import snappy from 'snappyjs';
import { ModelError } from '../errors.js';

/** Largest block accepted, in bytes; table blocks are 256 KiB. */
const MAX_BLOCK = 64 << 20;

/**
 * The bytes of a raw Snappy block. Every element is checked before anything is allocated.
 * @throws {ModelError} `malformed-file` when an element leaves the block, or the declared length is wrong.
 */
export function decompressSnappy(bytes: Uint8Array, where: string): Uint8Array {
  const fail = (got: string): never => {
    throw new ModelError('malformed-file', `a Snappy block expected, ${got} found. The file may be damaged.`, {
      where,
    });
  };
  const { value: length, at } = readLength(bytes) ?? fail('no length');
  if (length > MAX_BLOCK) fail(`a block of ${length} bytes (at most ${MAX_BLOCK})`);
  let position = at;
  let produced = 0;
  while (position < bytes.length) {
    const element = readElement(bytes, position) ?? fail(`a cut-off element at ${position}`);
    if (element.offset !== undefined && (element.offset === 0 || element.offset > produced))
      fail(`a copy from before the start at ${position}`);
    position = element.next;
    produced += element.length;
    if (position > bytes.length || produced > length) fail('more bytes than declared');
  }
  if (produced !== length) fail(`${produced} of ${length} bytes`);
  return snappy.uncompress(
    bytes instanceof Uint8Array && bytes.constructor === Uint8Array ? bytes : Uint8Array.from(bytes),
  );
}

function readLength(bytes: Uint8Array): { value: number; at: number } | undefined {
  let value = 0;
  for (let i = 0; i < Math.min(5, bytes.length); i++) {
    const byte = bytes[i] as number;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, at: i + 1 };
  }
  return undefined;
}

/** One element: output length, copy offset (none for literals), and where the next begins. */
function readElement(bytes: Uint8Array, at: number): { length: number; offset?: number; next: number } | undefined {
  const tag = bytes[at] as number;
  const number = (from: number, size: number): number => {
    let value = 0;
    for (let i = 0; i < size; i++) value += (bytes[from + i] as number) * 256 ** i;
    return value;
  };
  const kind = tag & 3;
  const extra = kind === 0 ? Math.max(0, (tag >> 2) - 59) : kind === 3 ? 4 : kind;
  const body = at + 1 + extra;
  if (body > bytes.length) return undefined;
  if (kind === 0) {
    const length = (extra > 0 ? number(at + 1, extra) : tag >> 2) + 1;
    return { length, next: body + length };
  }
  if (kind === 1) return { length: ((tag >> 2) & 7) + 4, offset: ((tag >> 5) << 8) + number(at + 1, 1), next: body };
  return { length: (tag >> 2) + 1, offset: number(at + 1, extra), next: body };
}
