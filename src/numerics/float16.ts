/** Largest finite float16. */
export const FLOAT16_MAX = 65504;

const INFINITY_BITS = 0x7c00;
const MAX_BITS = 0x7bff;
/** float32 bits of 65520, the first number that rounds to infinity: halfway above 65504, whose last bit is odd. */
const OVERFLOW_32 = 0x477ff000;
/** float32 bits of 2^-14, the smallest normal float16. */
const NORMAL_32 = 0x38800000;
/** Adding and subtracting 2^52 rounds a small float64 to an integer, halves to even. */
const TO_INTEGER = 2 ** 52;

/** What becomes of numbers beyond ±65504; `saturate` clamps them (infinities too) instead of giving infinity. */
export interface Float16Options {
  readonly saturate?: boolean;
}

/** float16 bits of float32 numbers, rounded to nearest, halves to even; subnormals kept, NaN stays NaN. */
export function float16FromFloat32(values: Float32Array, { saturate = false }: Float16Options = {}): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const beyond = saturate ? MAX_BITS : INFINITY_BITS;
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const word = bits[i] as number;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    out[i] = sign | encode(size, Math.abs(values[i] as number), beyond);
  }
  return out;
}

function encode(size: number, value: number, beyond: number): number {
  if (size > 0x7f800000) return 0x7e00 | ((size >> 13) & 0x3ff);
  if (size >= OVERFLOW_32) return beyond;
  // Exponent bias 127 -> 15; the carry of rounding may run into the exponent, which is the right result.
  if (size >= NORMAL_32) return (size - 0x38000000 + 0xfff + ((size >> 13) & 1)) >> 13;
  // A subnormal counts units of 2^-24; the product is exact. `| 0` keeps all results in integer registers.
  return (value * 2 ** 24 + TO_INTEGER - TO_INTEGER) | 0;
}

/** The numbers that float16 bits stand for; exact. */
export function float32FromFloat16(bits: Uint16Array): Float32Array {
  const out = new Float32Array(bits.length);
  const words = new Uint32Array(out.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i] as number;
    const sign = (half & 0x8000) << 16;
    const exponent = half & 0x7c00;
    if (exponent === 0) {
      out[i] = (half & 0x3ff) * 2 ** -24;
      words[i] = (words[i] as number) | sign;
    } else if (exponent === INFINITY_BITS) words[i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
    else words[i] = sign | (((half & 0x7fff) << 13) + 0x38000000);
  }
  return out;
}
