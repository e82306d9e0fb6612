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
    const [inRow, inColumn] = [transformOf(width), transformOf(height)];
    const image = new Float64Array(height * columns * 2);
    for (let first = 0, out = 0; out < data.length; first += h * w, out += image.length) {
      for (let y = 0; y < height; y++) {
        for (let i = 0; i < width; i++) {
          inRow.re[i] = y < h && i < w ? x[first + y * w + i]! : 0;
          inRow.im[i] = 0;
        }
        inRow.run();
        for (let k = 0; k < columns; k++) {
          image[(y * columns + k) * 2] = inRow.re[k]!;
          image[(y * columns + k) * 2 + 1] = inRow.im[k]!;
        }
      }
      if (height === 1) data.set(image, out);
      else
        for (let k = 0; k < columns; k++) {
          for (let y = 0; y < height; y++) {
            inColumn.re[y] = image[(y * columns + k) * 2]!;
            inColumn.im[y] = image[(y * columns + k) * 2 + 1]!;
          }
          inColumn.run();
          for (let y = 0; y < height; y++) {
            data[out + (y * columns + k) * 2] = inColumn.re[y]!;
            data[out + (y * columns + k) * 2 + 1] = inColumn.im[y]!;
          }
        }
    }
    return [{ dtype: 'c64', shape, data }];
  },
});

/** Transforms n complex numbers in place: in steps of doubled length where n is a power of two, else by plain sums. */
function transformOf(n: number) {
  const [re, im] = [new Float64Array(n), new Float64Array(n)];
  const cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
  // Zero for half a turn, so that no angle comes out as -π for π.
  const sin = Float64Array.from({ length: n }, (_, k) => ((2 * k) % n === 0 ? 0 : -Math.sin((2 * Math.PI * k) / n)));
  // With its bits in the other order, in a power of two.
  const isPower = (n & (n - 1)) === 0;
  const order = new Uint32Array(n);
  for (let k = 1; k < n; k++) order[k] = isPower ? (order[k >> 1]! >> 1) + (k & 1) * (n / 2) : k;
  const run = (): void => {
    const [a, b] = [re.slice(), im.slice()];
    for (let k = 0; k < n; k++) {
      re[k] = isPower ? a[order[k]!]! : 0;
      im[k] = isPower ? b[order[k]!]! : 0;
    }
    if (isPower) joinParts(re, im, cos, sin);
    else addUp(a, b, re, im, cos, sin);
  };
  return { re, im, run };
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
    for (let first = 0; first < n; first += 2 * half)
      for (let k = first, turn = 0; k < first + half; k++, turn += n / (2 * half)) {
        const other = k + half;
        const x = re[other]! * cos[turn]! - im[other]! * sin[turn]!;
        const y = re[other]! * sin[turn]! + im[other]! * cos[turn]!;
        re[other] = re[k]! - x;
        im[other] = im[k]! - y;
        re[k]! += x;
        im[k]! += y;
      }
}
