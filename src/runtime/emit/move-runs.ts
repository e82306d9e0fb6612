import { type Code, type Expr, when } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Func, Local, Locals, WasmModule } from '../../wasm/module.js';
import { advance, forRange, whileBelow } from './loops.js';

/** Bytes that a copy writes out instead of looping. */
const UNROLLED = 128;

/** Copies a constant number of bytes, no more. */
export function copyBytes(locals: Locals, to: Local<'i32'>, from: Local<'i32'>, bytes: number): Code {
  const at = locals.i32();
  const rest = bytes % 16;
  const end = bytes - rest;
  const vector = (pointer: Local<'i32'>) => i32.add(pointer.get, at.get);
  const vectors =
    bytes <= UNROLLED
      ? Array.from({ length: end / 16 }, (_, i) => v128.store(to.get, v128.load(from.get, 16 * i), 16 * i))
      : forRange(at, i32.const(0), i32.const(end), 16, v128.store(vector(to), v128.load(vector(from))));
  return [vectors, copyRest(to.get, from.get, end, rest)];
}

/** Copies up to 15 bytes at an offset. */
function copyRest(to: Expr<'i32'>, from: Expr<'i32'>, offset: number, bytes: number): Code {
  if (bytes >= 8)
    return [v128.store64Lane(to, v128.load64Zero(from, offset), 0, offset), copyRest(to, from, offset + 8, bytes - 8)];
  if (bytes >= 4) return [i32.store(to, i32.load(from, offset), offset), copyRest(to, from, offset + 4, bytes - 4)];
  return Array.from({ length: bytes }, (_, i) => i32.store8(to, i32.load8U(from, offset + i), offset + i));
}

export const gatherKey = (bytes: number): string => `gather cells ${bytes}`;

/**
 * Writes `(x, out, table, from, to)`: unit i copies `bytes` bytes from offset `table[i]` of `x` to offset `i * bytes` of
 * `out`.
 */
export function emitGatherCells(module: WasmModule, bytes: number): Func {
  return module.func('gather_cells', 5, (locals, [x, out, table, from, to]) => {
    const entry = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const address = (unit: Local<'i32'>) => i32.add(table!.get, i32.shl(unit.get, i32.const(2)));
    return [
      target.set(i32.add(out!.get, i32.mul(from!.get, i32.const(bytes)))),
      forRange(entry, address(from!), address(to!), 4, [
        source.set(i32.add(x!.get, i32.load(entry.get))),
        copyBytes(locals, target, source, bytes),
        advance(target, bytes),
      ]),
    ];
  });
}

/** Bytes of an entry of a table of runs: where to, where from (-1: the fill), how many bytes. */
export const RUN_ENTRY = 12;

/**
 * Writes `(x, out, table, from, to)`: unit i is the run of entry i, copied from `x` or filled with `fill`. All of them
 * are multiples of `step` bytes: 1 or 4.
 */
export function emitMoveRuns(module: WasmModule, fill: readonly number[], step: 1 | 4): Func {
  const one = (to: Expr<'i32'>, value: Expr<'i32'>) => (step === 4 ? i32.store(to, value) : i32.store8(to, value));
  const load = (from: Expr<'i32'>) => (step === 4 ? i32.load(from) : i32.load8U(from));
  return module.func('move_runs', 5, (locals, [x, out, table, from, to]) => {
    const entry = locals.i32();
    const source = locals.i32();
    const target = locals.i32();
    const end = locals.i32();
    const last = locals.i32();
    const address = (unit: Local<'i32'>) => i32.add(table!.get, i32.mul(unit.get, i32.const(RUN_ENTRY)));
    const run = (vector: Expr<'v128'>, single: Expr<'i32'>, isCopy: boolean): Code => [
      last.set(i32.add(target.get, i32.and(i32.load(entry.get, 8), i32.const(-16)))),
      whileBelow(target, last.get, [
        v128.store(target.get, vector),
        isCopy ? advance(source, 16) : [],
        advance(target, 16),
      ]),
      whileBelow(target, end.get, [
        one(target.get, single),
        isCopy ? advance(source, step) : [],
        advance(target, step),
      ]),
    ];
    const word = fill[0]! | (fill[1]! << 8) | (fill[2]! << 16) | (fill[3]! << 24);
    return forRange(entry, address(from!), address(to!), RUN_ENTRY, [
      target.set(i32.add(out!.get, i32.load(entry.get))),
      source.set(i32.load(entry.get, 4)),
      end.set(i32.add(target.get, i32.load(entry.get, 8))),
      when(i32.eq(source.get, i32.const(-1)), run(v128.const(fill), i32.const(word), false), [
        source.set(i32.add(x!.get, source.get)),
        run(v128.load(source.get), load(source.get), true),
      ]),
    ]);
  });
}
