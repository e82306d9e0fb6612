import { Constant } from '../../../ir/constant.js';
import type { Value } from '../../../ir/graph.js';
import {
  cosineRows,
  frameCount,
  hannWindow,
  MFCC_FLOOR,
  type MfccOptions,
  melFilters,
  transformSize,
} from '../../../ops/audio.js';
import { partsOf } from './complex-values.js';
import type { Lower } from './context.js';
import { realTransform, rowsTimes } from './fourier.js';
import { transpose } from './shapes.js';

/** Samples `[T, C]` in windows, and the magnitudes of their frequencies: `[C, frames, F]`. */
const audioSpectrogram: Lower = (c) => {
  const [samples = 0] = c.staticShape(c.input(0), 'the sound');
  const [window, stride] = [c.attrs.int('window_size'), c.attrs.int('stride')];
  const frames = frameCount(samples, window, stride);
  const at = Array.from({ length: frames * window }, (_, i) => Math.floor(i / window) * stride + (i % window));
  const channels = transpose(c, c.input(0), [1, 0]);
  const cut = c.emit('GATHER', [channels, c.i32(at, [frames, window])], { axis: 1 });
  const faded = c.emit('MUL', [cut, c.keep(Constant.f32(hannWindow(window)), 'window')]);
  const spectrum = realTransform(c, faded, transformSize(window));
  if (!c.attrs.bool('magnitude_squared', false)) return [c.emit('COMPLEX_ABS', [spectrum])];
  const { re, im } = partsOf(c, spectrum);
  return [c.emit('ADD', [c.emit('SQUARE', [re]), c.emit('SQUARE', [im as Value])])];
};

/** Logarithms of filtered frequencies, and their cosine transform. */
const mfcc: Lower = (c) => {
  const bins = c.staticShape(c.input(0), 'the spectrum').at(-1) as number;
  const rate = c.number(1, 'sample rate');
  const options: MfccOptions = {
    lowerFrequencyLimit: c.attrs.float('lower_frequency_limit', 20),
    upperFrequencyLimit: c.attrs.float('upper_frequency_limit', 4000),
    filterbankChannelCount: c.attrs.int('filterbank_channel_count', 40),
    dctCoefficientCount: c.attrs.int('dct_coefficient_count', 13),
  };
  const { filterbankChannelCount: channels, dctCoefficientCount: coefficients } = options;
  const matrix = (data: Float32Array, shape: readonly number[], name: string): Value =>
    c.keep(Constant.f32(data, shape), name);
  const filters = matrix(melFilters(bins, rate, options), [channels, bins], 'filters');
  const energies = rowsTimes(c, filters, c.emit('SQRT', [c.input(0)]));
  const logarithms = c.emit('LOG', [c.emit('MAXIMUM', [energies, c.scalar(energies, MFCC_FLOOR)])]);
  return [rowsTimes(c, matrix(cosineRows(coefficients, channels), [coefficients, channels], 'cosines'), logarithms)];
};

/** Features of sound. */
export const audios: Readonly<Record<string, Lower>> = { AudioSpectrogram: audioSpectrogram, Mfcc: mfcc };
