import type { Shape } from '../../../ir/tensor.js';
import { binaryText } from './table.js';

/** One axis of a slice; a length of -1 stands for the whole axis. */
export interface Extent {
  readonly start: number;
  readonly length: number;
}

/**
 * The key under which a checkpoint's index holds one slice of a partitioned variable: an order-preserving code of the
 * name and the extents.
 *
 * Source: TensorFlow `core/util/saved_tensor_slice_util.cc`, `core/lib/strings/ordered_code.cc`.
 */
export function sliceKey(name: string, extents: readonly Extent[]): string {
  const bytes: number[] = [...unsigned(0)];
  for (const byte of new TextEncoder().encode(name)) {
    if (byte === 0) bytes.push(0, 255);
    else if (byte === 255) bytes.push(255, 0);
    else bytes.push(byte);
  }
  bytes.push(0, 1, ...unsigned(extents.length));
  for (const { start, length } of extents) bytes.push(...signed(start), ...signed(length));
  return binaryText(Uint8Array.from(bytes));
}

/** The count of significant bytes, then those bytes, the highest first. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [bytes.length, ...bytes];
}

/** Two's complement in n bytes with n sign bits in front, for values of `-2^(7n-1) <= value < 2^(7n-1)`. */
function signed(value: number): number[] {
  let n = 1;
  while (value < -(2 ** (7 * n - 1)) || value >= 2 ** (7 * n - 1)) n++;
  // The code of v >= 0 has n leading ones and then a zero: that is v plus the mark 2^(8n) - 2^(7n).
  let code = BigInt(value);
  if (value >= 0) code += (1n << BigInt(8 * n)) - (1n << BigInt(7 * n));
  else code += 1n << BigInt(7 * n);
  const bytes: number[] = [];
  for (let i = 0; i < n; i++) {
    bytes.unshift(Number(code & 255n));
    code >>= 8n;
  }
  return bytes;
}

/**
 * Visits the rows (runs along the last axis) of a box inside a larger array: where a row begins in the whole, where in
 * the box, and its length, all in elements.
 */
export function eachRow(
  whole: Shape,
  box: readonly Extent[],
  visit: (inWhole: number, inBox: number, length: number) => void,
): void {
  const rank = whole.length;
  const row = box[rank - 1]?.length ?? 1;
  const count = box.reduce((n, { length }) => n * length, 1);
  const at = box.map(({ start }) => start);
  for (let inBox = 0; inBox < count; inBox += row) {
    let inWhole = 0;
    for (let axis = 0; axis < rank; axis++) inWhole = inWhole * (whole[axis] as number) + (at[axis] as number);
    visit(inWhole, inBox, row);
    for (let axis = rank - 2; axis >= 0; axis--) {
      const { start, length } = box[axis] as Extent;
      at[axis] = (at[axis] as number) + 1;
      if ((at[axis] as number) < start + length) break;
      at[axis] = start;
    }
  }
}
