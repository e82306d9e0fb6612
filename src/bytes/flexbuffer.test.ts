import { toObject } from 'flatbuffers/js/flexbuffers.js';
import { describe, expect, it } from 'vitest';
import { flexBufferMap } from './flexbuffer.js';

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
