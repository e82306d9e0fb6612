import { Constant } from '../../ir/constant.js';
import { sqnr } from '../sqnr.js';
import type { WeightAlgorithm } from './types.js';

/** Steps of the range. */
const Q_MAX = 255;

/**
 * Asymmetric uint8 over the whole tensor: the range from the least to the greatest element, zero included, in 255 steps.
 * `q = round(x / scale) + zeroPoint`, halves up; the zero point is an integer, so that zero stays zero. This is the form
 * that TensorFlow.js stores; there is no kernel that reads it, so the integers are always turned back into floats.
 */
export const minMaxUint8: WeightAlgorithm = {
  label: 'uint8',
  dtype: 'u8',
  minElements: 1024,
  operands: 'weights',
  hasScales: true,

  quantize(source) {
    const data = source.data() as Float32Array;
    let [low, high, signal] = [0, 0, 0];
    for (const x of data) {
      low = Math.min(low, x);
      high = Math.max(high, x);
      signal += x * x;
    }
    if (!Number.isFinite(signal)) return undefined;
    const scale = Math.fround((high - low) / Q_MAX) || 2 ** -126;
    const zeroPoint = Math.min(Q_MAX, Math.round(-low / scale));
    const q = new Uint8Array(data.length);
    let noise = 0;
    for (let i = 0; i < q.length; i++) {
      const x = data[i] as number;
      const level = Math.min(Q_MAX, Math.max(0, Math.round(x / scale) + zeroPoint));
      q[i] = level;
      const error = x - Math.fround((level - zeroPoint) * scale);
      noise += error * error;
    }
    return {
      constant: Constant.of('u8', source.shape, q),
      quantization: { scale: Float32Array.of(scale), zeroPoint: [zeroPoint], axis: 0 },
      sqnrDb: sqnr(signal, noise),
    };
  },
};
