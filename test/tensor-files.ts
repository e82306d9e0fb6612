import { readFileSync } from 'node:fs';

interface ArrayFixture {
  readonly file: string;
  readonly shape: number[];
  readonly elements: (number | string | boolean)[];
}
interface ImageFixture {
  readonly file: string;
  /** `[H, W]` or `[H, W, C]`. */
  readonly shape: number[];
  readonly pixels: number[];
}
interface SoundFixture {
  readonly file: string;
  readonly rate: number;
  /** `[N]` or `[N, channels]`. */
  readonly shape: number[];
  readonly samples: number[];
}

/** Files (base64) that NumPy, Pillow and SciPy wrote, and what these read from them. */
export const tensorFiles: {
  readonly arrays: Readonly<Record<string, ArrayFixture>>;
  readonly npz: string;
  readonly images: Readonly<Record<string, ImageFixture>>;
  readonly sounds: Readonly<Record<string, SoundFixture>>;
} = JSON.parse(readFileSync(new URL('./fixtures/tensor-files.json', import.meta.url), 'utf8'));

export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
