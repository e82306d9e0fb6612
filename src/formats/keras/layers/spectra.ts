import { ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Value } from '../../../ir/graph.js';
import { mel } from '../../../numerics/mel.js';
import { fourierMatrix, halfOf, isPowerOfTwo } from '../../../ops/fourier-matrix.js';
import { impliedCount } from '../../../ops/shapes.js';
import type { LayerCall, Lower } from './context.js';
import { convolve, filterOf, paddingOf } from './convolution.js';
import { numbersOf } from './operands.js';

/** Keras's least number beside zero. */
const EPSILON = 1e-7;

/** Real and imaginary parts of frequencies. */
interface Spectrum {
  readonly re: Value;
  readonly im: Value;
}

const constant = (c: LayerCall, what: string, data: Float32Array, shape: readonly number[]): Value =>
  Value.constant(c.unique(what), Constant.of('f32', shape, data));

/** The frequencies of rows `[.., n]`: `[.., n / 2 + 1]`. */
function transformed(c: LayerCall, rows: Value, n: number): Spectrum {
  const shape = c.shapeOf(rows);
  const count = halfOf(n);
  const result = [...shape.slice(0, -1), count];
  if (isPowerOfTwo(n)) {
    const lines = c.reshape(rows, [...shape.slice(0, -1), 1, n], rows);
    const spectrum = c.emit('RFFT2D', [lines, c.i32([1, n])]);
    const part = (op: string): Value => c.reshape(c.emit(op, [spectrum]), result, rows);
    return { re: part('REAL'), im: part('IMAG') };
  }
  const axes = shape.map((_, i) => i);
  impliedCount(2 * count * n, 'weights of a transform');
  const matrix = constant(c, 'matrix', fourierMatrix(n, n), [2 * count, n]);
  const product = c.emit('BATCH_MATMUL', [matrix, rows], { adjY: true });
  const both = c.transpose(product, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
  const [re, im] = c.emitAll('SPLIT', [c.i32(axes.length - 1), both], { numSplits: 2 }) as [Value, Value];
  return { re, im };
}

/** `size` weights of a window, with zeros around them up to n; none where the layer has none. */
function windowOf(c: LayerCall, size: number, n: number): Float32Array | undefined {
  const window = c.plain(99, 'window') ?? null;
  if (window === null) return undefined;
  const given = numbersOf(window);
  const shares: Readonly<Record<string, number>> = { hann: 0.5, hamming: 0.54 };
  const share = typeof window === 'string' && Object.hasOwn(shares, window) ? shares[window] : undefined;
  if (!given && share === undefined) throw new ModelError('unsupported', `has the window ${JSON.stringify(window)}.`);
  const period = size % 2 === 0 ? size : size - 1; // TensorFlow's windows of an odd size end with their first number
  const at = (i: number): number =>
    given ? (given[i] ?? 0) : (share as number) - (1 - (share as number)) * Math.cos((2 * Math.PI * i) / period);
  const weights = new Float32Array(n);
  for (let i = 0; i < size; i++) weights[Math.floor((n - size) / 2) + i] = at(i);
  return weights;
}

/** Samples `[.., T]` mirrored by half a window at both ends. */
function mirrored(c: LayerCall, x: Value, n: number): Value {
  const rank = c.shapeOf(x).length;
  const half = Math.floor(n / 2);
  const around = c.i32([...new Array<number>(2 * rank - 2).fill(0), half, half], [rank, 2]);
  return c.emit('MIRROR_PAD', [x, around], { mode: 'REFLECT' });
}

/** Samples `[.., T]` in windows `[.., frames, n]`. */
function framed(c: LayerCall, padded: Value, n: number, stride: number, size: number): Value {
  const rank = c.shapeOf(padded).length;
  const samples = c.knownShape(padded).at(-1) as number;
  if (samples < n) throw new ModelError('unsupported', `cuts windows of ${n} samples out of ${samples}.`);
  const frames = 1 + Math.floor((samples - n) / stride);
  impliedCount(frames * n, 'samples in all windows');
  const at = Array.from({ length: frames * n }, (_, i) => Math.floor(i / n) * stride + (i % n));
  const cut = c.emit('GATHER', [padded, c.i32(at, [frames, n])], { axis: rank - 1 });
  const window = windowOf(c, size, n);
  return window ? c.emit('MUL', [cut, constant(c, 'window', window, [n])]) : cut;
}

const power = (c: LayerCall, { re, im }: Spectrum): Value =>
  c.emit('ADD', [c.emit('SQUARE', [re]), c.emit('SQUARE', [im])]);

const atLeast = (c: LayerCall, x: Value, least: number): Value => c.emit('MAXIMUM', [x, c.f32(least)]);

/** Triangles `[M, F]` over frequencies, equally wide on the mel scale. */
function melMatrix(c: LayerCall, bins: number, mels: number): Value {
  const rate = c.config.number('sampling_rate', 16000);
  const [least, most] = [c.config.number('min_freq', 20), c.config.number('max_freq', Math.trunc(rate / 2))].map(mel);
  const [low = 0, high = 0] = [least, most];
  const step = (high - low) / (mels + 1);
  const data = new Float32Array(impliedCount(mels * bins, 'weights of filters'));
  for (let band = 0; band < mels; band++)
    for (let bin = 1; bin < bins; bin++) {
      const place = (mel((bin * rate) / 2 / (bins - 1)) - low) / step - band;
      data[band * bins + bin] = Math.max(0, Math.min(place, 2 - place));
    }
  return constant(c, 'mel_weights', data, [mels, bins]);
}

const decibels = (c: LayerCall, x: Value): Value => c.emit('MUL', [c.emit('LOG', [x]), c.f32(10 / Math.LN10)]);

const melSpectrogram: Lower = (c) => {
  const n = c.config.integer('fft_length', 2048, 2);
  const size = c.config.integer('sequence_length', n, 1);
  const [stride, mels] = [c.config.integer('sequence_stride', 512, 1), c.config.integer('num_mel_bins', 128, 1)];
  const squares = power(c, transformed(c, framed(c, mirrored(c, c.float(c.input()), n), n, stride, size), n));
  const exponent = c.config.number('mag_exp', 2);
  const raised = exponent === 2 ? squares : c.emit('POW', [squares, c.f32(exponent / 2)]);
  const bands = c.emit('FULLY_CONNECTED', [raised, melMatrix(c, halfOf(n), mels), undefined], { keepNumDims: true });
  const y = c.config.bool('power_to_db', true) ? inDecibels(c, bands) : bands;
  const axes = c.shapeOf(y).map((_, i) => i);
  return c.transpose(y, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
};

/** Relative to a power; what is far below the loudest of all is raised. */
function inDecibels(c: LayerCall, bands: Value): Value {
  const least = c.config.number('min_power', 1e-10);
  const reference = 10 * Math.log10(Math.max(Math.abs(c.config.number('ref_power', 1)), least));
  const relative = c.emit('SUB', [decibels(c, atLeast(c, bands, least)), c.f32(reference)]);
  const axes = c.i32(c.shapeOf(relative).map((_, i) => i));
  const loudest = c.emit('REDUCE_MAX', [relative, axes], { keepDims: false });
  return c.emit('MAXIMUM', [relative, c.emit('SUB', [loudest, c.f32(c.config.number('top_db', 80))])]);
}

/** Real and imaginary parts of the frequencies of windows, as functions of `keras.ops` give them. */
const stft: Lower = (c) => {
  const [size, stride] = [c.config.integer('sequence_length', undefined, 1), c.config.integer('sequence_stride', undefined, 1)]; // biome-ignore format: long
  const n = c.config.integer('fft_length', size, 1);
  const x = c.float(c.input());
  const { re, im } = transformed(
    c,
    framed(c, c.config.bool('center', true) ? mirrored(c, x, n) : x, n, stride, size),
    n,
  );
  return [re, im];
};

const rfft: Lower = (c) => {
  const x = c.float(c.input());
  const n = c.knownShape(x).at(-1) as number;
  if ((numbersOf(c.plain(1, 'fft_length'))?.[0] ?? n) !== n || c.shapeOf(x).length < 2)
    throw new ModelError('unsupported', 'transforms a part of rows, or a single one.');
  const { re, im } = transformed(c, x, n);
  return [re, im];
};

/** Functions of `keras.ops` that make spectra, by class. */
export const spectralFunctions: Readonly<Record<string, Lower>> = { RFFT: rfft, STFT: stft };

/** The parts of frequencies are convolutions with filters that the layer has as weights; each channel by itself. */
const stftSpectrogram: Lower = (c) => {
  const isFirst = c.config.dataFormat === 'channels_first';
  const x = isFirst ? c.float(c.input()) : c.transpose(c.float(c.input()), [0, 2, 1]);
  const [, channels = -1, samples = -1] = c.shapeOf(x);
  if (channels < 0) throw new ModelError('unsupported', 'needs a known number of channels.');
  const mode = c.config.string('mode', 'log');
  const length = c.config.integer('frame_length', 256, 1);
  const strides = [numbersOf(c.config.get('frame_step'))?.[0] ?? Math.max(1, Math.floor(length / 2))];
  const window = { strides, dilations: [1], padding: paddingOf(c), isCausal: false };
  const single = channels === 1 ? c.transpose(x, [0, 2, 1]) : c.reshape(x, [-1, samples, 1]);
  const part = (index: number, what: string): Value => {
    const filtered = convolve(c, 1, single, filterOf(c, index, what, 3), undefined, window);
    if (channels === 1) return c.emit('EXPAND_DIMS', [filtered, c.i32(1)]);
    const [, frames = -1, count = -1] = c.knownShape(filtered);
    return c.reshape(filtered, [-1, channels, frames, count]);
  };
  const spectrum = (): Spectrum => ({ re: part(0, 'real_kernel'), im: part(1, 'imag_kernel') });
  const y = inMode(c, mode, part, spectrum);
  return arranged(c, y, isFirst);
};

/** What the layer gives of the parts `[N, C, frames, F]`. */
function inMode(
  c: LayerCall,
  mode: string,
  part: (index: number, what: string) => Value,
  spectrum: () => Spectrum,
): Value {
  if (mode === 'real' || mode === 'imag') return part(0, `${mode}_kernel`);
  const z = spectrum();
  if (mode === 'angle') return c.emit('ATAN2', [z.im, z.re]);
  if (mode === 'stft') return c.emit('CONCATENATION', [z.re, z.im], { axis: 3 });
  const squares = power(c, z);
  if (mode === 'psd') {
    const count = c.shapeOf(squares).at(-1) as number;
    const twice = c.f32(Array.from({ length: count }, (_, i) => (i === 0 || i === count - 1 ? 1 : 2)));
    return c.emit('MUL', [squares, twice]);
  }
  const magnitude = c.emit('SQRT', [atLeast(c, squares, EPSILON)]);
  if (mode === 'magnitude') return magnitude;
  if (mode === 'log') return c.emit('LOG', [atLeast(c, magnitude, EPSILON)]);
  throw new ModelError('malformed-file', `mode: log, magnitude, psd, real, imag, angle or stft expected, got ${mode}`);
}

/** `[N, C, frames, F]` as the layer lays it out: in four axes, or with channels and frequencies as one. */
function arranged(c: LayerCall, x: Value, isFirst: boolean): Value {
  if (c.config.bool('expand_dims', false)) return isFirst ? x : c.transpose(x, [0, 2, 3, 1]);
  const [batch = -1, channels = 1, frames = -1, count = 1] = c.shapeOf(x);
  const rows = c.transpose(x, isFirst ? [0, 1, 3, 2] : [0, 2, 1, 3]);
  return c.reshape(rows, isFirst ? [batch, channels * count, frames] : [batch, frames, channels * count], rows);
}

/** Layers that make spectra of sound. */
export const spectra: Readonly<Record<string, Lower>> = {
  MelSpectrogram: melSpectrogram,
  STFTSpectrogram: stftSpectrogram,
};
