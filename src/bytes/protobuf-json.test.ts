import { describe, expect, it } from 'vitest';
import { messageDecoder, originOf } from './protobuf.js';
import { encodeJsonFormat } from './protobuf-json.js';

const tables = {
  Outer: '1 name string, 2 inner Inner*, 3 map Inner%string, 4 raw bytes?, 5 kind enum, 6 lazy ~Inner',
  Inner: '1 count int64, 2 share float, 3 on bool, 4 many int32*',
};
interface Messages {
  Outer: Record<string, unknown>;
  Inner: Record<string, unknown>;
}
const decode = messageDecoder<Messages>(tables as never);
const encode = (value: unknown) =>
  encodeJsonFormat(tables, 'Outer', value, (name) => (name === 'DT_TWO' ? 2 : undefined), 'a.json');
const roundTrip = (value: unknown) => {
  const bytes = encode(value);
  return decode('Outer', bytes, originOf('a.json', bytes));
};

describe('encodeJsonFormat', () => {
  it('takes numbers as text, enums by name, bytes as base64 and names in both styles', () => {
    const value = {
      name: 'n',
      inner: [{ count: '-5', share: 'Infinity', on: true, many: [1, '2'] }],
      raw: 'AQL/',
      kind: 'DT_TWO',
    };
    const made = roundTrip(value);
    expect(made).toMatchObject({ name: 'n', kind: 2, inner: [{ count: -5, share: Infinity, on: true, many: [1, 2] }] });
    expect(Array.from(made.raw as Uint8Array)).toEqual([1, 2, 255]);
  });

  it('takes maps, and passes over what it does not know and over null', () => {
    const made = roundTrip({ map: { a: { count: 1 }, b: { share: 0.5 } }, other: [1], name: null });
    expect(made.map).toEqual(
      new Map([
        ['a', { count: 1, share: 0, on: false, many: [] }],
        ['b', { count: 0, share: 0.5, on: false, many: [] }],
      ]),
    );
  });

  it.each([
    [{ name: 3 }, /a.json: name: a value of type string expected, 3 found/],
    [{ inner: {} }, /inner: a list expected/],
    [{ inner: [{ count: 1.5 }] }, /inner.0.count: a value of type int64 expected, 1.5 found/],
    [{ map: [] }, /map: an object expected/],
    [{ raw: '*' }, /raw: a value of type bytes expected/],
    [{ kind: 'DT_THREE' }, /kind: a value of type enum expected/],
    [7, /the file: an object expected, 7 found/],
  ])('%j is an error that says where', (value, text) => expect(() => encode(value)).toThrow(text));
});
