import { assert, ModelError } from '../errors.js';
import {
  enumScalar,
  type FlatbufferField,
  type FlatbufferSchema,
  inlineSize,
  type LaterBytes,
  scalars,
  type Table,
  unknownFields,
} from './flatbuffers.js';
import { GrowingBytes } from './growing-bytes.js';

/** A file that is ready to be written: its parts in order. Each walk makes them anew. */
export interface FileParts extends Iterable<Uint8Array> {
  /** Bytes of all parts. */
  readonly size: number;
}

/** Something inline in a table: a scalar's bytes, or a reference to be set once its target has a place. */
interface Inline {
  readonly slot: number;
  readonly size: number;
  write(at: number): void;
}

/** A vector or string among the shared ones at the end of the tables. */
interface Pooled {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly align: number;
  readonly references: number[];
}

interface Later {
  readonly reference: number;
  readonly align: number;
  readonly value: LaterBytes;
}

interface Encoding {
  readonly schema: FlatbufferSchema;
  readonly out: GrowingBytes;
  readonly vtables: Map<string, number>;
  /** Tables and vectors of references still to be written, in order. */
  readonly queue: (() => void)[];
  readonly pool: Map<string, Pooled>;
  readonly later: Later[];
}

/** Vectors up to this many bytes are compared with earlier ones and shared. */
const SHARED = 256;

/**
 * A FlatBuffers file of an object by its schema: tables first, then vectors and strings (equal ones once), then byte
 * vectors given as {@link LaterBytes}, which are read only while the file is written. Fields that equal their default are
 * left out; equal layouts are shared. Vectors of scalars may be typed arrays with elements of the scalar's size. The same
 * object gives the same bytes.
 */
export function encodeFlatbuffer(
  schema: FlatbufferSchema,
  rootTable: string,
  root: Table,
  identifier: string,
): FileParts {
  const e: Encoding = {
    schema,
    out: new GrowingBytes(),
    vtables: new Map(),
    queue: [],
    pool: new Map(),
    later: [],
  };
  e.out.append(8);
  e.out.bytes.set(new TextEncoder().encode(identifier), 4);
  writeTable(e, 0, rootTable, root);
  for (let i = 0; i < e.queue.length; i++) (e.queue[i] as () => void)();
  for (const pooled of e.pool.values()) writePooled(e, pooled);
  return placeLater(e);
}

/** Sets the reference at `at` to lead to `target`. */
const refer = (e: Encoding, at: number, target: number): void => e.out.view.setUint32(at, target - at, true);

function writeTable(e: Encoding, reference: number, name: string, table: Table): void {
  const fields = e.schema.tables[name];
  assert(fields, `no table ${name} in the schema`);
  const inline: Inline[] = [];
  for (const field of fields) {
    const value = table[field.name];
    if (value !== undefined) addInline(e, name, field, value, inline);
  }
  for (const { slot, bytes } of table[unknownFields] ?? [])
    inline.push({ slot, size: bytes.length, write: (at) => e.out.bytes.set(bytes, at) });
  // Large fields first: no padding between them.
  inline.sort((a, b) => b.size - a.size || a.slot - b.slot);
  let last = -1;
  for (const { slot } of inline) if (slot > last) last = slot;
  const slots = new Array<number>(last + 1).fill(0);
  let size = 4;
  for (const item of inline) {
    slots[item.slot] = size;
    size += item.size;
  }
  const vtable = vtableAt(e, size, slots);
  // After the first four bytes come the 8-byte fields.
  const at = inline[0]?.size === 8 ? e.out.align(8, 4) : e.out.align(4);
  e.out.append(size);
  refer(e, reference, at);
  e.out.view.setInt32(at, at - vtable, true);
  for (const item of inline) item.write(at + (slots[item.slot] as number));
}

function vtableAt(e: Encoding, tableSize: number, slots: readonly number[]): number {
  const key = `${tableSize}:${slots}`;
  const known = e.vtables.get(key);
  if (known !== undefined) return known;
  const at = e.out.align(2);
  e.out.append(4 + 2 * slots.length);
  for (const [i, value] of [4 + 2 * slots.length, tableSize, ...slots].entries())
    e.out.view.setUint16(at + 2 * i, value, true);
  e.vtables.set(key, at);
  return at;
}

/** Adds what a field takes in its table: nothing when it has its default, two things for a union. */
function addInline(e: Encoding, table: string, field: FlatbufferField, value: unknown, inline: Inline[]): void {
  const { slot, kind, type } = field;
  const size = inlineSize(e.schema, field);
  if (kind === 'scalar' || kind === 'enum') {
    const scalar = kind === 'enum' ? enumScalar(e.schema, type) : type;
    const number = kind === 'enum' ? enumValue(e, type, value) : value;
    const usual = kind === 'enum' ? enumValue(e, type, field.default) : field.default;
    if (!Object.is(number, usual))
      inline.push({ slot, size, write: (at) => setScalar(e.out.view, scalar, at, number) });
    return;
  }
  if (kind !== 'union') {
    inline.push({ slot, size, write: (at) => writeLinked(e, at, table, field, value) });
    return;
  }
  const union = value as { type: string; value: Table };
  const member = e.schema.unions[type]?.[union.type];
  assert(member, `no member ${union.type} in union ${type}`);
  inline.push(
    { slot, size, write: (at) => void e.queue.push(() => writeTable(e, at, member[1], union.value)) },
    { slot: field.typeSlot as number, size: 1, write: (at) => e.out.view.setUint8(at, member[0]) },
  );
}

