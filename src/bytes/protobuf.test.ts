import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { messageDecoder, originOf } from './protobuf.js';

interface Inner {
  readonly size: number | bigint;
  readonly names: readonly string[];
}
interface Outer {
  readonly title: string;
  readonly count: number;
  readonly data: Uint8Array;
  readonly numbers: readonly number[];
  readonly inner?: Inner;
  readonly parts: readonly Inner[];
  readonly table: ReadonlyMap<string, Inner>;
  readonly later?: Uint8Array;
  readonly maybe?: boolean;
  readonly self?: Outer;
}
const decode = messageDecoder<{ Outer: Outer; Inner: Inner }>({
  Outer:
    '1 title string, 2 count int32, 3 data bytes, 4 numbers int32*, 5 inner Inner, 6 parts Inner*, 7 table Inner%string,' +
    ' 8 later ~Inner, 9 maybe bool?, 10 self Outer, 11 values !float*',
  Inner: '1 size int64, 2 names string*',
});
const LEN = WireType.LengthDelimited;
const read = (bytes: Uint8Array) => decode('Outer', bytes, originOf('file', bytes));

describe('messageDecoder', () => {
  it('gives proto3 defaults for what is absent', () => {
    expect(read(new Uint8Array(0))).toEqual({
      title: '',
      count: 0,
      data: new Uint8Array(0),
      numbers: [],
      inner: undefined,
      parts: [],
      table: new Map(),
      later: undefined,
      maybe: undefined,
      self: undefined,
    });
  });

  it('reads what a protobuf writer wrote, packed or not, and skips unknown fields', () => {
    const inner = (w: BinaryWriter, size: number | string) => w.fork().tag(1, WireType.Varint).int64(size).join();
    const w = new BinaryWriter();
    w.tag(99, LEN).string('unknown').tag(98, WireType.Varint).int32(1).tag(97, WireType.Bit64).double(1);
    w.tag(96, WireType.StartGroup).tag(1, WireType.Varint).int32(5).tag(96, WireType.EndGroup);
    w.tag(1, LEN).string('tïtle').tag(2, WireType.Varint).int32(-7);
    w.tag(4, WireType.Varint).int32(1);
    w.tag(4, LEN).fork().int32(-2).int32(300).join();
    inner(w.tag(5, LEN), -1);
    inner(w.tag(6, LEN), 5);
    inner(w.tag(6, LEN), '9223372036854775807');
    w.tag(7, LEN).fork().tag(1, LEN).string('__proto__');
    inner(w.tag(2, LEN), 1).join();
    w.tag(7, LEN).fork().tag(1, LEN).string('empty').join();
    w.tag(9, WireType.Varint).bool(false);
    w.tag(11, LEN).fork().float(1).float(2).join();
    const message = read(w.finish());
    expect(message).toMatchObject({ title: 'tïtle', count: -7, numbers: [1, -2, 300], maybe: false });
    expect(message.inner?.size).toBe(-1);
    expect(message.parts.map((p) => p.size)).toEqual([5, 9223372036854775807n]);
    expect(message.table.get('__proto__')?.size).toBe(1);
    expect(message.table.get('empty')).toEqual({ size: 0, names: [] });
    expect(Object.keys(message)).not.toContain('values');
  });

  it('gives bytes and deferred messages as views on the input', () => {
    const bytes = new BinaryWriter()
      .tag(3, LEN)
      .bytes(Uint8Array.of(1, 2))
      .tag(8, LEN)
      .bytes(Uint8Array.of(8, 3))
      .finish();
    const message = read(bytes);
    expect(message.data.buffer).toBe(bytes.buffer);
    expect(message.later?.buffer).toBe(bytes.buffer);
    expect(decode('Inner', message.later as Uint8Array, originOf('file', bytes)).size).toBe(3);
  });

  it('counts the last of repeated singular fields, and skips fields of another wire type', () => {
    const w = new BinaryWriter()
      .tag(2, WireType.Varint)
      .int32(1)
      .tag(2, LEN)
      .string('x')
      .tag(2, WireType.Varint)
      .int32(4);
    expect(read(w.tag(1, WireType.Varint).int32(9).finish())).toMatchObject({ count: 4, title: '' });
  });

  it.each([
    ['a field that ends early', [0x0a, 5, 97], 'file @0x'],
    ['a message longer than its parent', [0x2a, 2, 0x12, 9, 0x0a, 0, 0, 0, 0, 0, 0, 0], 'file @0x'],
    ['a length beyond the file', [0x2a, 0xff, 0xff, 0xff, 0xff, 0x0f], 'a length that is larger than what is left'],
    ['an endless number', [0x10, ...new Array(11).fill(0xff)], 'file @0x'],
    ['field number zero', [0, 0], 'illegal tag'],
    ['a packed list that ends inside a number', [0x22, 1, 0x80, 0x10, 1], 'a packed list that ends inside a number'],
    ['an end without a group', [0x0c], 'Outer message expected'],
  ])('refuses %s', (_, bytes, text) => {
    const file = Uint8Array.from(bytes);
    expect(() => read(file)).toThrowError(
      expect.objectContaining({ name: 'ModelError', code: 'malformed-file', message: expect.stringContaining(text) }),
    );
  });

  it('refuses messages nested without end', () => {
    let bytes: Uint8Array = new Uint8Array(0);
    for (let i = 0; i < 100; i++) bytes = new BinaryWriter().tag(10, LEN).bytes(bytes).finish();
    expect(() => read(bytes)).toThrow('more than 64 nested messages');
  });
});
