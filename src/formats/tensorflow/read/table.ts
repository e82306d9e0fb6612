import { crc32c, maskCrc } from '../../../bytes/crc32c.js';
import { decompressSnappy } from '../../../bytes/snappy.js';
import type { ByteSource } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';

const FOOTER = 48;
const MAGIC_LOW = 0x8b80fb57;
const MAGIC_HIGH = 0xdb477524;
/** A block's compression type and checksum. */
const TRAILER = 5;

interface BlockHandle {
  readonly offset: number;
  readonly size: number;
}

/** An entry of a table. `key` has one character for each byte, so that binary keys compare and print. */
export interface TableEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

/**
 * All entries of a LevelDB table (an SSTable), in the order of the file. Blocks may be compressed with Snappy; their
 * checksums are verified.
 *
 * Source: LevelDB `doc/table_format.md`.
 * @throws {ModelError} `malformed-file`
 */
export function* readTable(source: ByteSource): Iterable<TableEntry> {
  if (source.size < FOOTER) throw malformed(source, 0, `a table of at least ${FOOTER} bytes`, `${source.size} bytes`);
  const start = source.size - FOOTER;
  const footer = source.read(start, FOOTER);
  const view = new DataView(footer.buffer, footer.byteOffset, FOOTER);
  if (view.getUint32(40, true) !== MAGIC_LOW || view.getUint32(44, true) !== MAGIC_HIGH)
    throw malformed(source, start + 40, 'the mark of a table', 'other bytes');
  const cursor = new Cursor(source, footer, start, 40);
  cursor.handle(); // the metaindex, which TensorFlow leaves empty
  const index = cursor.handle();
  let total = 0;
  for (const { value } of readBlock(source, index)) {
    const handle = new Cursor(source, value, index.offset, value.length).handle();
    total += handle.size;
    if (total > source.size) throw malformed(source, index.offset, 'blocks that lie apart', 'overlapping ones');
    yield* readBlock(source, handle);
  }
}

function malformed(source: ByteSource, offset: number, expected: string, got: string): ModelError {
  return new ModelError('malformed-file', `${expected} expected, ${got} found. The file may be damaged.`, {
    where: `${source.name} @0x${offset.toString(16)}`,
  });
}

/** Reads varints from a part of the file. */
class Cursor {
  readonly #source: ByteSource;
  readonly #bytes: Uint8Array;
  readonly #base: number;
  readonly #end: number;
  position = 0;

  constructor(source: ByteSource, bytes: Uint8Array, base: number, end: number) {
    this.#source = source;
    this.#bytes = bytes;
    this.#base = base;
    this.#end = end;
  }

  varint(): number {
    let value = 0;
    for (let i = 0; i < 8 && this.position < this.#end; i++) {
      const byte = this.#bytes[this.position++] as number;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw malformed(this.#source, this.#base + this.position, 'a variable-length number', 'none');
  }

  handle(): BlockHandle {
    return { offset: this.varint(), size: this.varint() };
  }

  take(length: number): Uint8Array {
    if (this.position + length > this.#end)
      throw malformed(this.#source, this.#base + this.position, `${length} bytes of an entry`, 'the end of its block');
    this.position += length;
    return this.#bytes.subarray(this.position - length, this.position);
  }
}

function* readBlock(source: ByteSource, { offset, size }: BlockHandle): Iterable<TableEntry> {
  const stored = source.read(offset, size + TRAILER);
  const trailer = new DataView(stored.buffer, stored.byteOffset + size, TRAILER);
  if (maskCrc(crc32c(stored.subarray(0, size + 1))) !== trailer.getUint32(1, true))
    throw malformed(source, offset, 'a block that fits its checksum', 'another');
  const type = trailer.getUint8(0);
  const where = `${source.name} @0x${offset.toString(16)}`;
  if (type > 1) throw malformed(source, offset + size, 'compression type 0 or 1', `${type}`);
  const payload = type === 1 ? decompressSnappy(stored.subarray(0, size), where) : stored.subarray(0, size);
  if (payload.length < 4) throw malformed(source, offset, 'a block with a list of restarts', `${payload.length} bytes`);
  const restarts = new DataView(payload.buffer, payload.byteOffset).getUint32(payload.length - 4, true);
  const end = payload.length - 4 - 4 * restarts;
  if (end < 0) throw malformed(source, offset, 'a list of restarts inside the block', `${restarts} restarts`);

  const cursor = new Cursor(source, payload, offset, end);
  let key: Uint8Array = new Uint8Array(0);
  let used = 0;
  while (cursor.position < end) {
    const shared = cursor.varint();
    const added = cursor.varint();
    const length = cursor.varint();
    if (shared > key.length) throw malformed(source, offset + cursor.position, 'a shared prefix', 'a longer one');
    const rest = cursor.take(added);
    const next = new Uint8Array(shared + added);
    next.set(key.subarray(0, shared));
    next.set(rest, shared);
    key = next;
    used += key.length;
    if (used > MAX_KEYS) throw malformed(source, offset, `at most ${MAX_KEYS} bytes of keys`, 'more');
    yield { key: binaryText(key), value: cursor.take(length) };
  }
}

/** All keys of a block together, in bytes: prefix sharing could make them much larger than the file. */
const MAX_KEYS = 256 << 20;

/** Bytes as text with one character each. */
export function binaryText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096)
    text += String.fromCharCode.apply(null, bytes.subarray(i, i + 4096) as unknown as number[]); // not by an iterator
  return text;
}
