import { describe, expect, it } from 'vitest';
import { mutations } from '../../test/fuzz/mutate.js';
import { fromBase64, tensorFiles } from '../../test/tensor-files.js';
import { ModelError } from '../errors.js';
import { decodeWav } from './wav.js';

/** What an integer sample of SciPy stands for. */
const SCALES: Readonly<Record<string, (x: number) => number>> = {
  u8: (x) => (x - 128) / 128,
  i16: (x) => x / 2 ** 15,
  i32: (x) => x / 2 ** 31,
};

/** A WAV file by hand: format tag, bits, and the samples' bytes; `extra` lies behind the format's usual fields. */
function wav(tag: number, bits: number, samples: readonly number[], extra: readonly number[] = []): Uint8Array {
  const chunk = (name: string, body: readonly number[]) => [
    ...Buffer.from(name),
    ...[0, 8, 16, 24].map((s) => (body.length >> s) & 255),
    ...body,
    ...(body.length % 2 ? [0] : []),
  ];
  const u16 = (x: number) => [x & 255, x >> 8];
  const format = [...u16(tag), 1, 0, 0x40, 0x1f, 0, 0, 0, 0, 0, 0, bits / 8, 0, bits, 0, ...extra];
  const chunks = [...chunk('fmt ', format), ...chunk('LIST', [1, 2, 3]), ...chunk('data', samples)];
  return Uint8Array.from([...chunk('RIFF', [...Buffer.from('WAVE'), ...chunks])]);
}

describe('decodeWav', () => {
  it.each(Object.entries(tensorFiles.sounds))('takes what SciPy writes: %s', (name, { file, rate, shape, samples }) => {
    const sound = decodeWav(fromBase64(file), 'x.wav');
    const count = shape[1] ?? 1;
    expect([sound.rate, sound.channels.length]).toEqual([rate, count]);
    const scale = SCALES[name.split(' ')[0] as string] ?? ((x) => x);
    const expected = Array.from({ length: count }, (_, c) =>
      Float32Array.from(samples.filter((_, i) => i % count === c).map(scale)),
    );
    expect(sound.channels).toEqual(expected);
  });

  it('reads 24 bits, over chunks that it does not know', () => {
    const { channels } = decodeWav(wav(1, 24, [0, 0, 0x40, 0, 0, 0x80, 1, 0, 0]), 'x');
    expect([...(channels[0] as Float32Array)]).toEqual([0.5, -1, 2 ** -23]);
  });

  it('reads files that name their format at the end of the format chunk', () => {
    const { channels } = decodeWav(wav(0xfffe, 16, [0, 0x40], [22, 0, 16, 0, 0, 0, 0, 0, 1, 0]), 'x');
    expect([...(channels[0] as Float32Array)]).toEqual([0.5]);
  });

  it.each([
    ['compressed sound', wav(2, 4, [0]), 'PCM or float samples expected, got format 2 with 4 bits.'],
    ['another file', Uint8Array.of(1, 2, 3), 'it does not begin like one'],
    ['a file without data', wav(1, 16, []).subarray(0, 50), 'it holds no data'],
  ])('refuses %s', (_, bytes, message) => expect(() => decodeWav(bytes, 'x.wav')).toThrow(message));

  it('gives sound or a ModelError for damaged files', () => {
    for (const bytes of mutations(fromBase64(tensorFiles.sounds['i16 stereo']?.file ?? ''), 500, 3)) {
      try {
        decodeWav(bytes, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(ModelError);
      }
    }
  });
});
