import { Constant } from '../../ir/constant.js';
import { elementCount } from '../../ir/tensor.js';
import { sqnr } from '../sqnr.js';
import { rowKernels } from './row-kernels.js';
import type { ScaleLayout, WeightAlgorithm } from './types.js';

/** Largest integer; the smallest is its negative, so that zero lies in the middle (the "narrow" range). */
const Q_MAX = 127;
/** Ranges up to this width are widened to it. */
const NEAR_ZERO = 1e-6;

/**
 * Symmetric int8 in -127..127 with zero point 0: `scale = max|x| / 127`, per tensor or per channel, in float64.
 * `q = round(x / scale)`, halves away from zero; the file keeps the scale as float32. A channel of zeros has the scale
 * `1e-6 / 254`.
 *
 * Source: TFLite 8-bit quantization specification; the weight maths of TensorFlow's MLIR quantizer.
 */
export const minMaxInt8: WeightAlgorithm = {
  label: 'int8',
  dtype: 'i8',
  minElements: 1024,
  operands: 'weights',
  hasScales: true,

  quantize(source, layout) {
    const data = source.data() as Float32Array;
    const lanes = lanesOf(source, layout);
    const { largest, signal } = measure(data, lanes);
    if (!Number.isFinite(signal)) return undefined;
    const scales = Float64Array.from(largest, scaleFor);
    const stored = Float32Array.from(scales);
    const q = new Int8Array(data.length);
    const noise = quantizeLanes(data, lanes, scales, stored, q);
    const { axis } = layout;
    const repeat = layout.granularity === 'per-tensor' && axis !== undefined ? (source.shape[axis] as number) : 1;
    const scale = repeat > 1 ? new Float32Array(repeat).fill(stored[0] as number) : stored;
    return {
      constant: Constant.of('i8', source.shape, q),
      quantization: { scale, zeroPoint: new Array<number>(scale.length).fill(0), axis: axis ?? 0 },
      sqnrDb: sqnr(signal, noise),
    };
  },
};

/** The float64 scale of a symmetric narrow int8 range that reaches to `largest` on both sides of zero. */
function scaleFor(largest: number): number {
  const half = Math.max(largest, NEAR_ZERO / 2);
  return (half - -half) / (2 * Q_MAX);
}

/** A row-major tensor as `outer` x `channels` x `inner`. */
interface Lanes {
  readonly outer: number;
  readonly channels: number;
  readonly inner: number;
}

function lanesOf(source: Constant, { granularity, axis }: ScaleLayout): Lanes {
  if (granularity === 'per-tensor' || axis === undefined) return { outer: 1, channels: 1, inner: source.count };
  return {
    outer: elementCount(source.shape.slice(0, axis)),
    channels: source.shape[axis] as number,
    inner: elementCount(source.shape.slice(axis + 1)),
  };
}

/** Runs of a channel's elements from this length on go through {@link rowKernels}. */
const LONG_RUN = 16;

/**
 * The largest magnitude of each channel, and the sum of all squares. Squares of finite float32 numbers do not overflow a
 * float64, so the sum is infinite or NaN exactly when an element is.
 */
function measure(data: Float32Array, { outer, channels, inner }: Lanes): { largest: Float64Array; signal: number } {
  const largest = new Float64Array(channels);
  const kernels = inner >= LONG_RUN ? rowKernels() : undefined;
  if (kernels) return { largest, signal: kernels.measure(data, inner, largest) };
  let signal = 0;
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++) {
      let top = largest[c] as number;
      for (let i = 0; i < inner; i++) {
        const x = data[at++] as number;
        const size = Math.abs(x);
        if (size > top) top = size;
        signal += x * x;
      }
      largest[c] = top;
    }
  return { largest, signal };
}

/** The largest number below 0.5. */
const BELOW_HALF = 0.5 - 2 ** -54;

/**
 * Fills `q` and returns the sum of the squared errors of `q` times the stored scale, in float32 as a kernel reads it. No
 * result exceeds 127: `|x| / scale` is at most 127 but for the rounding of the division.
 *
 * Signs of weights are random, and a branch on one costs more than all the arithmetic. So magnitudes are rounded, and the
 * sign bit is applied to the integer: `(n ^ -1) - -1` is `-n`. Cutting `m + BELOW_HALF` rounds every `m >= 0` half up; with
 * 0.5 itself the sum for the number just below one half would become 1.
 */
function quantizeLanes(
  data: Float32Array,
  { outer, channels, inner }: Lanes,
  scales: Float64Array,
  stored: Float32Array,
  q: Int8Array,
): number {
  const kernels = inner >= LONG_RUN ? rowKernels() : undefined;
  if (kernels) return kernels.quantize(data, inner, scales, stored, q);
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length);
  let noise = 0;
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let c = 0; c < channels; c++) {
      const scale = scales[c] as number;
      const kept = stored[c] as number;
      for (let i = 0; i < inner; i++, at++) {
        const size = Math.abs(data[at] as number);
        const n = (size / scale + BELOW_HALF) | 0;
        const sign = (bits[at] as number) >> 31;
        q[at] = (n ^ sign) - sign;
        const error = size - Math.fround(n * kept);
        noise += error * error;
      }
    }
  return noise;
}
