import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { mutations } from '../../test/fuzz/mutate.js';
import { ModelError } from '../errors.js';
import { decompressSnappy } from './snappy.js';

const text = new TextEncoder().encode('a block, a block, a longer block, and a block again. '.repeat(40));

describe('decompressSnappy', () => {
  it('restores what a Snappy library compressed', () => {
    expect(decompressSnappy(snappy.compress(text), 'x')).toEqual(text);
    expect(decompressSnappy(Buffer.from(snappy.compress(text)), 'x')).toEqual(text);
  });

  it('reads literals and copies written by hand', () => {
    // 8 bytes: the literal "ab", a copy of 4 from 2 back (1-byte offset), a copy of 2 from 3 back (2-byte offset).
    const bytes = Uint8Array.of(8, 0b000001_00, 97, 98, 0b000_000_01, 2, 0b000001_10, 3, 0);
    expect(new TextDecoder().decode(decompressSnappy(bytes, 'x'))).toBe('abababba');
  });

  it.each([
    ['no length', [0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a block of 4294967295 bytes', [0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['a cut-off element at 1', [4, 0b111100_00]],
    ['a copy from before the start at 1', [4, 0b000_000_01, 1]],
    ['more bytes than declared', [1, 0b000001_00, 97, 98]],
    ['1 of 2 bytes', [2, 0, 97]],
    ['more bytes than declared', [9, 0b111111_00, 0xff, 0xff, 0xff, 0xff, 1]],
  ])('refuses %s', (got, bytes) => {
    expect(() => decompressSnappy(Uint8Array.from(bytes), 'file @0x8')).toThrow(`a Snappy block expected, ${got}`);
  });

  it('ends with bytes or a ModelError for damaged blocks', () => {
    for (const bytes of mutations(snappy.compress(text), 300, 5)) {
      try {
        decompressSnappy(bytes, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    }
  });
});
