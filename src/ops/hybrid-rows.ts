import { clamp, roundHalfAway } from '../numerics/round.js';

/** Rows of floats as 8-bit integers: `x ≈ scales[row] * centered`. */
export interface HybridRows {
  /** `q - zeroPoint` of each element. */
  readonly centered: Int16Array;
  readonly scales: Float32Array;
}

/**
 * Quantizes each run of `size` floats on its own, as kernels with float inputs and integer weights do, in float32.
 *
 * - symmetric: `scale = max|x| / 127`, `q = round(x * (127 / max|x|))`
 * - else: `scale = (max - min) / 255` of a range that holds 0, with the zero point that errs least
 *
 * Source: TFLite `SymmetricQuantizeFloats`, `AsymmetricQuantizeFloats`.
 */
export function quantizeRows(x: Float32Array, size: number, isSymmetric: boolean): HybridRows {
  const centered = new Int16Array(x.length);
  const scales = new Float32Array(size === 0 ? 0 : x.length / size);
  const quantizeRow = isSymmetric ? symmetric : asymmetric;
  for (let row = 0; row < scales.length; row++) {
    const from = row * size;
    scales[row] = quantizeRow(x.subarray(from, from + size), centered.subarray(from, from + size));
  }
  return { centered, scales };
}

function symmetric(x: Float32Array, out: Int16Array): number {
  let range = 0;
  for (const v of x) range = Math.max(range, Math.abs(v));
  if (range === 0) return 1;
  const inverse = Math.fround(127 / range);
  for (let i = 0; i < x.length; i++) out[i] = clamp(roundHalfAway(Math.fround(x[i]! * inverse)), -127, 127);
  return range / 127;
}

function asymmetric(x: Float32Array, out: Int16Array): number {
  let low = 0;
  let high = 0;
  for (const v of x) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low === high) return 1;
  const exact = (high - low) / 255;
  const isLowBetter = 128 + Math.abs(low / exact) < 127 + Math.abs(high / exact);
  const zeroPoint = clamp(roundHalfAway(isLowBetter ? -128 - low / exact : 127 - high / exact), -128, 127);
  const scale = Math.fround(exact);
  const inverse = Math.fround(1 / scale);
  for (let i = 0; i < x.length; i++) {
    const q = roundHalfAway(Math.fround(zeroPoint + Math.fround(x[i]! * inverse)));
    out[i] = clamp(q, -128, 127) - zeroPoint;
  }
  return scale;
}
