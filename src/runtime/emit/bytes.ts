import type { Code, Expr } from '../../wasm/code.js';
import { f32x4, i8x16, i16x8, i32x4, v128 } from '../../wasm/instructions.js';

type Vector = Expr<'v128'>;

/** The 8-bit integers of a result: their zero point, and their limits with a fused activation. */
export interface ByteGrid {
  readonly isSigned: boolean;
  readonly zeroPoint: number;
  readonly low: number;
  readonly high: number;
}

// Adding 1.5 · 2^23 to a float leaves its nearest integer (ties to even) in the low bits. The bits grow with the float as
// long as the sum is positive, so that what is too large saturates when it is narrowed.
const ROUNDING = 12582912;
const ROUNDING_BITS = 0x4b400000;
/** Floats below must be clamped before {@link roundedInts}. */
export const LEAST_ROUNDED = -12e6;

/** Floats rounded to 32-bit integers, plus `offset`; exact up to 2^22, larger where they are larger. */
export const roundedInts = (x: Vector, offset = 0): Vector =>
  i32x4.sub(f32x4.add(x, f32x4.const(ROUNDING)), i32x4.const(ROUNDING_BITS - offset));

/** Two vectors of 16-bit integers, zero point included, as the bytes of a result. */
export function narrowBytes({ isSigned, low, high }: ByteGrid, a: Vector, b: Vector): Vector {
  const [least, most] = isSigned ? [-128, 127] : [0, 255];
  const bytes = isSigned ? i8x16.narrowI16(a, b) : i8x16.narrowI16U(a, b);
  const above = low > least ? (isSigned ? i8x16.maxS : i8x16.maxU)(bytes, i8x16.const(low)) : bytes;
  return high < most ? (isSigned ? i8x16.minS : i8x16.minU)(above, i8x16.const(high)) : above;
}

/** Eight bytes as 16-bit integers. */
export const load8 = (isSigned: boolean): typeof v128.load8x8S => (isSigned ? v128.load8x8S : v128.load8x8U);

/** Eight 16-bit integers as floats: the low or the high four. */
export const lowFloats = (x: Vector): Vector => f32x4.convertI32(i32x4.extendLowI16(x));
export const highFloats = (x: Vector): Vector => f32x4.convertI32(i32x4.extendHighI16(x));

/** Two vectors of floats, in steps of the result, as 16-bit integers with the zero point. */
export const roundedShorts = (low: Vector, high: Vector, zeroPoint: number): Vector =>
  i16x8.narrowI32(roundedInts(low, zeroPoint), roundedInts(high, zeroPoint));

/** Stores `count` of the bytes from byte `first` on: `first` is 0 or 8, `count` no more than what is left of 16. */
export function storeBytes(address: Expr<'i32'>, value: Vector, count: number, offset = 0, first = 0): Code {
  if (count >= 16) return v128.store(address, value, offset);
  const code: Code[] = [];
  let done = 0;
  const stores = [
    [8, v128.store64Lane],
    [4, v128.store32Lane],
    [2, v128.store16Lane],
    [1, v128.store8Lane],
  ] as const;
  for (const [size, store] of stores)
    if (count - done >= size) {
      code.push(store(address, value, (first + done) / size, offset + done));
      done += size;
    }
  return code;
}
