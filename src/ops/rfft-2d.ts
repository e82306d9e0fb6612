import { elementCount } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { floats } from './floats.js';

/**
 * Fourier transform of the last two axes of real numbers; of the last one only the first half is kept.
 *
 * - input `[..., H, W]`, cut or filled with zeros to fftLength = `[FH, FW]`, powers of two
 * - output `[..., FH, FW / 2 + 1]` complex
 *
 * Source: TFLite operator RFFT2D.
 */
export const rfft2d = defineOp({
  name: 'RFFT2D',
  inputs: ['input', 'fftLength'],
  outputs: ['output'],

  infer({ input, fftLength }) {
    const [height = -1, width = -1] = fftLength.elements ?? [];
    const columns = width < 0 ? -1 : Math.floor(width / 2) + 1;
    return [{ dtype: 'c64', shape: input.shape && [...input.shape.slice(0, -2), height, columns] }];
  },

  reference({ inputs: { input, fftLength } }) {
    const [height = 1, width = 1] = fftLength.data as Int32Array;
    const columns = Math.floor(width / 2) + 1;
    const shape = [...input.shape.slice(0, -2), height, columns];
    const data = new Float32Array(elementCount(shape) * 2);
    const [h = 1, w = 1] = input.shape.slice(-2);
    const x = floats(input);
    const [inRow, inColumn] = [turnsOf(width), turnsOf(height)];
    const image = new Float64Array(height * width * 2);
    for (let first = 0, out = 0; out < data.length; first += h * w, out += height * columns * 2) {
      image.fill(0);
      for (let y = 0; y < Math.min(h, height); y++) {
        const row = new Float64Array(width * 2);
        for (let i = 0; i < Math.min(w, width); i++) row[2 * i] = x[first + y * w + i] as number;
        image.set(transform(row, inRow), y * width * 2);
      }
      for (let k = 0; k < columns; k++) {
        const column = transform(everyNth(image, k, width, height), inColumn);
        for (let f = 0; f < height; f++) data.set(column.subarray(2 * f, 2 * f + 2), out + (f * columns + k) * 2);
      }
    }
    return [{ dtype: 'c64', shape, data }];
  },
});

/** (cos, -sin) of all n-th parts of a turn; the sine of half a turn is zero, so that no angle comes out as -π for π. */
function turnsOf(n: number): Float64Array {
  const turns = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    turns[2 * k] = Math.cos((2 * Math.PI * k) / n);
    turns[2 * k + 1] = (2 * k) % n === 0 ? 0 : -Math.sin((2 * Math.PI * k) / n);
  }
  return turns;
}

/** Transform of (re, im) pairs: those at even and at odd places by themselves, down to a few or an odd number. */
function transform(x: Float64Array, turns: Float64Array): Float64Array {
  const n = x.length / 2;
  if (n === 1) return x;
  const parts = n % 2 === 0 && n > 16 ? 2 : n;
  const size = n / parts;
  const step = turns.length / x.length;
  const out = new Float64Array(2 * n);
  for (let first = 0; first < parts; first++) {
    const part = transform(everyNth(x, first, parts, size), turns);
    for (let k = 0; k < n; k++) {
      const at = 2 * (k % size);
      const turn = (2 * first * k * step) % turns.length;
      const a = part[at]!;
      const b = part[at + 1]!;
      out[2 * k]! += a * turns[turn]! - b * turns[turn + 1]!;
      out[2 * k + 1]! += a * turns[turn + 1]! + b * turns[turn]!;
    }
  }
  return out;
}

/** `count` pairs from `first` on, each `step` behind the one before. */
function everyNth(x: Float64Array, first: number, step: number, count: number): Float64Array {
  const out = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    out[2 * i] = x[2 * (first + i * step)]!;
    out[2 * i + 1] = x[2 * (first + i * step) + 1]!;
  }
  return out;
}
