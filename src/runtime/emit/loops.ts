import { block, brIf, type Code, type Expr, type Label, loop } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';

/** `local += bytes` */
export const advance = (local: Local<'i32'>, bytes: number): Code =>
  bytes === 0 ? [] : local.set(i32.add(local.get, i32.const(bytes)));

/** `local += bytes`, a number that is known when it runs. */
export const advanceBy = (local: Local<'i32'>, bytes: Local<'i32'>): Code => local.set(i32.add(local.get, bytes.get));

/** `do { body } while (local < end)`, for a local that the body moves on. */
export const doWhileBelow = (local: Local<'i32'>, end: Expr<'i32'>, body: Code): Code =>
  loop((again) => [body, brIf(again, i32.ltU(local.get, end))]);

/** `while (local < end) { body }`, for a local that the body moves on. */
export const whileBelow = (local: Local<'i32'>, end: Expr<'i32'>, body: Code): Code =>
  block((exit) => [brIf(exit, i32.geU(local.get, end)), doWhileBelow(local, end, body)]);

/** `for (local = from; local < to; local += step) { body }` */
export const forRange = (local: Local<'i32'>, from: Expr<'i32'>, to: Expr<'i32'>, step: number, body: Code): Code => [
  local.set(from),
  whileBelow(local, to, [body, advance(local, step)]),
];

/** Runs `body` a constant number of times; `counter` is free to use and counts down. */
export function repeat(counter: Local<'i32'>, count: number, body: Code): Code {
  if (count <= 0) return [];
  return count === 1 ? body : repeatBy(counter, i32.const(count), body);
}

/** Runs `body` a number of times, once at least; `counter` is free to use and counts down. */
export const repeatBy = (counter: Local<'i32'>, count: Expr<'i32'>, body: Code): Code => [
  counter.set(count),
  loop((again) => [body, brIf(again, counter.tee(i32.sub(counter.get, i32.const(1))))]),
];

/**
 * An exit that is never taken, since no pointer is a small number. Engines of the V8 11 and 12 kind move all loads of a
 * straight piece of code above its arithmetic, which then needs more registers than there are; what could leave here
 * keeps the arithmetic where it stands.
 */
export const fence = (exit: Label, pointer: Local<'i32'>, salt: number): Code =>
  brIf(exit, i32.eq(pointer.get, i32.const(salt + 1)));

/** Stores the first `lanes` 32-bit lanes. */
export function storeLanes(address: Expr<'i32'>, value: Expr<'v128'>, lanes: number, offset = 0): Code {
  if (lanes >= 4) return v128.store(address, value, offset);
  if (lanes === 1) return v128.store32Lane(address, value, 0, offset);
  const two = v128.store64Lane(address, value, 0, offset);
  return lanes === 2 ? two : [two, v128.store32Lane(address, value, 2, offset + 8)];
}

const laneStores = { 1: v128.store8Lane, 2: v128.store16Lane, 4: v128.store32Lane, 8: v128.store64Lane };

/** Stores the first `bytes` bytes of a vector and no more. */
export function storeBytes(address: Expr<'i32'>, value: Expr<'v128'>, bytes: number, offset = 0): Code {
  if (bytes >= 16) return v128.store(address, value, offset);
  const out: Code[] = [];
  for (let at = 0; at < bytes; ) {
    const size = [8, 4, 2, 1].find((b) => b <= bytes - at) as 1 | 2 | 4 | 8;
    out.push(laneStores[size](address, value, at / size, offset + at));
    at += size;
  }
  return out;
}
