import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ModelError } from '../errors.js';

/**
 * Field tables are text: `number name kind` separated by `, `. A kind is a scalar (`int32`, `bytes` …) or a message's
 * name, with marks: `*` repeated, `%key` a map, `?` a scalar with presence, a leading `~` for a message that stays bytes
 * until someone decodes it, a leading `!` for a field the decoder passes over.
 */
export type MessageTables<M> = Readonly<Record<keyof M, string>>;

/** Where bytes come from, for messages: a file's name, and where in the underlying buffer the file begins. */
export interface Origin {
  readonly name: string;
  readonly byteOffset: number;
}

/** Deepest nesting of messages; well above what any TensorFlow file has. */
const MAX_DEPTH = 64;
/** Elements of one decoded message, all levels together: bounds memory to some gigabytes for any file. */
const MAX_ELEMENTS = 10_000_000;

/** `file @0x1f`: where in its file a view begins, plus `position`. */
export const place = (origin: Origin, bytes: Uint8Array, position = 0): string =>
  `${origin.name} @0x${Math.max(0, bytes.byteOffset - origin.byteOffset + position).toString(16)}`;

/** The origin of a file whose first byte is the first byte of `bytes`. */
export const originOf = (name: string, bytes: Uint8Array): Origin => ({ name, byteOffset: bytes.byteOffset });

/** Decodes one kind of message. `bytes` fields of the result are views on the input. */
export type Decode<M> = <K extends keyof M & string>(message: K, bytes: Uint8Array, origin: Origin) => M[K];

/**
 * A decoder for a family of messages. Unknown fields are skipped, packed and unpacked numbers accepted, the last of
 * repeated singular fields counts. 64-bit integers are numbers where exact, else bigints. Tables are parsed on first use.
 *
 * The decoder is total: it throws a {@link ModelError} `malformed-file` with the offset, or gives the message.
 */
export function messageDecoder<M>(tables: MessageTables<M>): Decode<M> {
  const parsed = new Map<string, Table>();
  const tableOf = (message: string): Table => {
    let table = parsed.get(message);
    if (!table) {
      table = parseTable(tables[message as keyof M], tableOf, tables);
      parsed.set(message, table);
    }
    return table;
  };
  return (message, bytes, origin) => {
    const reader = new BinaryReader(bytes);
    try {
      const state = { reader, bytes, left: MAX_ELEMENTS };
      return readMessage(state, tableOf(message), bytes.length, 0) as M[typeof message];
    } catch (cause) {
      throw new ModelError(
        'malformed-file',
        `${message} message expected, ${cause instanceof Error ? cause.message : 'damaged bytes'} found. The file may be damaged.`,
        { where: place(origin, bytes, reader.pos), cause },
      );
    }
  };
}

export interface Field {
  readonly name: string;
  readonly kind: string;
  readonly shape: 'one' | 'repeated' | 'map';
  /** Kind of a map's keys. */
  readonly key: string;
  /** Table of a message that is decoded on the spot. */
  readonly message: (() => Table) | undefined;
  readonly skipped: boolean;
  /** How to read values that are no messages. */
  readonly scalar: Scalar | undefined;
}
interface Table {
  /** Sparse: by number. */
  readonly fields: readonly (Field | undefined)[];
  /** What a message without fields looks like. */
  readonly empty: Readonly<Record<string, unknown>>;
}

interface State {
  readonly reader: BinaryReader;
  /** What the reader reads. */
  readonly bytes: Uint8Array;
  left: number;
}

const EMPTY_LIST: readonly unknown[] = Object.freeze([]);
const EMPTY_MAP: ReadonlyMap<unknown, unknown> = new Map();

interface Scalar {
  readonly wire: WireType;
  readonly zero: unknown;
  readonly read: (state: State) => unknown;
}
const scalars: Readonly<Record<string, Scalar>> = {
  int32: { wire: WireType.Varint, zero: 0, read: (s) => uint32(s) | 0 },
  uint32: { wire: WireType.Varint, zero: 0, read: uint32 },
  enum: { wire: WireType.Varint, zero: 0, read: (s) => uint32(s) | 0 },
  int64: { wire: WireType.Varint, zero: 0, read: (s) => int64(s, true) },
  uint64: { wire: WireType.Varint, zero: 0, read: (s) => int64(s, false) },
  bool: { wire: WireType.Varint, zero: false, read: (s) => s.reader.bool() },
  float: { wire: WireType.Bit32, zero: 0, read: (s) => s.reader.float() },
  fixed32: { wire: WireType.Bit32, zero: 0, read: (s) => s.reader.fixed32() },
  double: { wire: WireType.Bit64, zero: 0, read: (s) => s.reader.double() },
  string: { wire: WireType.LengthDelimited, zero: '', read: (s) => s.reader.string() },
  bytes: { wire: WireType.LengthDelimited, zero: new Uint8Array(0), read: (s) => s.reader.bytes() },
};

// Nearly all numbers of a file take one byte. Those are read here, for speed; all others, and what is to be refused, by
// the library.

function uint32({ reader, bytes }: State): number {
  const byte = bytes[reader.pos] as number;
  if (!(byte < 0x80)) return reader.uint32();
  reader.pos++;
  return byte;
}

function int64({ reader, bytes }: State, signed: boolean): number | bigint {
  const byte = bytes[reader.pos] as number;
  if (byte < 0x80) {
    reader.pos++;
    return byte;
  }
  const value = signed ? reader.int64() : reader.uint64();
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : BigInt(value);
}

