import { describe, expect, it } from 'vitest';
import { messageDecoder, originOf } from './protobuf.js';
import { encodeTextFormat } from './protobuf-text.js';

const tables = {
  Outer:
    '1 title string, 2 count int32, 3 data bytes, 4 numbers int64*, 5 inner Inner, 7 table Inner%string, 8 later ~Inner,' +
    ' 9 kind enum, 10 ratio float, 11 flag bool, 12 ratios double*',
  Inner: '1 size int64, 2 names string*',
};
// biome-ignore lint/suspicious/noExplicitAny: the shape is given by the tables above
const decode = messageDecoder<Record<string, any>>(tables);
const encode = (text: string) => encodeTextFormat(tables, 'Outer', text, (n) => (n === 'TWO' ? 2 : undefined), 'file');
const read = (text: string) => {
  const bytes = encode(text);
  return decode('Outer', bytes, originOf('file', bytes));
};

describe('encodeTextFormat', () => {
  it('reads scalars, lists, messages and maps', () => {
    const message = read(`
      # a comment
      title: "one " 'two'  count: -3; kind: TWO, ratio: -1.5e2 flag: true
      numbers: 1 numbers: [0x10, -9223372036854775808]
      inner { size: 5 names: "a" names: "b" }
      table { key: "k" value < size: 7 > }
      later: { names: ["x", "y"] }
      ratios: [inf, -inf, nan, .5, 2f]
    `);
    expect(message).toMatchObject({ title: 'one two', count: -3, kind: 2, ratio: -150, flag: true });
    expect(message.numbers).toEqual([1, 16, -9223372036854775808n]);
    expect(message.inner).toEqual({ size: 5, names: ['a', 'b'] });
    expect(message.table.get('k').size).toBe(7);
    expect(message.ratios).toEqual([Infinity, -Infinity, Number.NaN, 0.5, 2]);
    expect(decode('Inner', message.later, originOf('x', message.later)).names).toEqual(['x', 'y']);
  });

  it('understands the escapes of strings', () => {
    expect([...read(String.raw`data: "\001\x41\n\\\"\u00e4é\377"`).data]).toEqual([
      1, 65, 10, 92, 34, 0xc3, 0xa4, 0xc3, 0xa9, 255,
    ]);
  });

  it('passes over fields it does not know', () => {
    const text = 'other { a: "}" b { c: [1, 2] } } more: 5 [type.googleapis.com/x.Y] { z: 1 } count: 4';
    expect(read(text).count).toBe(4);
  });

  it.each([
    ['count: "x"', 'file line 1: a value of type int32'],
    ['\n\ntitle: "open', 'file line 3: the end of a string'],
    ['inner { size: 1', 'expected'],
    ['inner: 5', "a message for 'inner'"],
    ['kind: THREE', 'a value of type enum'],
    ['} count: 1', 'the name of a field'],
    ['count: §', 'a word'],
    ['other {{{', 'the end of the file'],
    [`title: "\\`, 'the end of a string'],
  ])('refuses %s', (text, message) => {
    expect(() => encode(text)).toThrowError(
      expect.objectContaining({
        name: 'ModelError',
        code: 'malformed-file',
        message: expect.stringContaining(message),
      }),
    );
  });
});
