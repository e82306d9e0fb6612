import { encode } from 'fast-png';
import type { OutputDifference } from '../evaluate/compare/types.js';

/** A picture of an output, as a URL that holds it. */
export interface OutputImage {
  readonly label: string;
  readonly url: string;
}

/** Sides of what counts as an image. */
const LEAST_SIDE = 16;
const MOST_CHANNELS = 4;

/** An output that is an image, `[1, H, W, C]`, before and after: its first channel, or red, green and blue. */
export function outputImages({ shape, sample }: OutputDifference): readonly OutputImage[] | undefined {
  const [height = 0, width = 0, channels = 1] = shape.length === 4 ? shape.slice(1) : shape.slice(-2);
  const isImage = (shape.length === 4 || shape.length === 3) && height >= LEAST_SIDE && width >= LEAST_SIDE;
  if (!isImage || channels > MOST_CHANNELS || sample.a.length < height * width * channels) return undefined;
  const low = sample.a.reduce((m, x) => Math.min(m, x), Infinity);
  const high = sample.a.reduce((m, x) => Math.max(m, x), -Infinity);
  const url = (values: readonly number[]) => {
    const colours = channels >= 3 ? 3 : 1;
    const data = new Uint8Array(height * width * colours);
    for (let i = 0; i < height * width; i++)
      for (let c = 0; c < colours; c++)
        data[i * colours + c] = Math.min(
          Math.max(Math.round((255 * ((values[i * channels + c] ?? 0) - low)) / (high - low || 1)), 0),
          255,
        );
    return `data:image/png;base64,${base64(encode({ width, height, data, channels: colours, depth: 8 }))}`;
  };
  return [
    { label: 'before', url: url(sample.a) },
    { label: 'after', url: url(sample.b) },
  ];
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
