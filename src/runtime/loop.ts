import type { Plan } from './compile.js';
import type { Operand } from './kernel.js';
import { elementBytes, memoryBytes } from './operands.js';

/** Bytes to copy from one place to another. */
export interface Move {
  readonly from: Uint8Array;
  readonly to: Uint8Array;
}

/**
 * The copies, in order, that make the results of a plan its inputs. A result that lies where another one goes is set aside
 * first. Undefined when there are types that memory does not hold, or the results are not like the inputs.
 */
export function loopMoves(plan: Plan, bytesOf: (operand: Operand) => Uint8Array): Move[] | undefined {
  const { inputs, results, operands } = plan;
  const pairs = results.map((value, i) => ({ result: operands.of(value), input: inputs[i] }));
  if (results.length !== inputs.length || !pairs.every(({ result, input }) => input && isLike(result, input)))
    return undefined;
  const moves = pairs.map(({ result, input }): Move => {
    const { constant, dtype } = result;
    return { from: constant ? memoryBytes(dtype, constant.data()) : bytesOf(result), to: bytesOf(input as Operand) };
  });
  const needed = moves.filter(({ from, to }) => !isSamePlace(from, to));
  const aside: Move[] = [];
  const straight: Move[] = [];
  const last: Move[] = [];
  for (const move of needed)
    if (needed.some((other) => other !== move && overlaps(move.from, other.to))) {
      const copy = new Uint8Array(move.from.length);
      aside.push({ from: move.from, to: copy });
      last.push({ from: copy, to: move.to });
    } else straight.push(move);
  return [...aside, ...straight, ...last];
}

const isLike = (a: Operand, b: Operand): boolean =>
  a.dtype === b.dtype && elementBytes(a.dtype) > 0 && String(a.shape) === String(b.shape);

const isSamePlace = (a: Uint8Array, b: Uint8Array): boolean => a.buffer === b.buffer && a.byteOffset === b.byteOffset;

const overlaps = (a: Uint8Array, b: Uint8Array): boolean =>
  a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.length && b.byteOffset < a.byteOffset + a.length;
