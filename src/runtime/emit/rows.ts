import type { Code, Expr } from '../../wasm/code.js';
import { v128 } from '../../wasm/instructions.js';
import type { Local } from '../../wasm/module.js';
import { advance, repeat } from './loops.js';

/** What a loop over the elements of a row uses. */
export interface RowLoop {
  readonly counter: Local<'i32'>;
  /** Pointers to 4-byte elements, which move on through the row and end anywhere. */
  readonly pointers: readonly Local<'i32'>[];
  readonly count: number;
  /** Vectors that one round takes. */
  readonly unroll: number;
}

/** Code for all vectors of a row: each is `16 step` bytes from the pointers; the last may have less than four `lanes`. */
export function eachVector(
  { counter, pointers, count, unroll }: RowLoop,
  body: (step: number, lanes: number) => Code,
): Code {
  const whole = Math.floor(count / 4);
  const rounds = Math.floor(whole / unroll);
  const left = whole - rounds * unroll;
  const steps = (n: number) => Array.from({ length: n }, (_, i) => body(i, 4));
  const round = [steps(unroll), pointers.map((p) => advance(p, 16 * unroll))];
  return [repeat(counter, rounds, round), steps(left), count % 4 > 0 ? body(left, count % 4) : []];
}

/** The first `lanes` lanes of a vector; the others are those of `neutral`. */
export function withNeutral(x: Expr<'v128'>, lanes: number, neutral: Expr<'v128'>): Expr<'v128'> {
  if (lanes >= 4) return x;
  const mask = Array.from({ length: 16 }, (_, i) => (i < 4 * lanes ? 255 : 0));
  return v128.bitselect(x, neutral, v128.const(mask));
}

/** Joins the four lanes; all of them become the result. */
export const acrossLanes = (join: (x: Expr<'v128'>, y: Expr<'v128'>) => Expr<'v128'>, x: Local<'v128'>): Code => [
  x.set(join(x.get, v128.shuffle(x.get, x.get, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]))),
  x.set(join(x.get, v128.shuffle(x.get, x.get, [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11]))),
];
