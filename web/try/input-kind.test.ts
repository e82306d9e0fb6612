import { describe, expect, it } from 'vitest';
import type { DType } from '../../src/ir/tensor.js';
import { inputKind } from './input-kind.js';
import { labelsOf } from './labels.js';

const kindOf = (dtype: DType, ...shape: number[]) => inputKind({ name: 'x', dtype, shape });

describe('inputKind', () => {
  it.each<[string, DType, number[], object]>([
    ['small grey pictures are drawn', 'f32', [-1, 28, 28, 1], { kind: 'drawing', width: 28, height: 28, channels: 1 }],
    ['coloured ones come from files', 'f32', [1, 192, 256, 3], { kind: 'image', width: 256, height: 192, channels: 3 }],
    ['channels may come first', 'f32', [1, 3, 192, 256], { kind: 'image', width: 256, height: 192, channels: 3 }],
    ['an open size is a usual one', 'u8', [1, -1, -1, 3], { kind: 'image', width: 224, height: 224, channels: 3 }],
    ['a long row of floats is sound', 'f32', [1, 16000], { kind: 'sound', samples: 16000 }],
    ['with a channel, too', 'f32', [-1, 16000, 1], { kind: 'sound', samples: 16000 }],
    ['of any length, too', 'f32', [-1], { kind: 'sound', samples: -1 }],
    ['short rows are numbers', 'f32', [1, 40], { kind: 'numbers', count: 40 }],
    ['batches of rows are numbers', 'f32', [4, 16000], { kind: 'numbers', count: 64000 }],
    ['word numbers are numbers', 'i32', [1, 128], { kind: 'numbers', count: 128 }],
    ['scalars are numbers', 'f32', [], { kind: 'numbers', count: 1 }],
    ['texts are texts', 'string', [1], { kind: 'text' }],
  ])('%s', (_, dtype, shape, expected) => {
    expect(kindOf(dtype, ...shape)).toEqual(expected);
  });
});

describe('labelsOf', () => {
  it.each<[string, string, string[]]>([
    ['lines', 'cat\r\ndog\n\n', ['cat', 'dog']],
    ['a JSON list', '["cat","dog"]', ['cat', 'dog']],
    ['the map of Keras', '{"0":["n01","cat"],"1":["n02","dog"]}', ['cat', 'dog']],
  ])('reads %s', (_, text, expected) => {
    expect(labelsOf(text)).toEqual(expected);
  });
});
