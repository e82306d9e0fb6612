import type { Expr } from '../../wasm/code.js';
import { i16x8, i32x4, v128 } from '../../wasm/instructions.js';

/** Products of bytes by the instruction for them, or with unsigned or signed second factors by what every engine has. */
export type ByteArithmetic = 'i8' | 'i8-unsigned' | 'i8-signed';

/** `sum` and in each lane the products of four signed bytes of `a` with four bytes of `b`. */
export function addByteProducts(
  arithmetic: ByteArithmetic,
  a: Expr<'v128'>,
  b: Expr<'v128'>,
  sum: Expr<'v128'>,
): Expr<'v128'> {
  if (arithmetic === 'i8') return i32x4.relaxedDotAdd(a, b, sum);
  return i32x4.add(sum, dotBytes(a, b, arithmetic));
}

function dotBytes(a: Expr<'v128'>, b: Expr<'v128'>, kind: 'i8-unsigned' | 'i8-signed'): Expr<'v128'> {
  const isSigned = kind === 'i8-signed';
  const low = i32x4.dotI16(i16x8.extendLowI8(a), (isSigned ? i16x8.extendLowI8 : i16x8.extendLowU8)(b));
  const high = i32x4.dotI16(i16x8.extendHighI8(a), (isSigned ? i16x8.extendHighI8 : i16x8.extendHighU8)(b));
  const lanes = (first: number) =>
    [0, 2, 4, 6].flatMap((lane) => [0, 1, 2, 3].map((byte) => 4 * (lane + first) + byte));
  return i32x4.add(v128.shuffle(low, high, lanes(0)), v128.shuffle(low, high, lanes(1)));
}
