import { Constant } from '../../ir/constant.js';
import { FLOAT16_MAX, float16FromFloat32, float32FromFloat16 } from '../../numerics/float16.js';
import { sqnr } from '../sqnr.js';
import type { WeightAlgorithm } from './types.js';

/** Float16, rounded to nearest even. Numbers beyond ±65504 become ±65504. */
export const float16: WeightAlgorithm = {
  label: 'float16',
  dtype: 'f16',
  minElements: 0,
  operands: 'all',
  hasScales: false,

  quantize(source) {
    const data = source.data() as Float32Array;
    const bits = float16FromFloat32(data, { saturate: true });
    const { signal, noise, clamped } = compare(data, bits);
    return {
      constant: Constant.of('f16', source.shape, bits),
      quantization: undefined,
      sqnrDb: sqnr(signal, noise),
      ...(clamped > 0 && { note: `${clamped} elements beyond ±${FLOAT16_MAX} were clamped` }),
    };
  },
};

/** Elements that are compared at a time: the decoded ones stay in the cache. */
const BLOCK = 4096;

/** Sums over the finite elements, and how many lay out of range. */
function compare(data: Float32Array, bits: Uint16Array): { signal: number; noise: number; clamped: number } {
  let signal = 0;
  let noise = 0;
  let clamped = 0;
  for (let start = 0; start < data.length; start += BLOCK) {
    const back = float32FromFloat16(bits.subarray(start, start + BLOCK));
    for (let i = 0; i < back.length; i++) {
      const x = data[start + i] as number;
      if (Math.abs(x) > FLOAT16_MAX) clamped++;
      if (!Number.isFinite(x)) continue;
      const error = x - (back[i] as number);
      signal += x * x;
      noise += error * error;
    }
  }
  return { signal, noise, clamped };
}
