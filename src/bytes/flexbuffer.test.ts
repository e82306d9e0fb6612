import { toObject } from 'flatbuffers/js/flexbuffers.js';
import { describe, expect, it } from 'vitest';
import { flexBufferMap } from './flexbuffer.js';
import { readFlexNumbers } from './flexbuffer-reader.js';

describe('flexBufferMap', () => {
  it('gives a map that the FlexBuffers library reads back', () => {
    const bytes = flexBufferMap({
      threshold: { kind: 'float', value: 2 },
      axis: { kind: 'int', value: -1 },
      sizes: { kind: 'list', value: [1, 300, 3].map((value) => ({ kind: 'int', value })) },
      mode: { kind: 'string', value: 'nearest' },
      fast: { kind: 'bool', value: true },
    });
    expect(toObject(bytes.slice().buffer)).toEqual({
      axis: -1,
      fast: true,
      mode: 'nearest',
      sizes: [1, 300, 3],
      threshold: 2,
    });
  });
});

describe('the numbers of a map', () => {
  const int = (value: number) => ({ kind: 'int', value }) as const;
  const float = (value: number) => ({ kind: 'float', value }) as const;

  it.each([
    ['of one byte', { a: int(-3), b: int(100) }, [-3, 100]],
    ['of four bytes', { a: int(70_000), b: float(0.25) }, [70_000, 0.25]],
    ['of eight bytes', { a: int(2 ** 40), b: float(0.1) }, [2 ** 40, 0.1]],
    ['of four bytes beside eight', { a: int(2 ** 40), b: float(0.25) }, [2 ** 40, 0.25]],
  ] as const)('%s are read, and other values left out', (_, { a, b }, [first, second]) => {
    const map = { a, b, c: { kind: 'bool', value: true }, d: { kind: 'string', value: 'x' } } as const;
    const expected = [...Object.entries({ a: first, b: second, c: 1 })];
    expect([...readFlexNumbers(flexBufferMap(map))]).toEqual(expected);
  });

  it('are an error where there is no map, or a part of one', () => {
    const whole = flexBufferMap({ a: int(70_000), b: float(0.25) });
    for (const bytes of [new Uint8Array(), Uint8Array.of(1, 4, 1), whole.slice(6)])
      expect(() => readFlexNumbers(bytes)).toThrow('options in a FlexBuffer map expected');
  });
});
