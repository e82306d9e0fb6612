import { ModelError } from '../errors.js';

/** Sound: samples in -1..1, one array for each channel. */
export interface Sound {
  /** Samples in a second. */
  readonly rate: number;
  readonly channels: readonly Float32Array[];
}

type ReadSample = (view: DataView, at: number) => number;

/** Format tag and bits of a sample -> how to read one. Integers are divided by 2^(bits - 1), as TensorFlow does. */
const READERS: Readonly<Record<string, ReadSample>> = {
  '1/8': (view, at) => (view.getUint8(at) - 128) / 128,
  '1/16': (view, at) => view.getInt16(at, true) / 32768,
  '1/24': (view, at) => (view.getInt16(at + 1, true) * 256 + view.getUint8(at)) / 8388608,
  '1/32': (view, at) => view.getInt32(at, true) / 2147483648,
  '3/32': (view, at) => view.getFloat32(at, true),
  '3/64': (view, at) => view.getFloat64(at, true),
};
/** Format tag of files that name the real one in the first bytes of an identifier behind the usual fields. */
const EXTENSIBLE = 0xfffe;

export const isWav = (bytes: Uint8Array): boolean => text(bytes, 0) === 'RIFF' && text(bytes, 8) === 'WAVE';

/**
 * Reads a WAV file of PCM integers (8 to 32 bits) or floats.
 * @throws {ModelError} `malformed-file` when chunks are missing or cut off, `unsupported` for compressed sound.
 * Source: Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE) and WAVEFORMATEXTENSIBLE.
 */
export function decodeWav(bytes: Uint8Array, where: string): Sound {
  if (!isWav(bytes)) throw malformed(where, 'it does not begin like one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (text(bytes, at) === 'fmt ') format = readFormat(view, start, size, where);
    if (text(bytes, at) === 'data') {
      if (!format) throw malformed(where, 'its data comes before its format');
      // A recorder that was stopped leaves a size that is too large: what is there counts.
      return samples(view, start, Math.min(size, bytes.length - start), format);
    }
    at = start + size + (size & 1);
  }
  throw malformed(where, 'it holds no data');
}

interface Format {
  readonly read: ReadSample;
  readonly channels: number;
  readonly rate: number;
  readonly sampleBytes: number;
}

function readFormat(view: DataView, at: number, size: number, where: string): Format {
  if (size < 16 || at + size > view.byteLength) throw malformed(where, 'its format is cut off');
  const [tag, channels, bits] = [0, 2, 14].map((offset) => view.getUint16(at + offset, true)) as [
    number,
    number,
    number,
  ];
  const real = tag === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : tag;
  const read = READERS[`${real}/${bits}`];
  if (!read)
    throw new ModelError('unsupported', `PCM or float samples expected, got format ${real} with ${bits} bits.`, {
      where,
    });
  const rate = view.getUint32(at + 4, true);
  if (channels === 0 || rate === 0) throw malformed(where, `it has ${channels} channels of ${rate} samples a second`);
  return { read, channels, rate, sampleBytes: bits / 8 };
}

function samples(view: DataView, start: number, size: number, { read, channels, rate, sampleBytes }: Format): Sound {
  const count = Math.floor(size / (channels * sampleBytes));
  const out = Array.from({ length: channels }, () => new Float32Array(count));
  for (let i = 0, at = start; i < count; i++)
    for (const channel of out) {
      channel[i] = read(view, at);
      at += sampleBytes;
    }
  return { rate, channels: out };
}

const text = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

const malformed = (where: string, what: string): ModelError =>
  new ModelError('malformed-file', `a WAV file expected, but ${what}.`, { where });
