import { describe, expect, it } from 'vitest';
import { mutations } from '../../test/fuzz/mutate.js';
import { fromBase64, tensorFiles } from '../../test/tensor-files.js';
import { ModelError } from '../errors.js';
import { decodeJpeg, decodePng } from './image.js';

const all = Object.entries(tensorFiles.images);
const file = (name: string): Uint8Array => fromBase64(tensorFiles.images[name]?.file ?? '');

describe('decodePng', () => {
  it.each(all.filter(([name]) => name.startsWith('PNG')))(
    'gives the pixels that Pillow gives: %s',
    async (_, image) => {
      const { width, height, channels, data } = await decodePng(fromBase64(image.file), 'x.png');
      expect([height, width, channels]).toEqual([...image.shape, 1].slice(0, 3));
      expect(Array.from(data)).toEqual(image.pixels);
    },
  );

  it('refuses an image that claims too many pixels before it makes room for them', async () => {
    const bytes = file('PNG RGB');
    new DataView(bytes.buffer).setUint32(16, 0x7fffffff);
    await expect(decodePng(bytes, 'x.png')).rejects.toThrow('x.png: a PNG image expected, but: 2147483647 x 12 pixels');
  });
});

describe('decodeJpeg', () => {
  // The decoders round differently; where colours have half the pixels, Pillow interpolates them and ours repeats them.
  it.each(all.filter(([name]) => name.startsWith('JPEG')))(
    'gives nearly the pixels of Pillow: %s',
    async (name, image) => {
      const { width, height, channels, data } = await decodeJpeg(fromBase64(image.file), 'x.jpg');
      expect([height, width, channels]).toEqual(image.shape);
      const largest = Math.max(...image.pixels.map((p, i) => Math.abs(p - (data[i] as number))));
      expect(largest).toBeLessThanOrEqual(name.includes('half') ? 24 : 3);
    },
  );
});

it.each([
  ['PNG', 'PNG RGB', decodePng],
  ['JPEG', 'JPEG progressive', decodeJpeg],
] as const)('a damaged %s gives an image or a ModelError', async (_, name, decode) => {
  for (const bytes of mutations(file(name), 200, 11)) {
    try {
      const { width, height, channels, data } = await decode(bytes, 'x');
      expect(data.length).toBe(width * height * channels);
    } catch (error) {
      expect(error).toBeInstanceOf(ModelError);
    }
  }
});
