import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { crc32c, maskCrc } from '../../../bytes/crc32c.js';
import { bytesSource, memoryTree } from '../../../bytes/source.js';
import type { Bundle } from './bundle.js';
import { openBundle } from './bundle.js';
import { sliceKey } from './slices.js';
import { readTable } from './table.js';
import { expectedRuns, fixtureFiles, fixtureTree, messageBytes } from './testing.js';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((p) => [...p]));

/** A block of a table: payload, compression type, checksum. */
function block(payload: Uint8Array, compress: boolean): Uint8Array {
  const body = concat(compress ? snappy.compress(payload) : payload, Uint8Array.of(compress ? 1 : 0));
  const crc = maskCrc(crc32c(body));
  return concat(
    body,
    Uint8Array.from([0, 8, 16, 24], (shift) => (crc >>> shift) & 255),
  );
}

const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);

/** A table written by hand, with full keys, one data block and one restart. */
function table(entries: readonly (readonly [string, Uint8Array])[], compress = false): Uint8Array {
  const payload = (rows: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
    concat(
      ...rows.flatMap(([key, value]) => [
        Uint8Array.from([0, ...varint(key.length), ...varint(value.length)]),
        bytesOf(key),
        value,
      ]),
      Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0),
    );
  const data = block(payload(entries), compress);
  const handle = (offset: number, part: Uint8Array): Uint8Array =>
    Uint8Array.from([...varint(offset), ...varint(part.length - 5)]);
  const meta = block(payload([]), false);
  const index = block(payload([['~', handle(0, data)]]), false);
  const handles = concat(handle(data.length, meta), handle(data.length + meta.length, index));
  const footer = new Uint8Array(48);
  footer.set(handles);
  footer.set([0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb], 40);
  return concat(data, meta, index, footer);
}

const header = (text = '') => messageBytes('BundleHeaderProto', `num_shards: 1 ${text}`);
const entry = (text: string) => messageBytes('BundleEntryProto', text);
function bundle(rows: readonly (readonly [string, Uint8Array])[], data: Uint8Array): Bundle {
  return openBundle(memoryTree({ 'x.index': table(rows), 'x.data-00000-of-00001': data }), 'x') as Bundle;
}

describe('openBundle', () => {
  it('reads every tensor of a checkpoint that TensorFlow wrote in two shards', () => {
    const opened = openBundle(fixtureTree('checkpoint'), 'model') as Bundle;
    const expected = expectedRuns('checkpoint') as unknown as Record<string, { shape: number[]; data: unknown[] }>;
    expect(opened.names).toEqual(Object.keys(expected).sort());
    for (const [name, { shape, data }] of Object.entries(expected)) {
      const constant = opened.tensor(name);
      if (constant.dtype === 'string') {
        expect(constant.shape).toEqual(shape);
        expect((constant.data() as readonly Uint8Array[]).map((b) => new TextDecoder().decode(b))).toEqual(data);
      } else if (constant.dtype === 'f16') {
        expect(Array.from(constant.data() as Uint16Array)).toEqual([0x3800, 0x7bff]);
      } else {
        if (constant.dtype !== 'c64') expect(constant.shape).toEqual(shape);
        expect(constant.numbers()).toEqual(data.map(Number));
      }
    }
  });

  it('puts the slices of a partitioned variable together', () => {
    const opened = openBundle(fixtureTree('tf1_partitioned'), 'variables/variables') as Bundle;
    const weights = opened.tensor('part/w');
    expect(weights.shape).toEqual([6, 4]);
    const [run] = expectedRuns('tf1_partitioned');
    const w = weights.numbers();
    const x = run?.inputs.x?.data as number[];
    const y = run?.outputs.y?.data as number[];
    let first = 0;
    for (let k = 0; k < 6; k++) first += (x[k] as number) * (w[k * 4] as number);
    expect(first).toBeCloseTo(y[0] as number, 4);
  });

  it('puts slices along the last axis together', () => {
    const slice = (start: number, at: number) =>
      [
        sliceKey('w', [
          { start: 0, length: -1 },
          { start, length: 1 },
        ]),
        entry(`dtype: DT_INT32 shape { dim { size: 2 } dim { size: 1 } } offset: ${at} size: 8`),
      ] as const;
    const extents = 'slices { extent {} extent { length: 1 } } slices { extent {} extent { start: 1 length: 1 } }';
    const opened = bundle(
      [
        ['', header()],
        slice(0, 0),
        slice(1, 8),
        ['w', entry(`dtype: DT_INT32 shape { dim { size: 2 } dim { size: 2 } } ${extents}`)],
      ],
      new Uint8Array(Int32Array.of(1, 3, 2, 4).buffer),
    );
    expect(opened.names).toEqual(['w']);
    expect(opened.tensor('w').numbers()).toEqual([1, 2, 3, 4]);
  });

  it('turns the bytes of a big-endian checkpoint round', () => {
    const rows = [
      ['', header('endianness: 1')],
      ['a', entry('dtype: DT_INT32 shape { dim { size: 2 } } size: 8')],
    ] as const;
    expect(
      bundle(rows, Uint8Array.of(0, 0, 1, 2, 255, 255, 255, 254))
        .tensor('a')
        .numbers(),
    ).toEqual([258, -2]);
  });

  it('is undefined when there is no index', () => {
    expect(openBundle(memoryTree({}), 'x')).toBeUndefined();
  });

  it.each([
    ['dtype: DT_FLOAT shape { dim { size: 2 } } size: 4', '8 bytes expected for f32 [2], 4 found'],
    ['dtype: DT_FLOAT shape { dim { size: 1099511627776 } } size: 4', 'is too large'],
    ['dtype: DT_FLOAT shape { dim { size: -1 } } size: 4', 'a static shape expected'],
    ['dtype: 99 size: 4', 'a tensor type expected, DataType 99 found'],
    ['dtype: DT_RESOURCE', 'a stored tensor of type resource cannot be handled'],
    ['dtype: DT_FLOAT offset: 100 size: 4', '4 bytes expected, the file ends after 8'],
    ['dtype: DT_FLOAT shard_id: 7 size: 4', 'the file x.data-00007-of-00001 expected'],
    ['dtype: DT_STRING shape { dim { size: 3 } } size: 2', '3 strings expected'],
    ['dtype: DT_STRING shape { dim { size: 1 } } size: 8', 'lengths that fit their checksum expected'],
    ['dtype: DT_FLOAT shape { dim { size: 2 } } slices { extent { length: 1 } }', 'no such tensor'],
  ])('refuses an entry %s', (text, message) => {
    const rows = [
      ['', header()],
      ['a', entry(text)],
    ] as const;
    const read = () => bundle(rows, new Uint8Array(8)).tensor('a').data();
    expect(read).toThrowError(
      expect.objectContaining({ name: 'ModelError', message: expect.stringContaining(message) }),
    );
  });
});

