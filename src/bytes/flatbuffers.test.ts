import { Builder, ByteBuffer } from 'flatbuffers';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../errors.js';
import { decodeFlatbuffer } from './flatbuffer-reader.js';
import { encodeFlatbuffer } from './flatbuffer-writer.js';
import { type FlatbufferSchema, type Table, unknownFields } from './flatbuffers.js';
import { bytesSource } from './source.js';

// FlatBuffers' own library is the second source: what one side writes the other must read.
const schema: FlatbufferSchema = {
  enums: { Color: { size: 1, values: { RED: 0, BLUE: 2 } } },
  unions: { Any: { Leaf: [1, 'Leaf'] } },
  tables: {
    Leaf: [{ name: 'id', slot: 0, kind: 'scalar', type: 'int32', default: 0 }],
    Root: [
      { name: 'flag', slot: 0, kind: 'scalar', type: 'bool', default: true },
      { name: 'big', slot: 1, kind: 'scalar', type: 'int64', default: 0n },
      { name: 'color', slot: 2, kind: 'enum', type: 'Color', default: 'RED' },
      { name: 'name', slot: 3, kind: 'string', type: 'string' },
      { name: 'leaves', slot: 4, kind: 'tables', type: 'Leaf' },
      { name: 'any', slot: 6, kind: 'union', type: 'Any', typeSlot: 5 },
      { name: 'longs', slot: 7, kind: 'scalars', type: 'int64' },
      { name: 'floats', slot: 8, kind: 'scalars', type: 'float32' },
      { name: 'data', slot: 9, kind: 'scalars', type: 'uint8', align: 16 },
      { name: 'words', slot: 10, kind: 'strings', type: 'string' },
      { name: 'colors', slot: 11, kind: 'enums', type: 'Color' },
    ],
  },
};

const full: Table = {
  flag: false,
  big: -(2n ** 40n),
  color: 'BLUE',
  name: 'größe',
  leaves: [{ id: 7 }, { id: 0 }, { id: -1 }],
  any: { type: 'Leaf', value: { id: 9 } },
  longs: [1n, -2n],
  floats: [0.5, -0],
  data: Uint8Array.of(1, 2, 3),
  words: ['a', 'größe', ''],
  colors: ['RED', 'BLUE', 5],
};

function join(parts: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...parts]));
}
const encode = (table: Table) => join(encodeFlatbuffer(schema, 'Root', table, 'TEST'));
const decode = (bytes: Uint8Array) => decodeFlatbuffer(bytesSource(bytes, 'file'), schema, 'Root');

/** Reads with the library, by vtable offset: 4 + 2 * slot. */
function withLibrary(bytes: Uint8Array) {
  const bb = new ByteBuffer(bytes);
  const root = bb.readInt32(bb.position()) + bb.position();
  const field = (slot: number, table = root) => {
    const offset = bb.__offset(table, 4 + 2 * slot);
    return offset ? table + offset : 0;
  };
  return { bb, field, element: (slot: number, i: number, size: number) => bb.__vector(field(slot)) + i * size };
}

