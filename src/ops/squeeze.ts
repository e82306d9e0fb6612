import { isStatic, type Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { invalid, normalizeAxis } from './shapes.js';

/** Removes axes of size 1: those that `squeezeDims` lists (negative ones count from the end), or all when it is empty. */
export const squeeze = defineOp({
  name: 'SQUEEZE',
  inputs: ['input'],
  outputs: ['output'],
  version: ({ inputs: [x] }) => (x?.dtype === 'string' ? 2 : 1),
  infer: ({ input }, { squeezeDims }) => [{ dtype: input.dtype, shape: squeezed(input.shape, squeezeDims ?? []) }],
  elements: ({ input }) => input.elements && [input.elements],
  reference: ({ inputs: { input }, options }) => [
    { ...input, shape: squeezed(input.shape, options.squeezeDims ?? []) as Shape },
  ],
});

function squeezed(shape: Shape | undefined, axes: readonly number[]): Shape | undefined {
  if (!shape) return undefined;
  if (axes.length === 0) return isStatic(shape) ? shape.filter((d) => d !== 1) : undefined;
  const drop = new Set(axes.map((a) => normalizeAxis(a, shape.length)));
  for (const axis of drop)
    if (Math.abs(shape[axis] as number) !== 1) throw invalid(`axis ${axis} of [${shape}] to squeeze has not size 1`);
  return shape.filter((_, i) => !drop.has(i));
}
