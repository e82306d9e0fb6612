import { ModelError } from '../errors.js';
import { elementCount, type Tensor } from '../ir/tensor.js';
import { mel } from '../numerics/mel.js';
import { floats } from './floats.js';
import { rfft2d } from './rfft-2d.js';

/** Filters over frequencies, and how many coefficients are made of them. */
export interface MfccOptions {
  readonly lowerFrequencyLimit: number;
  readonly upperFrequencyLimit: number;
  readonly filterbankChannelCount: number;
  readonly dctCoefficientCount: number;
}

/** What the custom operators are told, by the names of their options. */
type AudioOptions = ReadonlyMap<string, number>;

/** Samples of a transform: the least power of two that holds a window. */
export const transformSize = (window: number): number => 2 ** Math.ceil(Math.log2(window));

/** How many whole windows there are. */
export const frameCount = (samples: number, window: number, stride: number): number =>
  samples < window ? 0 : 1 + Math.floor((samples - window) / stride);

/** Hann's window, as one period of a wave. */
export const hannWindow = (size: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));

/**
 * Triangular filters `[C, F]` over F frequencies from zero to half the sample rate, equally wide on the mel scale.
 *
 * Source: tensorflow/core/kernels/mfcc_mel_filterbank.cc
 */
export function melFilters(bins: number, rate: number, options: MfccOptions): Float32Array {
  const { lowerFrequencyLimit: lower, upperFrequencyLimit: upper, filterbankChannelCount: channels } = options;
  const spacing = (mel(upper) - mel(lower)) / (channels + 1);
  const hertz = (0.5 * rate) / (bins - 1);
  const filters = new Float32Array(channels * bins);
  const last = Math.min(Math.trunc(upper / hertz), bins - 1);
  for (let bin = Math.trunc(1.5 + lower / hertz); bin <= last; bin++) {
    const place = (mel(bin * hertz) - mel(lower)) / spacing;
    const below = Math.min(Math.max(Math.ceil(place) - 2, -1), channels - 1); // the last filter whose centre lies below
    const share = below + 2 - place;
    if (below >= 0) filters[below * bins + bin] = share;
    if (below + 1 < channels) filters[(below + 1) * bins + bin] = 1 - share;
  }
  return filters;
}

/** The first `count` rows of the cosine transform of `size` numbers. */
export function cosineRows(count: number, size: number): Float32Array {
  const at = (k: number, j: number): number => Math.sqrt(2 / size) * Math.cos((k * Math.PI * (j + 0.5)) / size);
  return Float32Array.from({ length: count * size }, (_, i) => at(Math.floor(i / size), i % size));
}

/** What logarithms are taken of at least. */
export const MFCC_FLOOR = 1e-12;

/** The custom operator `AudioSpectrogram`: samples `[T, C]` to the magnitudes of frequencies `[C, frames, F]`. */
export function audioSpectrogram(inputs: readonly (Tensor | undefined)[], options: AudioOptions): Tensor[] {
  const sound = operand(inputs, 0);
  const [samples = 0, channels = 0] = sound.shape;
  const [window, stride] = [optionOf(options, 'window_size'), optionOf(options, 'stride')];
  const frames = frameCount(samples, window, stride);
  const [x, hann] = [floats(sound), hannWindow(window)];
  const data = new Float32Array(channels * frames * window);
  for (let c = 0, out = 0; c < channels; c++)
    for (let f = 0; f < frames; f++)
      for (let i = 0; i < window; i++)
        data[out++] = (x[(f * stride + i) * channels + c] as number) * (hann[i] as number);
  const size = transformSize(window);
  const lengths = { dtype: 'i32', shape: [2], data: Int32Array.of(1, size) } as const;
  const cut = { dtype: 'f32', shape: [channels * frames, 1, window], data } as const;
  const [spectrum] = rfft2d.reference?.([cut, lengths], [], {}) ?? [];
  const z = spectrum?.data as Float32Array;
  const isSquared = (options.get('magnitude_squared') ?? 0) !== 0;
  const magnitudes = Float32Array.from({ length: z.length / 2 }, (_, i) => {
    const square = (z[2 * i] as number) ** 2 + (z[2 * i + 1] as number) ** 2;
    return isSquared ? square : Math.sqrt(square);
  });
  return [{ dtype: 'f32', shape: [channels, frames, size / 2 + 1], data: magnitudes }];
}

/** The custom operator `Mfcc`: squared magnitudes `[C, frames, F]` and a sample rate to coefficients of the cepstrum. */
export function mfcc(inputs: readonly (Tensor | undefined)[], options: AudioOptions): Tensor[] {
  const [spectrum, rate] = [operand(inputs, 0), operand(inputs, 1)];
  const bins = spectrum.shape.at(-1) ?? 0;
  const sizes: MfccOptions = {
    lowerFrequencyLimit: options.get('lower_frequency_limit') ?? 20,
    upperFrequencyLimit: options.get('upper_frequency_limit') ?? 4000,
    filterbankChannelCount: optionOf(options, 'filterbank_channel_count'),
    dctCoefficientCount: optionOf(options, 'dct_coefficient_count'),
  };
  const { filterbankChannelCount: channels, dctCoefficientCount: coefficients } = sizes;
  const filters = melFilters(bins, Number(rate.data[0]), sizes);
  const cosines = cosineRows(coefficients, channels);
  const shape = [...spectrum.shape.slice(0, -1), coefficients];
  const data = new Float32Array(elementCount(shape));
  const magnitudes = floats(spectrum).map(Math.sqrt);
  for (let row = 0; row * coefficients < data.length; row++) {
    const energies = times(filters, magnitudes.subarray(row * bins, (row + 1) * bins));
    data.set(times(cosines, energies.map((e) => Math.log(Math.max(e, MFCC_FLOOR)))), row * coefficients); // biome-ignore format: one step
  }
  return [{ dtype: 'f32', shape, data }];
}

/** A matrix times a vector. */
function times(matrix: Float32Array, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(matrix.length / x.length);
  for (let i = 0; i < matrix.length; i++)
    out[Math.floor(i / x.length)]! += (matrix[i] as number) * (x[i % x.length] as number);
  return out;
}

function operand(inputs: readonly (Tensor | undefined)[], index: number): Tensor {
  const found = inputs[index];
  if (found) return found;
  throw new ModelError('invalid-graph', `has no operand ${index}`);
}

function optionOf(options: AudioOptions, name: string): number {
  const value = options.get(name);
  if (value !== undefined && Number.isSafeInteger(value) && value > 0) return value;
  throw new ModelError('invalid-graph', `${name}: a whole number from 1 expected, got ${value}`);
}
