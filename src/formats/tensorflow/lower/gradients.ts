import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { knownElements } from '../../../ops/build.js';
import type { Lower, Lowering } from './context.js';
import { formula } from './elementwise.js';

const mul = (c: Lowering, x: Value, y: Value): Value => c.emit('MUL', [x, y]);
const plus = (c: Lowering, x: Value, n: number): Value => c.emit('ADD', [x, c.scalar(x, n)]);
const isAbove = (c: Lowering, x: Value, n: number): Value => c.emit('GREATER', [x, c.scalar(x, n)]);
const choose = (c: Lowering, condition: Value, yes: Value, no: Value): Value =>
  c.emit('SELECT_V2', [condition, yes, no]);

/** The elements of a shape; undefined for those that are computed when the model runs. */
const sizesAt = (value: Value): readonly (number | undefined)[] | undefined =>
  value.constant?.numbers() ?? knownElements(value);

/**
 * The axes along which each of two shapes is spread to that of both. A size that is not known is taken for the other's:
 * those of 1 are written as such.
 */
const broadcastAxes: Lower = (c) => {
  const shapes = [c.input(0), c.input(1)].map(sizesAt);
  const rank = Math.max(...shapes.map((s) => s?.length ?? Infinity));
  if (!Number.isFinite(rank))
    throw new ModelError('unsupported', "needs known ranks. Give the model's inputs fixed shapes.");
  const [a, b] = shapes.map((s = []) => [...new Array<number>(rank - s.length).fill(1), ...s]) as (
    | number
    | undefined
  )[][];
  // Where both are 1, TensorFlow sums both as well.
  const axesOf = (own: readonly (number | undefined)[] = []): Value =>
    c.i32([...own.keys()].filter((i) => own[i] === 1));
  return [axesOf(a), axesOf(b)];
};

/** What a slice takes of one axis; undefined for all of it. */
type Part = { readonly from: number | undefined; readonly to: number | undefined } | undefined;

/** The parts that a slice takes of the axes of a shape of a rank: an ellipsis stands for whole ones. */
function partsOf(c: Lowering, rank: number): Part[] {
  const [begin = [], end = [], steps = []] = [1, 2, 3].map((i) => sizesAt(c.input(i)));
  const has = (name: string, i: number): boolean => (c.attrs.int(`${name}_mask`, 0) >> i) % 2 === 1;
  const places = [...begin.keys()].filter((i) => !has('new_axis', i));
  const parts = places.flatMap((i): Part[] => {
    if (has('ellipsis', i)) return new Array<Part>(rank - places.length + 1).fill(undefined);
    if (steps[i] !== 1) throw new ModelError('unsupported', 'puts back a slice with steps.');
    const isWhole = has('begin', i) && has('end', i) && !has('shrink_axis', i);
    if (isWhole) return [undefined];
    const from = has('begin', i) ? 0 : begin[i];
    const to = has('shrink_axis', i)
      ? from === -1
        ? Infinity
        : (from ?? Number.NaN) + 1
      : has('end', i)
        ? Infinity
        : end[i];
    return [{ from, to }];
  });
  return [...parts, ...new Array<Part>(rank - parts.length).fill(undefined)];
}

/** Zeros of a shape with the values where a slice took them from. */
const sliceGradient: Lower = (c) => {
  const shape = sizesAt(c.input(0));
  if (!shape) throw new ModelError('unsupported', "needs a known rank. Give the model's inputs fixed shapes.");
  const ranges = partsOf(c, shape.length).map((part, axis) => {
    const size = shape[axis] ?? -1;
    if (!part) return { before: 0, behind: 0, size };
    const at = (n: number | undefined): number =>
      Math.min((n ?? Number.NaN) < 0 ? (n as number) + size : (n ?? Number.NaN), size);
    const [from, to] = [at(part.from), at(part.to)];
    if (size < 0 || !(to >= from))
      throw new ModelError('unsupported', "puts back a slice of unknown size. Give the model's inputs fixed shapes.");
    return { before: from, behind: size - to, size: to - from };
  });
  const sizes = ranges.map((r) => r.size);
  if (sizes.filter((d) => d < 0).length > 1)
    throw new ModelError('unsupported', "puts back a slice of unknown sizes. Give the model's inputs fixed shapes.");
  const kept = c.emit('RESHAPE', [c.input(4), c.i32(sizes)]);
  const pads = ranges.flatMap((r) => [r.before, r.behind]);
  return [pads.every((p) => p === 0) ? kept : c.emit('PAD', [kept, c.i32(pads, [sizes.length, 2])])];
};

const leakyGradient: Lower = (c) => {
  const [gradient, x] = [c.input(0), c.input(1)];
  return [choose(c, isAbove(c, x, 0), gradient, mul(c, gradient, c.scalar(gradient, c.attrs.float('alpha', 0.2))))];
};

const where = (make: (c: Lowering, x: Value) => Value): Lower =>
  formula((c, gradient, x) => choose(c, make(c, x), gradient, c.scalar(gradient, 0)));

/** Gradients that models compute while they run, such as forces and derivatives of a solution. */
export const gradients: Readonly<Record<string, Lower>> = {
  BroadcastGradientArgs: broadcastAxes,
  EluGrad: formula((c, gradient, y) =>
    choose(c, c.emit('LESS', [y, c.scalar(y, 0)]), mul(c, gradient, plus(c, y, 1)), gradient),
  ),
  InvGrad: formula((c, y, gradient) => c.emit('NEG', [mul(c, gradient, mul(c, y, y))])),
  LeakyReluGrad: leakyGradient,
  ReciprocalGrad: formula((c, y, gradient) => c.emit('NEG', [mul(c, gradient, mul(c, y, y))])),
  Relu6Grad: where((c, x) => c.emit('LOGICAL_AND', [isAbove(c, x, 0), c.emit('LESS', [x, c.scalar(x, 6)])])),
  ReluGrad: where((c, x) => isAbove(c, x, 0)),
  SoftplusGrad: formula((c, gradient, x) => mul(c, gradient, c.emit('LOGISTIC', [x]))),
  SoftsignGrad: formula((c, gradient, x) => {
    const size = plus(c, c.emit('ABS', [x]), 1);
    return c.emit('DIV', [gradient, mul(c, size, size)]);
  }),
  StridedSliceGrad: sliceGradient,
};
