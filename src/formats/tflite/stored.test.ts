import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { Constant } from '../../ir/constant.js';
import { Graph, Value } from '../../ir/graph.js';
import { readAppended } from './appended.js';
import { densify } from './sparse.js';
import { padRows, storedBytes, unpadRows } from './stored.js';
import { packedLength, packStrings, unpackStrings } from './strings.js';

describe('rows of 4-bit weights', () => {
  // Rows of three: 1 2 3, 4 5 6; low nibble first.
  const packed = Uint8Array.of(0x21, 0x43, 0x65);
  const padded = Uint8Array.of(0x21, 0x03, 0x54, 0x06);

  it('begin at a byte when padded', () => {
    expect(padRows(packed, 2, 3)).toEqual(padded);
    expect(unpadRows(padded, 2, 3)).toEqual(packed);
  });

  it('are padded in blockwise quantized FULLY_CONNECTED, and nowhere else', () => {
    const weights = Value.constant('w', Constant.of('i4', [2, 3], Int8Array.of(1, 2, 3, 4, 5, 6)));
    const stored = () => storedBytes(weights, weights.constant as Constant);
    expect(stored().read()).toEqual(packed);
    const details = { type: 'BlockwiseQuantization', scales: undefined, zeroPoints: undefined, blockSize: 3 };
    weights.quantization = { scale: new Float32Array(), zeroPoint: [], axis: 0, extra: { details } };
    expect(stored().length).toBe(3);
    const x = new Value('x', 'f32', [1, 3]);
    const y = new Value('y', 'f32', [1, 2]);
    new Graph('main').append({ op: 'FULLY_CONNECTED', name: 'y', inputs: [x, weights], outputs: [y] });
    expect([stored().length, stored().read()]).toEqual([4, padded]);
  });
});

describe('strings', () => {
  it('pack as a count, offsets and bytes', () => {
    const strings = ['ab', '', 'c'].map((s) => new TextEncoder().encode(s));
    const packed = packStrings(strings);
    expect(Array.from(new Int32Array(packed.buffer, 0, 5))).toEqual([3, 20, 22, 22, 23]);
    expect(packed.length).toBe(packedLength(strings));
    expect(unpackStrings(packed, 3, 'here')).toEqual(strings);
  });

  it('that are damaged are malformed', () => {
    expect(() => unpackStrings(new Uint8Array(3), 1, 'here')).toThrow('here: 1 strings expected, got -1');
    expect(() => unpackStrings(Uint8Array.of(9, 0, 0, 0), 9, 'here')).toThrow('here: 9 strings need 44 bytes or more');
  });
});

describe('sparse constants', () => {
  const dense = (denseSize: number) => ({ format: 'DENSE' as const, denseSize });
  const compressed = (segments: number[], indices: number[]) => ({
    format: 'SPARSE_CSR' as const,
    denseSize: 0,
    arraySegments: { type: 'Int32Vector' as const, value: { values: segments } },
    arrayIndices: { type: 'Int32Vector' as const, value: { values: indices } },
  });

  it('without blocks are compressed rows', () => {
    // 0 5 0 / 0 0 0 / 7 0 8
    const sparsity = {
      traversalOrder: [0, 1],
      blockMap: [],
      dimMetadata: [dense(3), compressed([0, 1, 1, 3], [1, 0, 2])],
    };
    expect(densify(Uint8Array.of(5, 7, 8), 1, [3, 3], sparsity, 'w')).toEqual(Uint8Array.of(0, 5, 0, 0, 0, 0, 7, 0, 8));
  });

  it('may be walked columns first, and in blocks on both axes', () => {
    const columns = { traversalOrder: [1, 0], blockMap: [], dimMetadata: [dense(2), compressed([0, 1, 2], [1, 0])] };
    // Column 0 has 5 in row 1, column 1 has 6 in row 0.
    expect(densify(Uint8Array.of(5, 6), 1, [2, 2], columns, 'w')).toEqual(Uint8Array.of(0, 6, 5, 0));
    const blocks = {
      traversalOrder: [0, 1, 2, 3],
      blockMap: [0, 1],
      dimMetadata: [dense(1), compressed([0, 1], [1]), dense(2), dense(2)],
    };
    // One row of two blocks of 2x2; the second is stored.
    expect(densify(Uint8Array.of(1, 2, 3, 4), 1, [2, 4], blocks, 'w')).toEqual(Uint8Array.of(0, 0, 1, 2, 0, 0, 3, 4));
  });

  it.each([
    ['an index beyond the axis', [3, 3], [0, 1, 1, 3], [1, 0, 3], /a sparse index below 3 expected, got 3/],
    ['segments that overlap', [3, 3], [0, 2, 1, 3], [1, 0, 2], /growing segments within 3 indices expected/],
    ['too few segments', [3, 3], [0, 1], [1], /sparse segment 1 expected/],
    ['another size', [4, 3], [0, 1, 1, 3], [1, 0, 2], /level 0 of size 4 expected, got 3/],
    ['more elements than are stored', [3, 3], [0, 1, 1, 4], [1, 0, 1, 2], /sparse element 3 expected, 3 are stored/],
  ])('with %s are malformed', (_, shape, segments, indices, expected) => {
    const sparsity = { traversalOrder: [0, 1], dimMetadata: [dense(3), compressed(segments, indices)] };
    expect(() => densify(Uint8Array.of(5, 7, 8), 1, shape, sparsity, 'w')).toThrow(expected);
    expect(() => densify(Uint8Array.of(5, 7, 8), 1, shape, sparsity, 'w')).toThrow(ModelError);
  });

  it('do not fill the memory because of a damaged shape', () => {
    const sparsity = { traversalOrder: [0], dimMetadata: [dense(2 ** 31 - 1)] };
    expect(() => densify(Uint8Array.of(1), 1, [2 ** 31 - 1], sparsity, 'w')).toThrow(/up to \d+ bytes expected/);
  });
});

describe('bytes after a model', () => {
  it('are what is there after zeros', () => {
    const source = (...bytes: number[]) => bytesSource(Uint8Array.from(bytes));
    expect(readAppended(source(1, 2, 0, 0), 2)).toBeUndefined();
    expect(readAppended(source(1, 2, 0, 3, 0), 2)).toMatchObject({ offset: 3, length: 2 });
  });
});
