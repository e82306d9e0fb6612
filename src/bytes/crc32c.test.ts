import { describe, expect, it } from 'vitest';
import { crc32c, maskCrc } from './crc32c.js';

describe('crc32c', () => {
  it('gives the checksums of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113fdb5c);
    expect(crc32c(new TextEncoder().encode('123456789'))).toBe(0xe3069283);
  });

  it('continues from an earlier checksum', () => {
    const bytes = new TextEncoder().encode('a checksum in two parts');
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  });

  it('masks by rotating right 15 bits and adding a constant', () => {
    const crc = 0x12345678n;
    const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
    expect(maskCrc(Number(crc))).toBe(Number((rotated + 0xa282ead8n) & 0xffffffffn));
  });
});