describe('writing', () => {
  it("gives a file that FlatBuffers' own library reads the same", () => {
    const { bb, field, element } = withLibrary(encode(full));
    expect(bb.__has_identifier('TEST')).toBe(true);
    expect(bb.readInt8(field(0))).toBe(0);
    expect(bb.readInt64(field(1))).toBe(full.big);
    expect(bb.readInt8(field(2))).toBe(2);
    expect(bb.__string(field(3))).toBe('größe');
    const ids = [0, 1, 2].map((i) => {
      const at = field(0, bb.__indirect(element(4, i, 4)));
      return at ? bb.readInt32(at) : 0;
    });
    expect(ids).toEqual([7, 0, -1]);
    expect(bb.readUint8(field(5))).toBe(1);
    expect(bb.readInt32(field(0, bb.__indirect(field(6))))).toBe(9);
    expect([0, 1].map((i) => bb.readInt64(element(7, i, 8)))).toEqual([1n, -2n]);
    expect([0, 1].map((i) => bb.readFloat32(element(8, i, 4)))).toEqual([0.5, -0]);
    expect(bb.__vector_len(field(9))).toBe(3);
    expect(bb.__string(element(10, 1, 4))).toBe('größe');
    expect(bb.readInt8(element(11, 2, 1))).toBe(5);
  });

  it('aligns 64-bit numbers to 8 bytes and vectors as asked', () => {
    const { field, element } = withLibrary(encode(full));
    expect([field(1) % 8, element(7, 0, 8) % 8, element(9, 0, 1) % 16]).toEqual([0, 0, 0]);
  });

  it('leaves out what has its default', () => {
    const { field } = withLibrary(encode({ flag: true, big: 0n, color: 'RED' }));
    expect([field(0), field(1), field(2)]).toEqual([0, 0, 0]);
  });

  it('shares equal layouts, strings and vectors', () => {
    const { bb, element } = withLibrary(encode({ leaves: [{ id: 1 }, { id: 2 }], words: ['same', 'same'] }));
    const vtables = [0, 1].map((i) => {
      const leaf = bb.__indirect(element(4, i, 4));
      return leaf - bb.readInt32(leaf);
    });
    expect(vtables[0]).toBe(vtables[1]);
    expect(bb.__indirect(element(10, 0, 4))).toBe(bb.__indirect(element(10, 1, 4)));
  });

  it('asks for later bytes only when the parts are taken, and puts them at the end', () => {
    let reads = 0;
    const data = {
      length: 5,
      read: () => {
        reads++;
        return Uint8Array.of(1, 2, 3, 4, 5);
      },
    };
    const parts = encodeFlatbuffer(schema, 'Root', { data, name: 'x' }, 'TEST');
    expect(reads).toBe(0);
    const bytes = join(parts);
    expect(bytes.length).toBe(parts.size);
    const { element } = withLibrary(bytes);
    expect(element(9, 0, 1) % 16).toBe(0);
    expect(bytes.subarray(element(9, 0, 1))).toEqual(Uint8Array.of(1, 2, 3, 4, 5));
  });

  it('is undone by reading', () => {
    expect(decode(encode(full)).root).toEqual(full);
  });

  it('refuses an enum member that is not one', () => {
    expect(() => encode({ color: 'GREEN' })).toThrow("'GREEN' is not a member of Color");
  });
});

/** A file by the library: a root with the given fields. */
function build(slots: number, fill: (b: Builder) => void, before: (b: Builder) => void = () => {}): Uint8Array {
  const b = new Builder(64);
  before(b);
  b.startObject(slots);
  fill(b);
  b.finish(b.endObject(), 'TEST');
  return b.asUint8Array().slice();
}

