import { ModelError } from '../errors.js';

/** A decoded image: rows of pixels from the top, 8 bits a channel (16 for deep PNGs). */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** Largest value of an element: 255 or 65535. */
  readonly white: number;
  readonly data: Uint8Array | Uint16Array;
}

/** Largest image accepted, in pixels. */
const MAX_PIXELS = 100_000_000;

export const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e;
export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;

/**
 * Decodes a PNG; palettes become colours, and fewer than 8 bits become 8.
 * @throws {ModelError} `malformed-file` when the image is damaged or larger than 100 megapixels.
 */
export async function decodePng(bytes: Uint8Array, where: string): Promise<Pixels> {
  const { convertIndexedToRgb, decode } = await import('fast-png');
  return guarded('PNG', where, () => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    if (width * height > MAX_PIXELS) throw new Error(`${width} x ${height} pixels are too many`);
    if (width * height === 0) throw new Error('it has no pixels');
    const png = decode(bytes, { checkCrc: true });
    const { depth, palette } = png;
    if (palette) {
      const data = convertIndexedToRgb(png);
      return { width, height, channels: data.length / (width * height), white: 255, data };
    }
    if (png.data instanceof Uint16Array) return { width, height, channels: png.channels, white: 65535, data: png.data };
    const plain = new Uint8Array(png.data.buffer, png.data.byteOffset, png.data.length);
    const data = depth < 8 ? spread(plain, width, height, depth) : plain;
    return { width, height, channels: png.channels, white: 255, data };
  });
}

/** Grey pixels of 1, 2 or 4 bits, every row in whole bytes, as 8 bits. */
function spread(packed: Uint8Array, width: number, height: number, depth: number): Uint8Array {
  const out = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  const largest = 2 ** depth - 1;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const byte = packed[y * rowBytes + ((x * depth) >> 3)] as number;
      out[y * width + x] = (((byte >> (8 - depth - ((x * depth) & 7))) & largest) * 255) / largest;
    }
  return out;
}

/**
 * Decodes a JPEG, baseline or progressive, to RGB. A turned camera (EXIF orientation) is not turned back.
 * @throws {ModelError} `malformed-file` when the image is damaged or larger than 100 megapixels.
 */
export async function decodeJpeg(bytes: Uint8Array, where: string): Promise<Pixels> {
  const { default: jpeg } = await import('jpeg-js');
  return guarded('JPEG', where, () => {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_PIXELS / 1e6,
      maxMemoryUsageInMB: 2048,
    });
    return { width, height, channels: 3, white: 255, data };
  });
}

/** Runs a decoder of a library, whose complaints (and stumbles over damaged bytes) mean a malformed file. */
function guarded(format: string, where: string, decode: () => Pixels): Pixels {
  try {
    return decode();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new ModelError('malformed-file', `a ${format} image expected, but: ${text.replace(/\.$/, '')}.`, {
      where,
      cause: error,
    });
  }
}
