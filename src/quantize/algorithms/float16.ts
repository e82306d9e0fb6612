import { Constant } from '../../ir/constant.js';
import { FLOAT16_MAX, float16FromFloat32, float32FromFloat16 } from '../../numerics/float16.js';
import { sqnr } from '../sqnr.js';
import type { WeightAlgorithm } from './types.js';

/**
 * Float16, rounded to nearest even. Numbers beyond ±65504 become ±65504. The result is lazy: the source is read again when
 * the file is written.
 */
export const float16: WeightAlgorithm = {
  label: 'float16',
  dtype: 'f16',
  minElements: 0,
  operands: 'all',
  hasScales: false,

  quantize(source) {
    const cast = () => float16FromFloat32(source.data() as Float32Array, { saturate: true });
    const { signal, noise, clamped } = compare(source.data() as Float32Array, float32FromFloat16(cast()));
    return {
      constant: Constant.lazy('f16', source.shape, cast),
      quantization: undefined,
      sqnrDb: sqnr(signal, noise),
      ...(clamped > 0 && { note: `${clamped} elements beyond ±${FLOAT16_MAX} were clamped` }),
    };
  },
};

/** Sums over the finite elements, and how many lay out of range. */
function compare(data: Float32Array, back: Float32Array): { signal: number; noise: number; clamped: number } {
  let signal = 0;
  let noise = 0;
  let clamped = 0;
  for (let i = 0; i < data.length; i++) {
    const x = data[i] as number;
    if (Math.abs(x) > FLOAT16_MAX) clamped++;
    if (!Number.isFinite(x)) continue;
    const error = x - (back[i] as number);
    signal += x * x;
    noise += error * error;
  }
  return { signal, noise, clamped };
}