describe('reading', () => {
  it("takes what FlatBuffers' own builder writes", () => {
    let [name, longs] = [0, 0];
    const bytes = build(
      12,
      (b) => {
        b.addFieldInt8(0, 0, 1);
        b.addFieldInt64(1, 5n, 0n);
        b.addFieldInt8(2, 2, 0);
        b.addFieldOffset(3, name, 0);
        b.addFieldOffset(7, longs, 0);
      },
      (b) => {
        name = b.createString('größe');
        b.startVector(8, 2, 8);
        b.addInt64(-2n);
        b.addInt64(1n);
        longs = b.endVector();
      },
    );
    expect(decode(bytes).root).toEqual({ flag: false, big: 5n, color: 'BLUE', name: 'größe', longs: [1n, -2n] });
  });

  it('gives ranges instead of bytes where asked', () => {
    const bytes = encode(full);
    const { root } = decodeFlatbuffer(bytesSource(bytes), schema, 'Root', new Set(['Root.data']));
    const { offset, length } = root.data as { offset: number; length: number };
    expect(bytes.subarray(offset, offset + length)).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('keeps unknown fields that cannot be references, and writes them back', () => {
    const bytes = build(15, (b) => {
      b.addFieldInt32(12, -7, 0);
      b.addFieldInt8(14, 3, 0);
    });
    const { root, unknown } = decode(bytes);
    expect(unknown.map(({ table, slot, kept }) => ({ table, slot, kept }))).toEqual([
      { table: 'Root', slot: 12, kept: true },
      { table: 'Root', slot: 14, kept: true },
    ]);
    const { bb, field } = withLibrary(encode(root));
    expect([bb.readInt32(field(12)), bb.readInt8(field(14))]).toEqual([-7, 3]);
  });

  it('reports unknown fields that may be references, and keeps none of their table', () => {
    let text = 0;
    const bytes = build(
      14,
      (b) => {
        b.addFieldOffset(12, text, 0);
        b.addFieldInt8(13, 1, 0);
      },
      (b) => {
        text = b.createString('of a newer schema');
      },
    );
    const { root, unknown } = decode(bytes);
    expect(unknown.map((u) => u.kept)).toEqual([false, false]);
    expect(root[unknownFields]).toBeUndefined();
  });
});

describe('damaged files', () => {
  const message = (bytes: Uint8Array): string => {
    try {
      decode(bytes);
    } catch (e) {
      if (e instanceof ModelError) return e.message;
      throw e;
    }
    return 'no error';
  };
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = encode(full);
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };

  it('name the offset of what is wrong', () => {
    expect(message(new Uint8Array(2))).toMatch(/^file @0x0: /);
    expect(message(changed(0, 1 << 30))).toMatch(/^file @0x0: an offset into the file expected, got 1073741824/);
    const { bb, field } = withLibrary(encode(full));
    const name = bb.__indirect(field(3));
    expect(message(changed(name, 0xffffffff))).toBe(
      `file @0x${(name + 4).toString(16)}: a string of 4294967295 bytes expected, the file ends after ${bb.capacity()}. It may be incomplete.`,
    );
  });

  it('with a member of a union that nobody knows are refused', () => {
    const bytes = encode(full);
    bytes[withLibrary(bytes).field(5)] = 77;
    expect(message(bytes)).toMatch(/a known member of union Any expected, got 77\. The file may be of a newer version/);
  });

  it('whose parts are shared a million times are refused before they fill the memory', () => {
    const withTop: FlatbufferSchema = {
      ...schema,
      tables: { ...schema.tables, Top: [{ name: 'roots', slot: 0, kind: 'tables', type: 'Root' }] },
    };
    const bytes = sharedParts(20_000);
    expect(() => decodeFlatbuffer(bytesSource(bytes), withTop, 'Top')).toThrow('come to more than');
  });
});

/** A list of `n` references to one table, with a list of `n` references to one leaf: n * n leaves in 8 n bytes. */
function sharedParts(n: number): Uint8Array {
  const [top, roots] = [16, 24];
  const layout = roots + 4 + 4 * n;
  const [root, leaves] = [layout + 16, layout + 24];
  const leaf = leaves + 4 + 4 * n + 4;
  const bytes = new Uint8Array(leaf + 4);
  const view = new DataView(bytes.buffer);
  const refer = (at: number, target: number) => view.setUint32(at, target - at, true);
  const list = (at: number, target: number) => {
    view.setUint32(at, n, true);
    for (let i = 1; i <= n; i++) refer(at + 4 * i, target);
  };
  const table = (at: number, vtable: number, ...slots: number[]) => {
    for (const [i, v] of [4 + 2 * slots.length, slots.length > 0 ? 8 : 4, ...slots].entries())
      view.setUint16(vtable + 2 * i, v, true);
    view.setInt32(at, at - vtable, true);
  };
  refer(0, top);
  table(top, 8, 4);
  refer(top + 4, roots);
  list(roots, root);
  table(root, layout, 0, 0, 0, 0, 4);
  refer(root + 4, leaves);
  list(leaves, leaf);
  table(leaf, leaf - 4);
  return bytes;
}
