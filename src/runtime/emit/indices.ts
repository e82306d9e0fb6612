import { type Code, type Expr, when } from '../../wasm/code.js';
import { i32 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { BAD_INDEX } from '../buffers.js';

/** Bytes of an index in memory. Single bytes are unsigned. */
export type IndexBytes = 1 | 2 | 4 | 8;

/** An index in memory; a 64-bit one that does not fit 32 bits becomes -1. */
export function loadIndex(address: Expr<'i32'>, bytes: IndexBytes, offset = 0): Expr<'i32'> {
  if (bytes === 1) return i32.load8U(address, offset);
  if (bytes === 2) return i32.load16S(address, offset);
  const low = i32.load(address, offset);
  return bytes === 4 ? low : i32.select(i32.eqz(i32.load(address, offset + 4)), low, i32.const(-1));
}

/** An index outside of 0..size-1 is noted for the executable as that of `step`, and becomes 0. */
export const checkIndex = (index: Local<'i32'>, size: number, step: Local<'i32'>): Code =>
  when(i32.geU(index.get, i32.const(size)), [
    i32.store(i32.const(BAD_INDEX), i32.add(step.get, i32.const(1))),
    i32.store(i32.const(BAD_INDEX), index.get, 4),
    index.set(i32.const(0)),
  ]);

/** Sets `index` to a signed number of 4 or 8 bytes in memory, clamped to `0..limit`. */
export function loadClamped(index: Local<'i32'>, address: Expr<'i32'>, bytes: 4 | 8, limit: number, offset = 0): Code {
  const high = i32.load(address, offset + 4);
  const isAbove = i32.gtU(index.get, i32.const(limit));
  return [
    index.set(i32.load(address, offset)),
    when(
      i32.ltS(bytes === 8 ? high : index.get, i32.const(0)),
      index.set(i32.const(0)),
      when(bytes === 8 ? i32.or(high, isAbove) : isAbove, index.set(i32.const(limit))),
    ),
  ];
}
