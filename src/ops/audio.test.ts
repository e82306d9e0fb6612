import { describe, expect, it } from 'vitest';
import { audioSpectrogram, mfcc } from './audio.js';
import { f32, i32 } from './testing.js';

const sound = f32(
  [20, 2],
  Float32Array.from({ length: 40 }, (_, i) => (((i * 7) % 11) - 5) / 4),
);
const window = new Map(Object.entries({ window_size: 12, stride: 5 }));
const cepstrum = new Map(
  Object.entries({
    dct_coefficient_count: 3,
    filterbank_channel_count: 4,
    lower_frequency_limit: 200,
    upper_frequency_limit: 7000,
  }),
);
const firstRows = [
  [0.5674, 0.5302, 1.1464, 3.7595, 7.6737, 4.9317, 0.2537, 2.3826, 3.528],
  [0.3906, 0.7535, 1.5573, 2.4286, 6.265, 6.2425, 2.0248, 2.4447, 1.8906],
].flat();

/** Results of TensorFlow 2.21. */
describe('the custom operators of sound', () => {
  const squared = audioSpectrogram([sound], new Map([...window, ['magnitude_squared', 1]]))[0];

  it('AudioSpectrogram gives the squares of the frequencies of each window, of each channel', () => {
    expect(squared?.shape).toEqual([2, 2, 9]);
    for (const [i, want] of firstRows.entries()) expect(squared?.data[i], `element ${i}`).toBeCloseTo(want, 3);
  });

  it('AudioSpectrogram gives their roots when it should', () => {
    const data = audioSpectrogram([sound], window)[0]?.data;
    for (const [i, want] of firstRows.entries()) expect(data?.[i], `element ${i}`).toBeCloseTo(Math.sqrt(want), 3);
  });

  it('Mfcc gives the cepstrum of filtered frequencies', () => {
    const [result] = mfcc([squared, i32([], [16000])], cepstrum);
    expect(result?.shape).toEqual([2, 2, 3]);
    for (const [i, want] of [0.8734, -1.9271, -0.0564, 1.0707, -1.7645, 0.0125].entries())
      expect(result?.data[i], `element ${i}`).toBeCloseTo(want, 3);
  });

  it('say which option is wrong', () => {
    expect(() => audioSpectrogram([sound], new Map())).toThrow('window_size: a whole number from 1 expected');
  });
});
