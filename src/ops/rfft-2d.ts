import { elementCount, type Tensor } from '../ir/tensor.js';
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
    const images = elementCount(input.shape.slice(0, -2));
    for (let image = 0; image < images; image++) {
      const rows = transformRows(input, image * h * w, [h, w], [height, width]);
      transformColumns(rows, data, image * height * columns * 2, [height, columns]);
    }
    return [{ dtype: 'c64', shape, data }];
  },
});

/** (re, im) pairs of each row's transform. */
function transformRows(
  input: Tensor,
  start: number,
  [h, w]: readonly [number, number],
  [height, width]: readonly [number, number],
): Float64Array {
  const x = floats(input);
  const columns = Math.floor(width / 2) + 1;
  const out = new Float64Array(height * columns * 2);
  for (let y = 0; y < Math.min(h, height); y++)
    for (let k = 0; k < columns; k++) {
      const at = (y * columns + k) * 2;
      for (let i = 0; i < Math.min(w, width); i++) {
        const angle = (-2 * Math.PI * ((i * k) % width)) / width;
        const value = x[start + y * w + i]!;
        out[at]! += value * Math.cos(angle);
        out[at + 1]! += value * Math.sin(angle);
      }
    }
  return out;
}

function transformColumns(
  rows: Float64Array,
  out: Float32Array,
  start: number,
  [height, columns]: readonly [number, number],
): void {
  for (let f = 0; f < height; f++)
    for (let k = 0; k < columns; k++) {
      let re = 0;
      let im = 0;
      for (let y = 0; y < height; y++) {
        const angle = (-2 * Math.PI * ((y * f) % height)) / height;
        const [a, b] = [rows[(y * columns + k) * 2]!, rows[(y * columns + k) * 2 + 1]!];
        re += a * Math.cos(angle) - b * Math.sin(angle);
        im += a * Math.sin(angle) + b * Math.cos(angle);
      }
      out[start + (f * columns + k) * 2] = re;
      out[start + (f * columns + k) * 2 + 1] = im;
    }
}
