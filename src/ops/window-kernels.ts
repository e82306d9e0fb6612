import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import type { ReduceWindowFunction } from '../schema/tflite.gen.js';
import { greaterBigint, isBig, lesserBigint } from './elementwise.js';
import { invalid, stridesOf } from './shapes.js';
import { blankData, broadcastView, copyView, wholeView, windowView } from './view.js';

/** A tensor of that shape, full of a scalar. */
function filled({ dtype, data }: Tensor, shape: Shape): Tensor {
  const out = blankData(dtype, elementCount(shape));
  copyView(dtype, data, broadcastView(wholeView([]), shape), out, wholeView(shape));
  return { dtype, shape, data: out };
}

/** The operand with `steps[i] - 1` cells of `value` between its elements along axis i. */
export function spreadTensor({ dtype, shape, data }: Tensor, value: Tensor, steps: readonly number[]): Tensor {
  const out = filled(
    value,
    shape.map((size, i) => (size === 0 ? 0 : (size - 1) * steps[i]! + 1)),
  );
  const target = windowView(
    wholeView(out.shape),
    shape.map(() => 0),
    shape,
    steps,
  );
  if (elementCount(shape) > 0) copyView(dtype, data, wholeView(shape), out.data, target);
  return out;
}

/** The operand, `before[i]` cells behind the start of each axis of a tensor of `value`; what lies outside is cut off. */
export function movedInto(operand: Tensor, value: Tensor, before: readonly number[], shape: Shape): Tensor {
  const out = filled(value, shape);
  const from = before.map((b) => Math.max(0, -b));
  const to = before.map((b) => Math.max(0, b));
  const size = shape.map((d, i) => Math.max(0, Math.min(operand.shape[i]! - from[i]!, d - to[i]!)));
  if (size.includes(0)) return out;
  const source = windowView(wholeView(operand.shape), from, size);
  copyView(operand.dtype, operand.data, source, out.data, windowView(wholeView(shape), to, size));
  return out;
}

export interface WindowSteps {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
}

type Join = (a: number, b: number) => number;
const JOINS: Readonly<Record<string, Join>> = {
  ADD: (a, b) => a + b,
  MUL: (a, b) => a * b,
  MINIMUM: Math.min,
  MAXIMUM: Math.max,
  ALL: (a, b) => (a && b ? 1 : 0),
  ANY: (a, b) => (a || b ? 1 : 0),
};
const BIG_JOINS: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  ADD: (a, b) => a + b,
  MUL: (a, b) => a * b,
  MINIMUM: lesserBigint,
  MAXIMUM: greaterBigint,
};

/** Each window of the operand as one number, which starts at the initial value. */
export function reduceWindows(
  operand: Tensor,
  initial: Tensor,
  shape: Shape,
  name: ReduceWindowFunction | number,
  { window, strides, dilations }: WindowSteps,
): Tensor {
  const { dtype } = operand;
  const join = (isBig(dtype) ? BIG_JOINS : JOINS)[name] as Join | undefined;
  if (!join) throw invalid(`no function ${name} reduces windows of ${dtype}`);
  const own = stridesOf(operand.shape);
  const cells = offsetsOf(
    window,
    own.map((s, i) => s * dilations[i]!),
  );
  const starts = offsetsOf(
    shape,
    own.map((s, i) => s * strides[i]!),
  );
  const out = blankData(dtype, starts.length) as Float32Array;
  const x = operand.data as Float32Array;
  for (const [i, start] of starts.entries())
    out[i] = cells.reduce((sum, cell) => join(sum, x[start + cell]!), (initial.data as Float32Array)[0]!);
  return { dtype, shape, data: out };
}

/** Where all cells of a block lie, row-major. */
function offsetsOf(shape: Shape, steps: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (offsets, size, i) => offsets.flatMap((at) => Array.from({ length: size }, (_, k) => at + k * steps[i]!)),
    [0],
  );
}
