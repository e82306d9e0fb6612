import type { Code, Expr } from '../../wasm/code.js';
import { i32, v128 } from '../../wasm/instructions.js';
import type { Local, Locals } from '../../wasm/module.js';
import type { Operand } from '../kernel.js';

/** How the second operand of an elementwise operation meets the elements of the first. */
export type StageMode =
  | 'same' // an element for each element
  | 'channel' // an element for each index of the last axis
  | 'scalar'; // one for all

/** One elementwise operation on float vectors. */
export interface Stage {
  /** Tells stages apart: equal keys write equal code. Constants that the code holds are part of it. */
  readonly key: string;
  /** Replaces `x` by the result. `y` is the second operand, when there is one. */
  readonly apply: (locals: Locals, x: Local<'v128'>, y: Expr<'v128'> | undefined) => Code;
  /** Its code is long: loops do not unroll it. */
  readonly isLong?: boolean;
  readonly operand?: StageOperand | undefined;
}

export interface StageOperand {
  readonly mode: StageMode;
  readonly value: Operand;
}

export const stagesKey = (stages: readonly Stage[]): string =>
  stages.map(({ key, operand }) => (operand ? `${key}:${operand.mode}` : key)).join(',');

/** Operands of stages, in the order in which {@link applyStages} takes their pointers. */
export const stageOperands = (stages: readonly Stage[]): readonly StageOperand[] =>
  stages.flatMap(({ operand }) => operand ?? []);

/** Where the second operands of the stages are for the vector at hand, as byte offsets from their pointers. */
export interface StageOffsets {
  /** Offset of the element for `same`, and a constant to add. */
  readonly element: readonly [Expr<'i32'>, number];
  /** Offset of the channel for `channel`, and a constant to add. */
  readonly channel: readonly [Expr<'i32'>, number];
}

/** Applies all stages to `x`. `pointers` hold the addresses of their operands, in order. */
export function applyStages(
  stages: readonly Stage[],
  locals: Locals,
  x: Local<'v128'>,
  pointers: readonly Local<'i32'>[],
  offsets: StageOffsets,
): Code {
  let next = 0;
  return stages.map(({ apply, operand }) => {
    const pointer = operand && (pointers[next++] as Local<'i32'>);
    return apply(locals, x, pointer && operandAt(pointer, operand.mode, offsets));
  });
}

function operandAt(pointer: Local<'i32'>, mode: StageMode, offsets: StageOffsets): Expr<'v128'> {
  if (mode === 'scalar') return v128.load32Splat(pointer.get);
  const [offset, constant] = mode === 'same' ? offsets.element : offsets.channel;
  return v128.load(i32.add(pointer.get, offset), constant);
}
