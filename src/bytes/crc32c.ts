/** Slicing tables: `TABLES[k * 256 + b]` advances byte `b` by `k` further zero bytes. Made on first use. */
let tables: Uint32Array | undefined;

function makeTables(): Uint32Array {
  const t = new Uint32Array(4 * 256);
  for (let b = 0; b < 256; b++) {
    let crc = b;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    t[b] = crc;
  }
  for (let i = 256; i < t.length; i++) {
    const before = t[i - 256] as number;
    t[i] = (before >>> 8) ^ (t[before & 255] as number);
  }
  return t;
}

/** CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) of `bytes`, continuing from `crc`. Source: RFC 3720, appendix B.4. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  tables ??= makeTables();
  const t = tables;
  let c = ~crc >>> 0;
  let i = 0;
  for (const end = bytes.length - 3; i < end; i += 4) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    c = t[768 + (c & 255)]! ^ t[512 + ((c >>> 8) & 255)]! ^ t[256 + ((c >>> 16) & 255)]! ^ t[c >>> 24]!;
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]!) & 255]!;
  return ~c >>> 0;
}

/** The masked form in which LevelDB tables and TensorFlow store a CRC: rotated right by 15 bits, plus a constant. */
export const maskCrc = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
