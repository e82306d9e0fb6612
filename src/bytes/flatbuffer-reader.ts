import {
  type ByteRange,
  enumScalar,
  type FlatbufferField,
  type FlatbufferSchema,
  inlineSize,
  scalars,
  type Table,
  type UnknownField,
  unknownFields,
} from './flatbuffers.js';
import { PagedView } from './paged-view.js';
import type { ByteSource } from './source.js';

/** A field that the schema does not know: `kept` when its bytes are in the table's `unknownFields`. */
export interface UnknownReport {
  readonly table: string;
  readonly slot: number;
  /** Byte offset of the field. */
  readonly at: number;
  readonly kept: boolean;
}

export interface DecodedFlatbuffer {
  readonly root: Table;
  readonly unknown: readonly UnknownReport[];
  /** End of the last thing that was reached, in bytes from the start of the file. */
  readonly end: number;
  /** Byte offset of each table, for messages. */
  readonly offsets: Map<object, number>;
}

/** Memory a file may come to: a multiple of its size, within limits, so that shared parts cannot multiply endlessly. */
const BASE_BUDGET = 16 << 20;
const BUDGET_PER_BYTE = 32;
const MOST_BUDGET = 384 << 20;

/** Is told of every part of a file that is reached: where, how many bytes, and what: `table Tensor`, `vector Tensor.shape`. */
export type ReachListener = (at: number, length: number, what: string) => void;

interface VTable {
  /** Bytes of the table itself. */
  readonly size: number;
  /** Offsets of the fields in the table by slot; 0: absent. */
  readonly slots: readonly number[];
  /** Slots of the fields that are there. */
  readonly present: readonly number[];
}

interface Decoding {
  readonly view: PagedView;
  readonly schema: FlatbufferSchema;
  readonly ranges: ReadonlySet<string>;
  readonly vtables: Map<number, VTable>;
  readonly budget: number;
  readonly unknown: UnknownReport[];
  readonly offsets: Map<object, number>;
  readonly onReach: ReachListener | undefined;
  spent: number;
  end: number;
}

/**
 * A FlatBuffers file as plain objects. Every offset and length is checked, and the memory taken is bounded whatever the
 * bytes are; the schema has no recursive tables, so depth is bounded too. Byte vectors are views; those named in
 * `ranges` (`'Buffer.data'`) are not read but given as {@link ByteRange}.
 * @throws {ModelError} `malformed-file` with the offset.
 */
export function decodeFlatbuffer(
  source: ByteSource,
  schema: FlatbufferSchema,
  rootTable: string,
  ranges: ReadonlySet<string> = new Set(),
  onReach?: ReachListener,
): DecodedFlatbuffer {
  const view = new PagedView(source);
  const budget = Math.min(MOST_BUDGET, BASE_BUDGET + BUDGET_PER_BYTE * source.size);
  const offsets = new Map<object, number>();
  const d: Decoding = {
    view,
    schema,
    ranges,
    vtables: new Map(),
    budget,
    unknown: [],
    offsets,
    onReach,
    spent: 0,
    end: 0,
  };
  const root = decodeTable(d, rootTable, follow(d, 0));
  return { root, unknown: d.unknown, end: d.end, offsets };
}

function spend(d: Decoding, at: number, bytes: number): void {
  d.spent += bytes;
  if (d.spent > d.budget)
    d.view.fail(at, `the parts up to here come to more than ${d.budget >> 20} MB in memory. The file is damaged.`);
}

function reach(d: Decoding, at: number, length: number, what: string): void {
  if (at + length > d.view.size)
    d.view.fail(at, `${what} of ${length} bytes expected, the file ends after ${d.view.size}. It may be incomplete.`);
  d.end = Math.max(d.end, at + length);
  d.onReach?.(at, length, what);
}

/** The place an offset at `at` leads to; offsets are unsigned and relative to themselves. */
function follow(d: Decoding, at: number): number {
  const offset = d.view.u32(at);
  const target = at + offset;
  if (offset < 4 || target + 4 > d.view.size)
    d.view.fail(at, `an offset into the file expected, got ${offset}, which leads to byte ${target} of ${d.view.size}`);
  return target;
}

