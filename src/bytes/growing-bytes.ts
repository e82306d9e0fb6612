/** Bytes that are appended to; new ones are zero. */
export class GrowingBytes {
  bytes = new Uint8Array(4096);
  view = new DataView(this.bytes.buffer);
  size = 0;

  /** Adds zeros; gives where they begin. */
  append(length: number): number {
    const at = this.size;
    this.size += length;
    if (this.size <= this.bytes.length) return at;
    const larger = new Uint8Array(Math.max(this.size, 2 * this.bytes.length));
    larger.set(this.bytes);
    this.bytes = larger;
    this.view = new DataView(larger.buffer);
    return at;
  }

  /** Pads until `size % alignment === remainder`; gives the size. */
  align(alignment: number, remainder = 0): number {
    this.append((remainder - this.size + alignment * Math.ceil((this.size + 1) / alignment)) % alignment);
    return this.size;
  }
}