describe('readTable', () => {
  const rows = [
    ['', Uint8Array.of(1)],
    ['alpha', Uint8Array.of(2, 3)],
    ['omega', new Uint8Array(300).fill(7)],
  ] as const;
  const read = (bytes: Uint8Array) =>
    [...readTable(bytesSource(bytes, 't'))].map(({ key, value }) => [key, Uint8Array.from(value)]);

  it('reads plain blocks and blocks compressed with Snappy', () => {
    expect(read(table(rows))).toEqual(rows);
    expect(read(table(rows, true))).toEqual(rows);
  });

  it('refuses damaged files with the offset', () => {
    const bytes = table(rows);
    expect(() => read(bytes.subarray(0, 20))).toThrow('t @0x0: a table of at least 48 bytes expected');
    expect(() => read(Uint8Array.from(bytes, (b, i) => (i === 9 ? b ^ 1 : b)))).toThrow(
      'a block that fits its checksum',
    );
    expect(() => read(Uint8Array.from(bytes, (b, i) => (i === bytes.length - 1 ? 0 : b)))).toThrow(
      'the mark of a table',
    );
  });
});

describe('sliceKey', () => {
  // Bytes of the first two: as TensorFlow writes them. The others: worked out by hand from the rules of ordered codes.
  it.each([
    [[0, 3, 0, 4], '0077000101028083' + '8084'],
    [[3, 3, 0, 4], '0077000101028383' + '8084'],
    [[0, -1], '00770001' + '0101' + '807f'],
    [[63, 64], '00770001' + '0101' + 'bfc040'],
    [[8191, 8192], '00770001' + '0101' + 'dfff' + 'e02000'],
    [[0, 1000000], '00770001' + '0101' + '80' + 'ef4240'],
  ])('encodes %j', (numbers, hex) => {
    const extents = [];
    for (let i = 0; i < numbers.length; i += 2)
      extents.push({ start: numbers[i] as number, length: numbers[i + 1] as number });
    expect(Buffer.from(sliceKey('w', extents), 'latin1').toString('hex')).toBe(hex);
  });

  it('escapes zero bytes and bytes 255 in names', () => {
    expect(Buffer.from(sliceKey('a\0', []), 'latin1').toString('hex')).toBe('006100ff000100');
  });

  it('gives the keys that are in a checkpoint of TensorFlow', () => {
    const index = Buffer.from(fixtureFiles('tf1_partitioned')['variables/variables.index'] as Uint8Array);
    const key = Buffer.from(
      sliceKey('part/w', [
        { start: 0, length: 3 },
        { start: 0, length: 4 },
      ]),
      'latin1',
    );
    expect(index.includes(key)).toBe(true);
  });
});
