import { describe, expect, it } from 'vitest';
import { mutations } from '../../test/fuzz/mutate.js';
import { fromBase64, tensorFiles } from '../../test/tensor-files.js';
import { ModelError } from '../errors.js';
import { elementCount, type Tensor } from '../ir/tensor.js';
import { float32FromFloat16 } from '../numerics/float16.js';
import { readNpy, writeNpy } from './npy-tensor.js';

const join = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const file = (name: string): Uint8Array => fromBase64(tensorFiles.arrays[name]?.file ?? '');

/** Elements as the fixtures have them: numbers, texts, 64-bit integers as texts. */
function elementsOf({ dtype, data }: Tensor): unknown[] {
  if (dtype === 'bool') return Array.from(data as Uint8Array, (x) => x === 1);
  if (dtype === 'f16') return [...float32FromFloat16(data as Uint16Array)];
  if (dtype === 'string') return (data as readonly Uint8Array[]).map((b) => new TextDecoder().decode(b));
  return Array.from(data as ArrayLike<number | bigint>, (x) => (typeof x === 'bigint' ? `${x}` : x));
}

describe('readNpy', () => {
  it.each(Object.entries(tensorFiles.arrays))('takes what NumPy writes: %s', (_, { file, shape, elements }) => {
    const tensor = readNpy(fromBase64(file), 'x.npy');
    expect(tensor.shape).toEqual(shape);
    expect(elementsOf(tensor)).toEqual(elements);
  });

  it.each([
    [
      'an unknown beginning',
      (b: Uint8Array) => b.fill(0, 0, 4),
      'x.npy: a .npy array expected, but it does not begin like one.',
    ],
    ['a cut-off header', (b: Uint8Array) => b.subarray(0, 60), 'its header is cut off'],
    ['missing elements', (b: Uint8Array) => b.subarray(0, b.length - 1), 'f4 [2,3,4] needs 96 bytes, the file has 95'],
    ['a newer format', (b: Uint8Array) => b.fill(9, 6, 7), 'a .npy file of format 1 to 3 expected, got 9.'],
    [
      'objects',
      (b: Uint8Array) => replace(b, "'<f4'", "'|O' "),
      'numbers, booleans or texts expected, got Python objects',
    ],
    ['dates', (b: Uint8Array) => replace(b, "'<f4'", "'<M8'"), "got elements of type '<M8'"],
    ['records', (b: Uint8Array) => replace(b, ": '<f4'", ":[('a')"), 'a plain array expected, got records with fields'],
    ['a huge shape', (b: Uint8Array) => replace(b, '(2, 3, 4)', '(9999999)'), 'needs 39999996 bytes, the file has 96'],
    ['a negative size', (b: Uint8Array) => replace(b, '(2, 3, 4)', '(-1,3, 4)'), 'its header is'],
  ])('refuses %s', (_, damage, message) => {
    expect(() => readNpy(damage(file('<f4')), 'x.npy')).toThrow(message);
  });

  it('gives a tensor of its shape or a ModelError for damaged files', () => {
    for (const name of ['<f4', 'Fortran order >i2', 'text U3', 'bytes S4'])
      for (const bytes of mutations(file(name), 200, 7)) {
        try {
          const { shape, data } = readNpy(bytes, 'x');
          expect(data.length).toBe(elementCount(shape));
        } catch (error) {
          expect(error).toBeInstanceOf(ModelError);
        }
      }
  });
});

function replace(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  expect(text).toContain(from);
  return new Uint8Array(Buffer.from(text.replace(from, to), 'latin1'));
}

describe('writeNpy', () => {
  const plain = Object.entries(tensorFiles.arrays).filter(([name]) => !/endian|order|format|U3/.test(name));

  it.each(plain)('writes the bytes that NumPy writes: %s', (_, { file }) => {
    const bytes = fromBase64(file);
    expect(join(writeNpy(readNpy(bytes, 'x')))).toEqual(bytes);
  });

  it.each<[Tensor, string, number[]]>([
    [{ dtype: 'bf16', shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }, 'f32', [1, -2]],
    [{ dtype: 'f8e4m3', shape: [1], data: Uint8Array.of(0x38) }, 'f32', [1]],
    [{ dtype: 'i4', shape: [2], data: Int8Array.of(-8, 7) }, 'i8', [-8, 7]],
    [{ dtype: 'u4', shape: [1], data: Uint8Array.of(15) }, 'u8', [15]],
  ])('widens what NumPy does not have: %j', (tensor, dtype, elements) => {
    const read = readNpy(join(writeNpy(tensor)), 'x');
    expect([read.dtype, read.shape, Array.from(read.data as Int8Array)]).toEqual([dtype, tensor.shape, elements]);
  });

  it('refuses handles', () => {
    expect(() => writeNpy({ dtype: 'resource', shape: [], data: [] })).toThrow('got resource');
  });
});
