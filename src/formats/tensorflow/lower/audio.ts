import { Constant } from '../../../ir/constant.js';
import type { Value } from '../../../ir/graph.js';
import { mel } from '../../../numerics/mel.js';
import {
  cosineRows,
  frameCount,
  hannWindow,
  MFCC_FLOOR,
  type MfccOptions,
  melFilters,
  transformSize,
} from '../../../ops/audio.js';
import { impliedCount } from '../../../ops/shapes.js';
import { partsOf } from './complex-values.js';
import type { Lower, Lowering } from './context.js';
import { realTransform, rowsTimes } from './fourier.js';
import { castTo } from './operands.js';
import { reshape, transpose } from './shapes.js';

/** Samples `[T, C]` in windows, and the magnitudes of their frequencies: `[C, frames, F]`. */
const audioSpectrogram: Lower = (c) => {
  const [samples = 0] = c.staticShape(c.input(0), 'the sound');
  const window = impliedCount(c.attrs.int('window_size'), 'samples in a window');
  const stride = impliedCount(c.attrs.int('stride'), 'samples between windows');
  const frames = frameCount(samples, window, stride);
  impliedCount(frames * window, 'samples in all windows');
  const cut = inWindows(c, transpose(c, c.input(0), [1, 0]), window, stride, frames);
  const faded = c.emit('MUL', [cut, c.keep(Constant.f32(hannWindow(window)), 'window')]);
  const spectrum = realTransform(c, faded, transformSize(window));
  if (!c.attrs.bool('magnitude_squared', false)) return [c.emit('COMPLEX_ABS', [spectrum])];
  const { re, im } = partsOf(c, spectrum);
  return [c.emit('ADD', [c.emit('SQUARE', [re]), c.emit('SQUARE', [im as Value])])];
};

/** `[C, T]` as `[C, frames, window]`: pieces of the length that divides window and stride, put together by their numbers. */
function inWindows(c: Lowering, x: Value, window: number, stride: number, frames: number): Value {
  const [channels = -1, samples = 0] = x.shape ?? [];
  const piece = greatestDivisor(window, stride);
  const [pieces, each] = [Math.floor(samples / piece), window / piece];
  const used = samples % piece === 0 ? x : c.emit('SLICE', [x, c.i32([0, 0]), c.i32([-1, pieces * piece])]);
  const cut = reshape(c, used, [channels, pieces, piece]);
  const step = stride / piece;
  const at = Array.from({ length: frames * each }, (_, i) => Math.floor(i / each) * step + (i % each));
  const placed = c.emit('GATHER', [cut, c.i32(at, [frames, each])], { axis: 1 });
  return reshape(c, placed, [channels, frames, window]);
}

const greatestDivisor = (a: number, b: number): number => (b === 0 ? a : greatestDivisor(b, a % b));

/** Logarithms of filtered frequencies, and their cosine transform. */
const mfcc: Lower = (c) => {
  const bins = c.staticShape(c.input(0), 'the spectrum').at(-1) as number;
  const rate = c.input(1);
  const options: MfccOptions = {
    lowerFrequencyLimit: c.attrs.float('lower_frequency_limit', 20),
    upperFrequencyLimit: c.attrs.float('upper_frequency_limit', 4000),
    filterbankChannelCount: c.attrs.int('filterbank_channel_count', 40),
    dctCoefficientCount: c.attrs.int('dct_coefficient_count', 13),
  };
  const { filterbankChannelCount: channels, dctCoefficientCount: coefficients } = options;
  impliedCount(channels * bins, 'weights of filters');
  impliedCount(channels * coefficients, 'cosines');
  const matrix = (data: Float32Array, shape: readonly number[], name: string): Value =>
    c.keep(Constant.f32(data, shape), name);
  const known = rate.constant?.numbers()[0];
  const filters =
    known === undefined
      ? filtersAtRun(c, rate, bins, options)
      : matrix(melFilters(bins, known, options), [channels, bins], 'filters');
  const energies = rowsTimes(c, filters, c.emit('SQRT', [c.input(0)]));
  const logarithms = c.emit('LOG', [c.emit('MAXIMUM', [energies, c.scalar(energies, MFCC_FLOOR)])]);
  return [rowsTimes(c, matrix(cosineRows(coefficients, channels), [coefficients, channels], 'cosines'), logarithms)];
};

/** What {@link melFilters} gives `[C, F]`, of a sample rate that is known when the model runs. */
function filtersAtRun(c: Lowering, rate: Value, bins: number, options: MfccOptions): Value {
  const { lowerFrequencyLimit: lower, upperFrequencyLimit: upper, filterbankChannelCount: channels } = options;
  const number = (n: number): Value => c.make('f32', n);
  const spacing = (mel(upper) - mel(lower)) / (channels + 1);
  const samples = castTo(rate, 'f32', (n) => c.emitAll(n.op, n.inputs, n.options));
  const hertz = c.emit('MUL', [c.emit('RESHAPE', [samples, c.i32([])]), number(0.5 / (bins - 1))]);
  const bin = c.make('f32', [...Array(bins).keys()]);
  const ratio = c.emit('MUL', [c.emit('MUL', [bin, hertz]), number(1 / 700)]);
  const onScale = c.emit('MUL', [c.emit('LOG', [c.emit('ADD', [ratio, number(1)])]), number(1127 / spacing)]);
  const place = c.emit('SUB', [onScale, number(mel(lower) / spacing)]);
  const centres = c.make('f32', Array.from({ length: channels }, (_, i) => i + 1), [channels, 1]); // biome-ignore format: short
  const distance = c.emit('ABS', [c.emit('SUB', [place, centres])]);
  const triangles = c.emit('MAXIMUM', [c.emit('SUB', [number(1), distance]), number(0)]);
  const limit = (frequency: number, more: number): Value =>
    c.emit('FLOOR', [c.emit('ADD', [c.emit('DIV', [number(frequency), hertz]), number(more)])]);
  const isBetween = c.emit('LOGICAL_AND', [
    c.emit('GREATER_EQUAL', [bin, limit(lower, 1.5)]),
    c.emit('LESS_EQUAL', [bin, limit(upper, 0)]),
  ]);
  return c.emit('SELECT_V2', [isBetween, triangles, number(0)]);
}

/** Features of sound. */
export const audios: Readonly<Record<string, Lower>> = { AudioSpectrogram: audioSpectrogram, Mfcc: mfcc };
