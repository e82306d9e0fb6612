/** bfloat16 bits of float32 numbers, rounded to nearest, halves to even; NaN stays NaN. */
export function bfloat16FromFloat32(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const word = bits[i] as number;
    const special = (word & 0x7fffffff) > 0x7f800000;
    out[i] = special ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return out;
}

/** The numbers that bfloat16 bits stand for; exact. */
export function float32FromBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < words.length; i++) words[i] = (bits[i] as number) << 16;
  return new Float32Array(words.buffer);
}
