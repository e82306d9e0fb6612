import type { Shape } from '../ir/tensor.js';
import { stridesOf } from './shapes.js';

/** Steps, in elements, of an operand along the axes of the shape that it broadcasts to; 0 where it repeats. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const own = stridesOf(from);
  const lead = to.length - from.length;
  return to.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : (own[i - lead] as number)));
}

/**
 * Walks the elements of `shape` row-major in runs: `visit(at, offsets, count, steps)` is called for elements
 * `at .. at + count - 1` of the result, which come from `offsets[j] + k * steps[j]` of operand `j`.
 */
export function eachBroadcastRun(
  shape: Shape,
  operands: readonly Shape[],
  visit: (at: number, offsets: readonly number[], count: number, steps: readonly number[]) => void,
): void {
  if (shape.includes(0)) return;
  const { sizes, steps } = mergedAxes(
    shape,
    operands.map((o) => broadcastStrides(o, shape)),
  );
  const last = sizes.length - 1;
  const count = sizes[last] as number;
  const innerSteps = steps[last] as readonly number[];
  const offsets = operands.map(() => 0);
  let at = 0;
  const walk = (axis: number): void => {
    if (axis === last) {
      visit(at, offsets, count, innerSteps);
      at += count;
      return;
    }
    const step = steps[axis] as readonly number[];
    const size = sizes[axis] as number;
    for (let i = 0; i < size; i++) {
      walk(axis + 1);
      for (let j = 0; j < offsets.length; j++) offsets[j] = (offsets[j] as number) + (step[j] as number);
    }
    for (let j = 0; j < offsets.length; j++) offsets[j] = (offsets[j] as number) - (step[j] as number) * size;
  };
  walk(0);
}

/** Joins neighbouring axes that all operands step through evenly; at least one axis remains. */
function mergedAxes(shape: Shape, strides: readonly number[][]): { sizes: number[]; steps: number[][] } {
  const sizes: number[] = [];
  const steps: number[][] = [];
  for (const [i, size] of shape.entries()) {
    if (size === 1) continue;
    const step = strides.map((s) => s[i] as number);
    const before = steps.at(-1);
    if (before && step.every((s, j) => before[j] === s * size)) {
      sizes[sizes.length - 1] = (sizes.at(-1) as number) * size;
      steps[steps.length - 1] = step;
    } else {
      sizes.push(size);
      steps.push(step);
    }
  }
  if (sizes.length === 0) return { sizes: [1], steps: [strides.map(() => 0)] };
  return { sizes, steps };
}
