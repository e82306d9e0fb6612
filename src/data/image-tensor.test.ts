import { describe, expect, it } from 'vitest';
import type { Pixels } from '../bytes/image.js';
import type { DType, Shape } from '../ir/tensor.js';
import type { Wanted } from './fit-tensor.js';
import { imageTensor } from './image-tensor.js';
import { parseNormalization } from './normalize.js';

/** One row of pixels. */
const row = (channels: number, ...data: number[]): Pixels => ({
  width: data.length / channels,
  height: 1,
  channels,
  white: 255,
  data: Uint8Array.from(data),
});
const input = (dtype: DType, ...shape: number[]): Wanted => ({ name: 'image', dtype, shape });
const numbers = (image: Pixels, wanted: Wanted, how?: string): number[] => {
  const { data } = imageTensor(image, wanted, 'x.png', how === undefined ? undefined : parseNormalization(how));
  return Array.from(data as Float32Array, (x) => Math.round(x * 1e4) / 1e4);
};

describe('imageTensor', () => {
  it('puts the centres of pixels half a pixel from the edge when it stretches', () => {
    // Centres of 4 pixels over 2: -0.25, 0.25, 0.75, 1.25.
    expect(numbers(row(1, 0, 100), input('f32', 1, 1, 4, 1), 'none')).toEqual([0, 25, 75, 100]);
    expect(numbers(row(1, 0, 10, 20, 30), input('f32', 1, 1, 2, 1), 'none')).toEqual([5, 25]);
  });

  it('stretches both axes', () => {
    const image: Pixels = { width: 2, height: 2, channels: 1, white: 255, data: Uint8Array.of(0, 40, 80, 120) };
    expect(numbers(image, input('f32', 1, 1, 1, 1), 'none')).toEqual([60]);
    expect(numbers(image, input('f32', 1, 4, 1, 1), 'none')).toEqual([20, 40, 80, 100]);
  });

  it.each<[string, Pixels, Shape, number[]]>([
    ['grey as colours', row(1, 7), [1, 1, 1, 3], [7, 7, 7]],
    ['colours as grey', row(3, 100, 200, 50), [1, 1, 1, 1], [153]],
    ['no alpha as opaque', row(3, 1, 2, 3), [1, 1, 1, 4], [1, 2, 3, 255]],
    ['an alpha that nobody wants', row(4, 1, 2, 3, 9), [1, 1, 1, 3], [1, 2, 3]],
    ['the alpha of grey', row(2, 5, 9), [1, 1, 1, 4], [5, 5, 5, 9]],
  ])('takes %s', (_, image, shape, expected) => {
    expect(numbers(image, input('f32', ...shape), 'none').map(Math.round)).toEqual(expected);
  });

  it('puts channels first where the input does, and takes the size of the image where the input has none', () => {
    const { shape, data } = imageTensor(row(3, 1, 2, 3, 4, 5, 6), input('u8', -1, 3, -1, -1), 'x');
    expect([shape, [...(data as Uint8Array)]]).toEqual([
      [1, 3, 1, 2],
      [1, 4, 2, 5, 3, 6],
    ]);
  });

  it.each([
    ['0..1', [0, 1]],
    ['-1..1', [-1, 1]],
    ['none', [0, 255]],
    ['0.5/0.25', [-2, 2]],
  ])('gives floats as %s', (how, expected) => {
    expect(numbers(row(1, 0, 255), input('f32', 1, 1, 2, 1), how)).toEqual(expected);
  });

  it('normalizes channel by channel', () => {
    expect(numbers(row(3, 255, 255, 255), input('f32', 1, 1, 1, 3), '0.5,0,1/0.5,2,1')).toEqual([1, 0.5, 0]);
  });

  it.each<[string, Wanted, string | undefined, number[]]>([
    ['u8: the pixels', input('u8', 1, 1, 2, 1), undefined, [0, 255]],
    ['i8: the pixels, moved', input('i8', 1, 1, 2, 1), undefined, [-128, 127]],
    ['i32: the pixels', input('i32', 1, 1, 2, 1), undefined, [0, 255]],
    [
      'quantized i8: the normalized number',
      { ...input('i8', 1, 1, 2, 1), quantization: { scale: Float32Array.of(1 / 64), zeroPoint: [3], axis: 0 } },
      '-1..1',
      [-61, 67],
    ],
  ])('gives integers for %s', (_, wanted, how, expected) => {
    expect(numbers(row(1, 0, 255), wanted, how)).toEqual(expected);
  });

  it('keeps the depth of 16 bits', () => {
    const deep: Pixels = { width: 1, height: 1, channels: 1, white: 65535, data: Uint16Array.of(32768) };
    expect(numbers(deep, input('f32', 1, 1, 1, 1))).toEqual([0.5]);
  });

  it.each<[string, Wanted, string]>([
    ['two channels', input('f32', 1, 8, 8, 2), "input 'image' is [1,8,8,2]"],
    ['a batch', input('f32', 4, 8, 8, 3), 'an image goes into [1, H, W, C]'],
    ['text', input('string', 1, 1, 2, 1), 'expects string, which holds no pixels'],
  ])('refuses %s', (_, wanted, message) => expect(() => numbers(row(1, 0, 1), wanted)).toThrow(message));
});

describe('parseNormalization', () => {
  it.each(['', '1', '0..2', '1,2/3', '1/0', 'a/b', '1/2/3', 'toString'])('refuses %j', (text) => {
    expect(() => parseNormalization(text)).toThrow('normalize: 0..1, -1..1, none');
  });
});
