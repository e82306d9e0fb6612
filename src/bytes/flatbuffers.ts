/** What a FlatBuffers schema says, as data. Source: FlatBuffers "Internals" (binary format). */

/** One field of a table: its slot in the vtable, what it holds, and for unions the slot of the type. */
export interface FlatbufferField {
  readonly name: string;
  readonly slot: number;
  readonly kind: 'scalar' | 'enum' | 'string' | 'table' | 'union' | 'scalars' | 'enums' | 'strings' | 'tables';
  /** The scalar, enum, table or union; of a vector its elements. */
  readonly type: string;
  /** Absent fields read as this; undefined: as absent. */
  readonly default?: number | boolean | bigint | string;
  readonly typeSlot?: number;
  /** Bytes to which the elements of a vector are aligned, when more than their own size. */
  readonly align?: number;
}

/** Tables, enums (name -> number) and unions (member -> discriminator and table) by name. */
export interface FlatbufferSchema {
  readonly tables: Readonly<Record<string, readonly FlatbufferField[]>>;
  readonly enums: Readonly<
    Record<string, { readonly size: number; readonly values: Readonly<Record<string, number>> }>
  >;
  readonly unions: Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;
}

/** Where bytes lie in a file. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A byte vector of the file to be written, asked for its bytes only when they are needed. */
export interface LaterBytes {
  readonly length: number;
  /** Gives `length` bytes. */
  read(): Uint8Array;
}

/** A field that the schema does not know, whose bytes cannot be a reference and so can be kept. */
export interface UnknownField {
  readonly slot: number;
  readonly bytes: Uint8Array;
}

/**
 * Key under which a table carries its {@link UnknownField}s. A symbol, so that copies by `{ ...table }` take it along
 * and lists of the fields do not show it.
 */
export const unknownFields: unique symbol = Symbol('unknown fields');

/** A table as a plain object: fields by name, unions as `{ type, value }`, 64-bit integers as `bigint`. */
export type Table = { [field: string]: unknown; [unknownFields]?: readonly UnknownField[] };

interface ScalarFacts {
  readonly size: 1 | 2 | 4 | 8;
  get(view: DataView, at: number): number | bigint | boolean;
  set(view: DataView, at: number, value: never): void;
}

/** How scalars lie in bytes. A `bool` is one byte. */
export const scalars: Readonly<Record<string, ScalarFacts>> = {
  bool: {
    size: 1,
    get: (view, at) => view.getUint8(at) !== 0,
    set: (view, at, value: boolean) => view.setUint8(at, Number(value)),
  },
  int8: { size: 1, get: (view, at) => view.getInt8(at), set: (view, at, value: number) => view.setInt8(at, value) },
  uint8: { size: 1, get: (view, at) => view.getUint8(at), set: (view, at, value: number) => view.setUint8(at, value) },
  int16: {
    size: 2,
    get: (view, at) => view.getInt16(at, true),
    set: (view, at, value: number) => view.setInt16(at, value, true),
  },
  uint16: {
    size: 2,
    get: (view, at) => view.getUint16(at, true),
    set: (view, at, value: number) => view.setUint16(at, value, true),
  },
  int32: {
    size: 4,
    get: (view, at) => view.getInt32(at, true),
    set: (view, at, value: number) => view.setInt32(at, value, true),
  },
  uint32: {
    size: 4,
    get: (view, at) => view.getUint32(at, true),
    set: (view, at, value: number) => view.setUint32(at, value, true),
  },
  int64: {
    size: 8,
    get: (view, at) => view.getBigInt64(at, true),
    set: (view, at, value: bigint) => view.setBigInt64(at, value, true),
  },
  uint64: {
    size: 8,
    get: (view, at) => view.getBigUint64(at, true),
    set: (view, at, value: bigint) => view.setBigUint64(at, value, true),
  },
  float32: {
    size: 4,
    get: (view, at) => view.getFloat32(at, true),
    set: (view, at, value: number) => view.setFloat32(at, value, true),
  },
  float64: {
    size: 8,
    get: (view, at) => view.getFloat64(at, true),
    set: (view, at, value: number) => view.setFloat64(at, value, true),
  },
};

/** The scalar in which members of an enum are stored. */
export const enumScalar = (schema: FlatbufferSchema, name: string): string =>
  schema.enums[name]?.size === 4 ? 'int32' : 'int8';

/** Bytes that a field takes in its table. */
export function inlineSize(schema: FlatbufferSchema, field: FlatbufferField): number {
  if (field.kind === 'scalar') return (scalars[field.type] as ScalarFacts).size;
  return field.kind === 'enum' ? (schema.enums[field.type]?.size ?? 1) : 4;
}
