import { allocate, type DType, type TensorData } from './tensor.js';

/** Numbers in 0..1 that depend only on the seed (mulberry32 over an FNV-1a hash of the text). */
export function seededRandom(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let i = 0; i < seed.length; i++) state = Math.imul(state ^ seed.charCodeAt(i), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Pseudo-random elements that depend only on `seed`: floats in -1..1, 8-bit integers of their whole range, wider ones in
 * 0..3 (safe as indices and counts), booleans, and texts of one digit.
 */
export function seededData(dtype: DType, count: number, seed: string): TensorData {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  if (dtype === 'string') return Array.from({ length: count }, () => Uint8Array.of(48 + below(10)));
  const data = allocate(dtype, count);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(below(4));
    else data[i] = element(dtype, random, below);
  }
  return data;
}

function element(dtype: DType, random: () => number, below: (n: number) => number): number {
  switch (dtype) {
    case 'f32':
    case 'f64':
    case 'c64':
    case 'c128':
      return random() * 2 - 1;
    case 'f16': // sign, exponent of 1/8..1/2, any mantissa
      return (below(2) << 15) | ((12 + below(3)) << 10) | below(1024);
    case 'bf16':
      return (below(2) << 15) | ((124 + below(3)) << 7) | below(128);
    case 'i8':
      return below(256) - 128;
    case 'u8':
      return below(256);
    case 'i4':
      return below(16) - 8;
    case 'u4':
      return below(16);
    case 'i2':
      return below(4) - 2;
    case 'f8e4m3':
    case 'f8e5m2':
      return (below(2) << 7) | below(64);
    case 'bool':
      return below(2);
    default:
      return below(4);
  }
}
