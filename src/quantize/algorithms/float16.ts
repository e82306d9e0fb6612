import { Constant } from '../../ir/constant.js';
import { FLOAT16_MAX, float16FromFloat32, float32FromFloat16 } from '../../numerics/float16.js';
import { sqnr } from '../sqnr.js';
import { rowKernels } from './row-kernels.js';
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
    const { bits, signal, noise, clamped } = halvedInRange(data) ?? halved(data);
    return {
      constant: Constant.of('f16', source.shape, bits),
      quantization: undefined,
      sqnrDb: sqnr(signal, noise),
      ...(clamped > 0 && { note: `${clamped} elements beyond ±${FLOAT16_MAX} were clamped` }),
    };
  },
};

interface Halved {
  readonly bits: Uint16Array;
  /** Sums of the squares of the finite elements and of their errors. */
  readonly signal: number;
  readonly noise: number;
  /** How many lay out of range. */
  readonly clamped: number;
}

/** By {@link rowKernels}; undefined when there are none, or when an element is out of range, infinite or NaN. */
function halvedInRange(data: Float32Array): Halved | undefined {
  const kernels = rowKernels();
  if (!kernels) return undefined;
  const largest = new Float64Array(1);
  const signal = kernels.measure(data, data.length, largest);
  if (!Number.isFinite(signal) || (largest[0] as number) > FLOAT16_MAX) return undefined;
  const bits = new Uint16Array(data.length);
  return { bits, signal, noise: kernels.halve(data, bits), clamped: 0 };
}

function halved(data: Float32Array): Halved {
  const bits = float16FromFloat32(data, { saturate: true });
  const back = float32FromFloat16(bits);
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
  return { bits, signal, noise, clamped };
}
