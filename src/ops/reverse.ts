import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { allKnown, movableElements } from './elements.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unifiedShape, withSize } from './unify.js';
import { versionByType } from './version.js';
import { blankData, copyView, readKnown, type View, viewedTensor, wholeView, windowView } from './view.js';

/** The elements in reverse order along the axes in `axes`. */
export const reverse = defineOp({
  name: 'REVERSE_V2',
  inputs: ['input', 'axes'],
  outputs: ['output'],
  version: versionByType({ f8e4m3: 4, f8e5m2: 4, i8: 3, bool: 2 }),
  infer({ input: { dtype, shape }, axes }) {
    for (const axis of allKnown(axes.elements) ?? []) if (shape) normalizeAxis(axis, shape.length);
    return [{ dtype, shape }];
  },
  elements({ input, axes }) {
    const elements = movableElements(input);
    const list = allKnown(axes.elements);
    return elements && list && [readKnown(elements, reversedView(wholeView(input.shape as Shape), list))];
  },
  reference: ({ inputs: { input, axes } }) => [
    viewedTensor(input, reversedView(wholeView(input.shape), Array.from(axes.data as Int32Array, Number))),
  ],
});

/** The view with its elements in reverse order along those axes. */
export function reversedView(view: View, axes: readonly number[]): View {
  const turned = new Set(axes.map((a) => normalizeAxis(a, view.shape.length)));
  const begin = view.shape.map((d, i) => (turned.has(i) ? Math.max(0, d - 1) : 0));
  const steps = view.shape.map((_, i) => (turned.has(i) ? -1 : 1));
  return windowView(view, begin, view.shape, steps);
}

/** The first `lengths[b]` elements along `seqDim` in reverse order, for each index b of `batchDim`; the rest stays. */
export const reverseSequence = defineOp({
  name: 'REVERSE_SEQUENCE',
  inputs: ['input', 'lengths'],
  outputs: ['output'],
  infer({ input, lengths }, { seqDim, batchDim }) {
    const { shape } = input;
    if (!shape) return [{ dtype: input.dtype, shape }];
    const [along, batch] = [normalizeAxis(seqDim, shape.length), normalizeAxis(batchDim, shape.length)];
    if (along === batch) throw invalid(`the sequence and the batch are both axis ${along}`);
    const [size = -1] = unifiedShape([shape[batch] as number], lengths.shape) ?? [];
    return [{ dtype: input.dtype, shape: withSize(shape, batch, size) }];
  },
  reference({ inputs: { input, lengths }, options }) {
    const { dtype, shape, data } = input;
    const along = normalizeAxis(options.seqDim, shape.length);
    const batch = normalizeAxis(options.batchDim, shape.length);
    const out = blankData(dtype, elementCount(shape));
    const whole = wholeView(shape);
    copyView(dtype, data, whole, out, whole);
    for (let b = 0; b < (shape[batch] as number); b++) {
      const length = lengthOf(lengths, b, shape[along] as number);
      const begin = shape.map((_, i) => (i === batch ? b : 0));
      const part = windowView(whole, begin, withSize(withSize(shape, batch, 1), along, length));
      copyView(dtype, data, reversedView(part, [along]), out, part);
    }
    return [{ dtype, shape, data: out }];
  },
});

function lengthOf(lengths: Tensor, index: number, limit: number): number {
  const length = Number(lengths.data[index]);
  if (length < 0 || length > limit) throw invalid(`a sequence of ${length} does not lie in ${limit}`);
  return length;
}
