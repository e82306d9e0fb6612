import { mel } from '../../numerics/mel.js';
import type { Step } from './spec.js';

type LogMel = Extract<Step, { step: 'log-mel' }>;

/** Added before the logarithm. */
const OFFSET = 1e-6;

/**
 * The logarithm of the mel spectrum of a sound, `[frames, bins]`: frames of `frame` samples every `hop` under a periodic
 * Hann window, magnitudes of the Fourier transform of the next power of two, triangles on the mel scale from `low` to
 * `high` Hz, `log(x + 1e-6)`. Source: TensorFlow `tf.signal.stft` and `linear_to_mel_weight_matrix`, which give the same.
 */
export function logMel(
  sound: Float32Array,
  { rate, frame, hop, bins, low, high }: LogMel,
): { data: Float32Array; frames: number } {
  const size = 2 ** Math.ceil(Math.log2(frame));
  const frames = Math.max(Math.floor((sound.length - frame) / hop) + 1, 0);
  const window = Float64Array.from({ length: frame }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frame));
  const filters = melFilters(size / 2 + 1, { rate, bins, low, high });
  const data = new Float32Array(frames * bins);
  const [re, im] = [new Float64Array(size), new Float64Array(size)];
  for (let t = 0; t < frames; t++) {
    re.fill(0);
    im.fill(0);
    for (let i = 0; i < frame; i++) re[i] = (sound[t * hop + i] as number) * (window[i] as number);
    transform(re, im);
    for (const [b, { from, weights }] of filters.entries()) {
      let sum = 0;
      for (const [k, weight] of weights.entries())
        sum += weight * Math.hypot(re[from + k] as number, im[from + k] as number);
      data[t * bins + b] = Math.log(sum + OFFSET);
    }
  }
  return { data, frames };
}

/** The triangles, each from its first spectrum line on. The line of 0 Hz belongs to none. */
function melFilters(lines: number, { rate, bins, low, high }: Pick<LogMel, 'rate' | 'bins' | 'low' | 'high'>) {
  const edges = Array.from({ length: bins + 2 }, (_, i) => mel(low) + ((mel(high) - mel(low)) * i) / (bins + 1));
  const places = Array.from({ length: lines }, (_, k) => mel((k * rate) / 2 / (lines - 1)));
  return Array.from({ length: bins }, (_, b) => {
    const [lower, centre, upper] = edges.slice(b, b + 3) as [number, number, number];
    const all = places.map((m, k) =>
      k === 0 ? 0 : Math.max(0, Math.min((m - lower) / (centre - lower), (upper - m) / (upper - centre))),
    );
    const from = Math.max(
      all.findIndex((w) => w > 0),
      0,
    );
    const to = all.findLastIndex((w) => w > 0) + 1;
    return { from, weights: all.slice(from, to) };
  });
}

/** The discrete Fourier transform in place; the length is a power of two. Source: Cooley and Tukey (1965). */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  for (let half = 1; half < n; half *= 2)
    for (let k = 0; k < half; k++) {
      const angle = (-Math.PI * k) / half;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let i = k; i < n; i += 2 * half) {
        const j = i + half;
        const x = (re[j] as number) * c - (im[j] as number) * s;
        const y = (re[j] as number) * s + (im[j] as number) * c;
        re[j] = (re[i] as number) - x;
        im[j] = (im[i] as number) - y;
        re[i] = (re[i] as number) + x;
        im[i] = (im[i] as number) + y;
      }
    }
}
