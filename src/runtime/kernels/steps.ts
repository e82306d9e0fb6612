import type { Shape } from '../../ir/tensor.js';
import { activationBounds } from '../../ops/activation.js';
import type { ActivationFunctionType } from '../../schema/tflite.gen.js';
import { type Buffer, type Pointer, shifted } from '../buffers.js';
import type { CellActivation } from '../emit/cells.js';
import { clampVector, tanhInPlace } from '../emit/math.js';
import { emitSteps, type StepsSpec, stepsKey } from '../emit/steps.js';
import type { Argument, KernelBuilder, Operand, WasmCall } from '../kernel.js';

/** Steps of a sequence that run one after the other. */
export interface Steps {
  readonly count: number;
  /** Bytes from the first step to the next in the buffers that hold something for each step. */
  readonly strides: ReadonlyMap<Buffer, number>;
  /** The last step first. */
  readonly backward: boolean;
}

/**
 * Repeats calls for each step: `build` adds those of the first step in memory to the builder that it gets, and pointers
 * into the buffers of `strides` move on.
 */
export function repeatSteps(to: KernelBuilder, steps: Steps, build: (to: KernelBuilder) => void): void {
  if (steps.count === 1) {
    build(to);
    return;
  }
  const calls: WasmCall[] = [];
  const call: KernelBuilder['call'] = (func, args, units = 1, grain = units) =>
    void calls.push({ func, args, units, grain });
  build({ ...to, isRepeated: true, call });
  const parameters: Argument[] = [];
  const strides: number[] = [];
  const indexOf = (argument: Argument): number => {
    const known = parameters.findIndex((p) => isSame(p, argument));
    if (known >= 0) return known;
    const bytes = typeof argument === 'number' ? 0 : (steps.strides.get(argument.buffer) ?? 0);
    strides.push(steps.backward ? -bytes : bytes);
    return parameters.push(argument) - 1;
  };
  const stepCalls = calls.map(({ func, args, units }) => ({ func, args: args.map(indexOf), units }));
  const spec: StepsSpec = { count: steps.count, calls: stepCalls, strides };
  const start = parameters.map((argument, i) => {
    if (typeof argument === 'number' || !steps.backward) return argument;
    return { buffer: argument.buffer, offset: argument.offset - (steps.count - 1) * strides[i]! };
  });
  to.call(
    to.func(stepsKey(spec), (module) => emitSteps(module, spec)),
    start,
  );
}

const isSame = (a: Argument, b: Argument): boolean =>
  typeof a === 'number' || typeof b === 'number' ? a === b : isSamePlace(a, b);

const isSamePlace = (a: Pointer, b: Pointer): boolean => a.buffer === b.buffer && a.offset === b.offset;

/** How the rows of a batch of sequences lie: `[N, T, I]`, `[T, N, I]`, or one step `[N, I]`. */
export interface SequenceLayout {
  readonly batches: number;
  readonly steps: number;
  /** Rows from one element of the batch to the next, and from one step to the next. */
  readonly batchRows: number;
  readonly stepRows: number;
}

export function sequenceLayout(shape: Shape, timeMajor: boolean): SequenceLayout {
  const [a = 0, b = 0] = shape;
  if (shape.length === 2) return { batches: a, steps: 1, batchRows: 1, stepRows: 0 };
  return timeMajor
    ? { batches: b, steps: a, batchRows: 1, stepRows: b }
    : { batches: a, steps: b, batchRows: b, stepRows: 1 };
}

/** Where one direction's rows of a result are: side by side with those of the other direction, or alone. */
export interface DirectedOutput {
  readonly pointer: Pointer;
  readonly rowBytes: number;
}

export function directedOutput(outputs: readonly Operand[], side: number, column: number): DirectedOutput {
  const isMerged = outputs.length === 1;
  const { pointer, shape } = outputs[isMerged ? 0 : side]!;
  return { pointer: isMerged ? shifted(pointer, column * 4) : pointer, rowBytes: (shape.at(-1) ?? 0) * 4 };
}

/** An activation that recurrent layers apply to vectors; undefined for one that has no vector form. */
export function cellActivation(name: unknown): CellActivation | undefined {
  const key = String(name);
  if (key === 'NONE') return { key, apply: () => [] };
  if (key === 'TANH') return { key, apply: tanhInPlace };
  const bounds = activationBounds(key as ActivationFunctionType);
  return bounds && { key, apply: (_, x) => x.set(clampVector(x.get, bounds[0], bounds[1])) };
}