function vtableOf(d: Decoding, name: string, at: number): VTable {
  const { view } = d;
  const start = at - view.i32(at);
  const known = d.vtables.get(start);
  if (known) return known;
  if (start < 0 || start + 4 > view.size)
    view.fail(at, `the layout of table ${name} expected in the file, got byte ${start} of ${view.size}`);
  const length = view.u16(start);
  if (length < 4 || length % 2 !== 0)
    view.fail(start, `a layout of 4 or more bytes expected for table ${name}, got ${length}`);
  reach(d, start, length, `the layout of table ${name}`);
  const slots = Array.from({ length: length / 2 - 2 }, (_, slot) => view.u16(start + 4 + 2 * slot));
  spend(d, start, 64 + 8 * slots.length);
  const present = [...slots.keys()].filter((slot) => slots[slot]);
  const vtable = { size: view.u16(start + 2), slots, present };
  d.vtables.set(start, vtable);
  return vtable;
}

function decodeTable(d: Decoding, name: string, at: number): Table {
  const fields = d.schema.tables[name] ?? [];
  spend(d, at, 128 + 16 * fields.length);
  const vtable = vtableOf(d, name, at);
  if (vtable.size < 4) d.view.fail(at, `table ${name} of 4 or more bytes expected, got ${vtable.size}`);
  reach(d, at, vtable.size, `table ${name}`);
  const table: Table = {};
  d.offsets.set(table, at);
  let known = 0;
  for (const field of fields) {
    const offset = fieldOffset(d, name, at, vtable, field.slot, inlineSize(d.schema, field));
    if (offset) known++;
    if (field.kind === 'union') {
      if (field.typeSlot !== undefined && vtable.slots[field.typeSlot]) known++;
      if (offset) table[field.name] = decodeUnion(d, name, field, at, offset, vtable);
    } else if (offset) table[field.name] = decodeField(d, name, field, at + offset);
    else if (field.default !== undefined) table[field.name] = field.default;
  }
  if (vtable.present.length > known) collectUnknown(d, name, at, vtable, table);
  return table;
}

function fieldOffset(d: Decoding, name: string, at: number, vtable: VTable, slot: number, size: number): number {
  const offset = vtable.slots[slot] ?? 0;
  if (offset !== 0 && (offset < 4 || offset + size > vtable.size))
    d.view.fail(at, `field ${slot} of table ${name} lies at ${offset}, outside of its ${vtable.size} bytes`);
  return offset;
}

function decodeUnion(
  d: Decoding,
  name: string,
  field: FlatbufferField,
  at: number,
  offset: number,
  vtable: VTable,
): unknown {
  const typeOffset = fieldOffset(d, name, at, vtable, field.typeSlot as number, 1);
  const code = typeOffset ? d.view.get(at + typeOffset, 1, (view, i) => view.getUint8(i)) : 0;
  if (code === 0) return undefined;
  const member = membersOf(d.schema, field.type).get(code);
  if (!member)
    d.view.fail(
      at + typeOffset,
      `a known member of union ${field.type} expected, got ${code}. The file may be of a newer version.`,
    );
  return { type: member.type, value: decodeTable(d, member.table, follow(d, at + offset)) };
}

/** What a table of a union is. */
interface UnionMember {
  readonly type: string;
  readonly table: string;
}
const memberTables = new WeakMap<object, ReadonlyMap<number, UnionMember>>();

/** Discriminator -> member of a union. */
function membersOf({ unions }: FlatbufferSchema, name: string): ReadonlyMap<number, UnionMember> {
  const facts = unions[name] ?? {};
  let members = memberTables.get(facts);
  if (!members) {
    members = new Map(Object.entries(facts).map(([type, [code, table]]) => [code, { type, table }]));
    memberTables.set(facts, members);
  }
  return members;
}

function decodeField(d: Decoding, table: string, field: FlatbufferField, at: number): unknown {
  switch (field.kind) {
    case 'scalar':
      return decodeScalar(d, field.type, at);
    case 'enum':
      return enumNames(d.schema, field.type)(decodeScalar(d, enumScalar(d.schema, field.type), at) as number);
    case 'string':
      return decodeString(d, follow(d, at));
    case 'table':
      return decodeTable(d, field.type, follow(d, at));
    default:
      return decodeVector(d, table, field, follow(d, at));
  }
}

function decodeScalar(d: Decoding, type: string, at: number): number | bigint | boolean {
  const facts = scalars[type] as NonNullable<(typeof scalars)[string]>;
  return d.view.get(at, facts.size, facts.get);
}

