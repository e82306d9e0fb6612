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
    const [ofRow, ofColumn] = [halfTransformOf(width), transformOf(height)];
    const image = new Float64Array(height * columns * 2);
    for (let first = 0, out = 0; out < data.length; first += h * w, out += image.length) {
      for (let y = 0; y < height; y++) {
        const row = y < h ? x.subarray(first + y * w, first + y * w + Math.min(w, width)) : x.subarray(0, 0);
        ofRow(row, image, y * columns * 2);
      }
      for (let k = 0; k < columns && height > 1; k++) {
        for (let y = 0; y < height; y++) {
          ofColumn.re[y] = image[(y * columns + k) * 2]!;
          ofColumn.im[y] = image[(y * columns + k) * 2 + 1]!;
        }
        ofColumn.run();
        for (let y = 0; y < height; y++) {
          image[(y * columns + k) * 2] = ofColumn.re[y]!;
          image[(y * columns + k) * 2 + 1] = ofColumn.im[y]!;
        }
      }
      data.set(image, out);
    }
    return [{ dtype: 'c64', shape, data }];
  },
});

/** Cosines and sines of the turns `-k / n`. */
function turnsOf(n: number): readonly [cos: Float64Array, sin: Float64Array] {
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  // Zero for half a turn, so that no angle comes out as -π for π.
  const sin = Float64Array.from({ length: n }, (_, k) => ((2 * k) % n === 0 ? 0 : -Math.sin((2 * Math.PI * k) / n)));
  return [cos, sin];
}

/**
 * Transforms n real numbers, of which the last may be missing zeros, and writes the first half of the result. An even number
 * of them are the parts of half as many complex ones: the transform of those at even and at odd places.
 */
function halfTransformOf(n: number): (row: Float32Array, out: Float64Array, at: number) => void {
  const isEven = n % 2 === 0;
  const half = isEven ? n / 2 : n;
  const { re, im, run } = transformOf(half);
  const [cos, sin] = turnsOf(n);
  return (row, out, at) => {
    re.fill(0);
    im.fill(0);
    const step = isEven ? 2 : 1;
    for (let i = 0, from = 0; from < row.length; i++, from += step) re[i] = row[from]!;
    if (isEven) for (let i = 0, from = 1; from < row.length; i++, from += 2) im[i] = row[from]!;
    run();
    for (let k = 0; k <= n / 2; k++) {
      if (!isEven) {
        out[at + 2 * k] = re[k]!;
        out[at + 2 * k + 1] = im[k]!;
        continue;
      }
      const a = k === half ? 0 : k;
      const b = k === 0 ? 0 : half - k;
      const oddRe = (im[a]! + im[b]!) / 2;
      const oddIm = (re[b]! - re[a]!) / 2;
      out[at + 2 * k] = (re[a]! + re[b]!) / 2 + oddRe * cos[k]! - oddIm * sin[k]!;
      out[at + 2 * k + 1] = (im[a]! - im[b]!) / 2 + oddRe * sin[k]! + oddIm * cos[k]!;
    }
  };
}

/** Transforms n complex numbers in place: in steps of doubled length where n is a power of two, else by plain sums. */
function transformOf(n: number) {
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  const [cos, sin] = turnsOf(n);
  if ((n & (n - 1)) !== 0)
    return {
      re,
      im,
      run() {
        const [a, b] = [re.slice(), im.slice()];
        re.fill(0);
        im.fill(0);
        addUp(a, b, re, im, cos, sin);
      },
    };
  // The places of numbers whose bits are in the other order.
  const order = new Uint32Array(n);
  for (let k = 1; k < n; k++) order[k] = (order[k >> 1]! >> 1) + (k & 1) * (n / 2);
  return {
    re,
    im,
    run() {
      for (let k = 0; k < n; k++) {
        const other = order[k]!;
        if (other <= k) continue;
        const [x, y] = [re[k]!, im[k]!];
        re[k] = re[other]!;
        im[k] = im[other]!;
        re[other] = x;
        im[other] = y;
      }
      joinParts(re, im, cos, sin);
    },
  };
}

/** The sums that define the transform of (a, b), added to (re, im). */
function addUp(
  a: Float64Array,
  b: Float64Array,
  re: Float64Array,
  im: Float64Array,
  cos: Float64Array,
  sin: Float64Array,
): void {
  for (let k = 0; k < a.length; k++)
    for (let t = 0; t < a.length; t++) {
      const turn = (k * t) % a.length;
      re[k]! += a[t]! * cos[turn]! - b[t]! * sin[turn]!;
      im[k]! += a[t]! * sin[turn]! + b[t]! * cos[turn]!;
    }
}

/** Transforms of parts of 1, 2, 4, ... numbers, two by two. */
function joinParts(re: Float64Array, im: Float64Array, cos: Float64Array, sin: Float64Array): void {
  const n = re.length;
  for (let half = 1; half < n; half *= 2)
    for (let k = 0; k < half; k++) {
      const c = cos[(n / (2 * half)) * k]!;
      const s = sin[(n / (2 * half)) * k]!;
      for (let one = k; one < n; one += 2 * half) {
        const other = one + half;
        const x = re[other]! * c - im[other]! * s;
        const y = re[other]! * s + im[other]! * c;
        re[other] = re[one]! - x;
        im[other] = im[one]! - y;
        re[one]! += x;
        im[one]! += y;
      }
    }
}