/** `number * 8 + wire type` of the next field. */
function tagOf({ reader, bytes }: State): number {
  const byte = bytes[reader.pos] as number;
  if (byte >= 8 && byte < 0x80 && (byte & 7) <= WireType.Bit32) {
    reader.pos++;
    return byte;
  }
  const [number, wire] = reader.tag();
  return number * 8 + wire;
}

function skip(state: State, tag: number): void {
  const { reader } = state;
  if ((tag & 7) !== WireType.LengthDelimited) reader.skip(tag & 7, tag >>> 3);
  else {
    const length = uint32(state); // moves the position itself
    reader.pos += length;
    if (reader.pos > reader.len) throw new RangeError('premature EOF');
  }
}

/** The fields of a table's text by number. */
export function parseFields(text: string): Map<number, { name: string; kind: string; marks: string; key: string }> {
  const fields = new Map<number, { name: string; kind: string; marks: string; key: string }>();
  for (const row of text.split(', ')) {
    const match = /^(\d+) (\w+) ([~!]?)([\w.]+)([?*]?)(?:%(\w+))?$/.exec(row);
    if (!match) throw new Error(`internal error: field table row "${row}"`);
    const [, number, name, before, kind, after, key] = match as unknown as string[];
    fields.set(Number(number), { name: name!, kind: kind!, marks: `${before}${after}`, key: key ?? '' });
  }
  return fields;
}

function parseTable(text: string, tableOf: (message: string) => Table, tables: object): Table {
  const fields: Field[] = [];
  const empty: Record<string, unknown> = {};
  for (const [number, { name, kind, marks, key }] of parseFields(text)) {
    const lazy = marks.includes('~');
    const message = !lazy && kind in tables ? () => tableOf(kind) : undefined;
    const shape = key ? 'map' : marks.includes('*') ? 'repeated' : 'one';
    const skipped = marks.includes('!');
    const scalar = scalars[lazy ? 'bytes' : kind];
    fields[number] = { name, kind: lazy ? 'bytes' : kind, shape, key, message, skipped, scalar };
    if (skipped) continue;
    if (shape === 'map') empty[name] = EMPTY_MAP;
    else if (shape === 'repeated') empty[name] = EMPTY_LIST;
    else empty[name] = message || lazy || marks.includes('?') ? undefined : scalars[kind]?.zero;
  }
  return { fields, empty };
}

function readMessage(state: State, table: Table, end: number, depth: number): Record<string, unknown> {
  if (depth > MAX_DEPTH) throw new Error(`more than ${MAX_DEPTH} nested messages`);
  const { reader } = state;
  const message: Record<string, unknown> = { ...table.empty };
  while (reader.pos < end) {
    const tag = tagOf(state);
    const field = table.fields[tag >>> 3];
    if (!field || field.skipped || !readField(state, message, field, tag & 7, end, depth)) skip(state, tag);
    if (reader.pos > end) throw new Error('a field that is longer than its message');
  }
  return message;
}

/** Reads a field's value into the message; false, and nothing read, when the wire type does not fit the field. */
function readField(
  state: State,
  message: Record<string, unknown>,
  field: Field,
  wire: WireType,
  end: number,
  depth: number,
): boolean {
  const { reader } = state;
  const { scalar } = field;
  if (field.shape === 'repeated' && scalar && wire === WireType.LengthDelimited && wire !== scalar.wire) {
    const last = endOf(state, end);
    while (reader.pos < last) append(state, message, field.name, scalar.read(state));
    if (reader.pos !== last) throw new Error('a packed list that ends inside a number');
    return true;
  }
  if (wire !== (field.shape === 'map' ? WireType.LengthDelimited : (scalar?.wire ?? WireType.LengthDelimited)))
    return false;
  spend(state);
  if (field.shape === 'map') readMapEntry(state, message, field, endOf(state, end), depth);
  else {
    const value = readValue(state, field, end, depth);
    if (field.shape === 'repeated') append(state, message, field.name, value);
    else message[field.name] = value;
  }
  return true;
}

function readValue(state: State, field: Field, end: number, depth: number): unknown {
  if (!field.message) return field.scalar?.read(state);
  const last = endOf(state, end);
  return readMessage(state, field.message(), last, depth + 1);
}

function readMapEntry(state: State, message: Record<string, unknown>, field: Field, end: number, depth: number): void {
  const { reader } = state;
  const keys = scalars[field.key];
  let key = keys?.zero;
  let value = field.message ? undefined : field.scalar?.zero;
  while (reader.pos < end) {
    const tag = tagOf(state);
    const [number, wire] = [tag >>> 3, tag & 7];
    if (number === 1 && wire === keys?.wire) key = keys.read(state);
    else if (number === 2 && wire === (field.scalar?.wire ?? WireType.LengthDelimited))
      value = readValue(state, field, end, depth);
    else skip(state, tag);
    if (reader.pos > end) throw new Error('a map entry that is longer than its field');
  }
  value ??= field.message ? { ...field.message().empty } : undefined;
  if (message[field.name] === EMPTY_MAP) message[field.name] = new Map();
  (message[field.name] as Map<unknown, unknown>).set(key, value);
}

function append(state: State, message: Record<string, unknown>, name: string, value: unknown): void {
  spend(state);
  if (message[name] === EMPTY_LIST) message[name] = [value];
  else (message[name] as unknown[]).push(value);
}

function spend(state: State): void {
  if (--state.left < 0) throw new Error(`more than ${MAX_ELEMENTS} elements`);
}

function endOf(state: State, limit: number): number {
  const end = uint32(state) + state.reader.pos;
  if (end > limit) throw new Error('a length that is larger than what is left');
  return end;
}