const namesOf = new WeakMap<object, ReadonlyMap<number, string>>();

/** Number -> name of an enum; unknown numbers stay numbers. */
function enumNames(schema: FlatbufferSchema, name: string): (value: number) => string | number {
  const facts = schema.enums[name] ?? { values: {} };
  let names = namesOf.get(facts);
  if (!names) {
    names = new Map(Object.entries(facts.values).map(([key, value]) => [value, key]));
    namesOf.set(facts, names);
  }
  return (value) => names.get(value) ?? value;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decodeString(d: Decoding, at: number): string {
  const length = d.view.u32(at);
  reach(d, at + 4, length, 'a string');
  spend(d, at, 32 + 2 * length);
  return utf8.decode(d.view.source.read(at + 4, length));
}

function decodeVector(d: Decoding, table: string, field: FlatbufferField, at: number): unknown {
  const { kind, type } = field;
  const length = d.view.u32(at);
  const scalar = kind === 'enums' ? enumScalar(d.schema, type) : type;
  const size = kind === 'tables' || kind === 'strings' ? 4 : (scalars[scalar]?.size ?? 1);
  const start = at + 4;
  reach(d, start, length * size, `vector ${table}.${field.name}`);
  if (d.ranges.has(`${table}.${field.name}`)) return { offset: start, length } satisfies ByteRange;
  spend(d, at, 128 + (scalar === 'uint8' ? 0 : 8 * length));
  if (kind === 'strings') return collect(length, (i) => decodeString(d, follow(d, start + 4 * i)));
  if (kind === 'tables') return collect(length, (i) => decodeTable(d, type, follow(d, start + 4 * i)));
  if (kind === 'enums') {
    const named = enumNames(d.schema, type);
    return collect(length, (i) => named(decodeScalar(d, scalar, start + size * i) as number));
  }
  if (scalar === 'uint8') return d.view.source.read(start, length);
  return decodeScalars(d, scalar, start, length);
}

/** The numbers of a vector, which lies in the file: read at once, since quantized models have many thousand scales. */
function decodeScalars(d: Decoding, type: string, start: number, length: number): (number | bigint | boolean)[] {
  const { size, get } = scalars[type] as NonNullable<(typeof scalars)[string]>;
  const bytes = d.view.source.read(start, length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out: (number | bigint | boolean)[] = [];
  for (let i = 0; i < length; i++) out.push(get(view, size * i));
  return out;
}

/** Like `Array.from`, but with memory only for what has been made: the first bad element stops it. */
function collect<T>(length: number, make: (i: number) => T): T[] {
  const out: T[] = [];
  for (let i = 0; i < length; i++) out.push(make(i));
  return out;
}

/**
 * Notes fields of a newer schema. Their type is not known, but references are offsets to a multiple of four within the
 * file: when none of a table's unknown fields can be one, they are plain values and are kept. Otherwise none is, because
 * one may speak of another.
 */
function collectUnknown(d: Decoding, name: string, at: number, vtable: VTable, table: Table): void {
  const mine = new Set<number>();
  for (const field of d.schema.tables[name] ?? []) {
    mine.add(field.slot);
    if (field.typeSlot !== undefined) mine.add(field.typeSlot);
  }
  const starts = [...vtable.present.map((slot) => vtable.slots[slot] as number), vtable.size].sort((a, b) => a - b);
  spend(d, at, 64 * starts.length);
  const found: UnknownField[] = [];
  const first = d.unknown.length;
  let plain = true;
  for (const slot of vtable.present) {
    if (mine.has(slot)) continue;
    const offset = fieldOffset(d, name, at, vtable, slot, 1);
    const room = (starts.find((start) => start > offset) as number) - offset;
    spend(d, at, 256);
    const size = [8, 4, 2, 1].find((n) => n <= room && (at + offset) % n === 0) as number;
    const value = size >= 4 ? d.view.u32(at + offset) : 0;
    const target = at + offset + value;
    if (value >= 4 && target % 4 === 0 && target + 4 <= d.view.size) plain = false;
    found.push({ slot, bytes: d.view.source.read(at + offset, size).slice() });
    d.unknown.push({ table: name, slot, at: at + offset, kept: true });
  }
  if (plain) table[unknownFields] = found;
  else
    for (let i = first; i < d.unknown.length; i++) d.unknown[i] = { ...(d.unknown[i] as UnknownReport), kept: false };
}