function enumValue(e: Encoding, type: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const number = e.schema.enums[type]?.values[value];
  if (number === undefined) throw new ModelError('invalid-graph', `'${value}' is not a member of ${type}`);
  return number;
}

function setScalar(view: DataView, type: string, at: number, value: unknown): void {
  const facts = scalars[type];
  assert(facts, `no scalar type ${type}`);
  facts.set(view, at, value as never);
}

/** Writes what the reference at `at` leads to, or sets it down to be written. */
function writeLinked(e: Encoding, at: number, table: string, field: FlatbufferField, value: unknown): void {
  const { kind, type } = field;
  switch (kind) {
    case 'table':
      e.queue.push(() => writeTable(e, at, type, value as Table));
      return;
    case 'tables':
      e.queue.push(() => writeReferences(e, at, value as Table[], (i, v) => writeTable(e, i, type, v)));
      return;
    case 'strings':
      e.queue.push(() => writeReferences(e, at, value as string[], (i, v) => pool(e, i, textBytes(v))));
      return;
    case 'string':
      pool(e, at, textBytes(value as string));
      return;
    default:
      writeScalars(e, at, table, field, value);
  }
}

function writeReferences<T>(
  e: Encoding,
  reference: number,
  values: readonly T[],
  write: (at: number, value: T) => void,
): void {
  const at = e.out.align(4);
  e.out.append(4 + 4 * values.length);
  refer(e, reference, at);
  e.out.view.setUint32(at, values.length, true);
  for (const [i, value] of values.entries()) e.queue.push(() => write(at + 4 + 4 * i, value));
}

type Vector = { readonly bytes: Uint8Array; readonly count: number; readonly align: number };

/** A string has a zero byte after it, which its length does not count. */
function textBytes(text: string): Vector {
  const bytes = new TextEncoder().encode(`${text}\0`);
  return { bytes, count: bytes.length - 1, align: 1 };
}

function writeScalars(e: Encoding, at: number, table: string, field: FlatbufferField, value: unknown): void {
  const type = field.kind === 'enums' ? enumScalar(e.schema, field.type) : field.type;
  const size = scalars[type]?.size ?? 1;
  const align = Math.max(size, field.align ?? 1);
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    pool(e, at, { bytes, count: bytes.length / size, align });
    return;
  }
  if (!Array.isArray(value)) {
    e.later.push({ reference: at, align, value: value as LaterBytes });
    return;
  }
  const facts = scalars[type];
  assert(facts, `no scalar type ${type}`);
  const bytes = new Uint8Array(value.length * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < value.length; i++) {
    const number = field.kind === 'enums' ? enumValue(e, field.type, value[i]) : value[i];
    if (number === undefined) assert(false, `${table}.${field.name} has a hole`);
    facts.set(view, i * size, number as never);
  }
  pool(e, at, { bytes, count: value.length, align });
}

function pool(e: Encoding, reference: number, { bytes, count, align }: Vector): void {
  const key = bytes.length <= SHARED ? `${count}:${String.fromCharCode(...bytes)}` : `at ${reference}`;
  const known = e.pool.get(key);
  if (known && known.align >= align) known.references.push(reference);
  else e.pool.set(known ? `${key} at ${align}` : key, { bytes, count, align, references: [reference] });
}

function writePooled(e: Encoding, { bytes, count, align, references }: Pooled): void {
  const start = align > 4 ? e.out.align(align, align - 4) : e.out.align(4);
  e.out.append(4 + bytes.length);
  e.out.view.setUint32(start, count, true);
  e.out.bytes.set(bytes, start + 4);
  for (const reference of references) refer(e, reference, start);
}

/** The parts of the file: all tables in one, then each later vector with the padding and length before it. */
function placeLater(e: Encoding): FileParts {
  let end = e.out.size;
  const placed = e.later.map(({ reference, align, value }) => {
    const start = Math.ceil((end + 4) / Math.max(4, align)) * Math.max(4, align);
    const header = new Uint8Array(start - end);
    new DataView(header.buffer).setUint32(header.length - 4, value.length, true);
    refer(e, reference, start - 4);
    end = start + value.length;
    return { header, value };
  });
  const tables = e.out.bytes.subarray(0, e.out.size);
  return {
    size: end,
    *[Symbol.iterator]() {
      yield tables;
      for (const { header, value } of placed) {
        yield header;
        const bytes = value.read();
        assert(bytes.length === value.length, `${value.length} bytes were promised, ${bytes.length} came`);
        yield bytes;
      }
    },
  };
}
