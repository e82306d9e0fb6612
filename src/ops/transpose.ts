import type { Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { allKnown, movableElements, vectorOf } from './elements.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { unknownSizes } from './unify.js';
import { permutedView, readKnown, viewedTensor, wholeView } from './view.js';

/** The axes in another order: axis `i` of the output is axis `perm[i]` of the input. */
export const transpose = defineOp({
  name: 'TRANSPOSE',
  litert: LITERT.everywhere,
  inputs: ['input', 'perm'],
  outputs: ['output'],
  version: transposeVersion,

  infer({ input, perm }) {
    const order = vectorOf(perm);
    const size = input.shape?.length ?? order?.length;
    if (order && size !== undefined && order.length !== size)
      throw invalid(`perm has ${order.length} axes, input has ${size}`);
    const all = allKnown(order);
    if (all) requirePermutation(all);
    if (size === undefined) return [{ dtype: input.dtype, shape: undefined }];
    const { shape } = input;
    const sizes = shape && order ? order.map((p) => (p === undefined ? -1 : (shape[p] as number))) : unknownSizes(size);
    return [{ dtype: input.dtype, shape: sizes }];
  },

  elements({ input, perm }) {
    const order = allKnown(perm.elements);
    const elements = movableElements(input);
    return order && elements && [readKnown(elements, permutedView(wholeView(input.shape as Shape), order))];
  },

  reference({ inputs: { input, perm } }) {
    const order = Array.from(perm.data as ArrayLike<number | bigint>, Number);
    return [viewedTensor(input, permutedView(wholeView(input.shape), order))];
  },
});

function requirePermutation(order: readonly number[]): void {
  const isPermutation = order.toSorted((a, b) => a - b).every((p, i) => p === i);
  if (!isPermutation) throw invalid(`perm [${order}] is not a permutation of the axes`);
}

function transposeVersion({ inputs: [x] }: VersionFacts): number {
  const size = x?.shape?.length ?? 0;
  if (x?.dtype === 'f16') return 9;
  if (size > 6 || x?.dtype === 'bf16') return 8;
  if (x?.dtype === 'i4') return 7;
  if (size > 5) return 6;
  if (x?.dtype === 'i16') return 5;
  if (size > 4) return 4;
  if (x?.dtype === 'bool') return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
