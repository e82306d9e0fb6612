import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { paddedShape } from './pad.js';
import { invalid } from './shapes.js';
import { withSize } from './unify.js';
import { versionByType } from './version.js';
import { blankData, copyView, type View, wholeView, windowView } from './view.js';

/**
 * Mirrored elements before and behind those of each axis; `paddings` has a row (before, behind) for each. REFLECT does
 * not repeat the edge, SYMMETRIC does.
 */
export const mirrorPad = defineOp({
  name: 'MIRROR_PAD',
  inputs: ['input', 'paddings'],
  outputs: ['output'],
  version: versionByType({ i16: 3, i8: 2 }),
  infer({ input, paddings }, { mode }) {
    const edge = mode === 'SYMMETRIC' ? 0 : 1;
    for (const [i, size] of (input.shape ?? []).entries())
      for (const amount of paddings.elements?.slice(2 * i, 2 * i + 2) ?? [])
        if (amount !== undefined && size !== -1 && amount > Math.max(0, size - edge))
          throw invalid(`axis ${i} of [${input.shape}] cannot be mirrored by ${amount}`);
    return [{ dtype: input.dtype, shape: paddedShape(input.shape, paddings) }];
  },
  reference({ inputs: { input, paddings }, options: { mode } }) {
    const amounts = Array.from(paddings.data as ArrayLike<number | bigint>, Number);
    const edge = mode === 'SYMMETRIC' ? 0 : 1;
    return [
      input.shape.reduce<Tensor>(
        (x, _, axis) => mirrored(x, axis, amounts[2 * axis] as number, amounts[2 * axis + 1] as number, edge),
        input,
      ),
    ];
  },
});

/** The tensor with its elements mirrored at both ends of one axis. */
function mirrored({ dtype, shape, data }: Tensor, axis: number, before: number, behind: number, edge: number): Tensor {
  if (before === 0 && behind === 0) return { dtype, shape, data };
  const size = shape[axis] as number;
  const to = withSize(shape, axis, before + size + behind);
  const out = blankData(dtype, elementCount(to));
  const source = wholeView(shape);
  const target = wholeView(to);
  const copy = (from: number, step: number, at: number, count: number) => {
    const part = withSize(shape, axis, count);
    copyView(dtype, data, partOf(source, axis, from, part, step), out, partOf(target, axis, at, part, 1));
  };
  copy(0, 1, before, size);
  copy(edge + before - 1, -1, 0, before);
  copy(size - 1 - edge, -1, before + size, behind);
  return { dtype, shape: to, data: out };
}

function partOf(view: View, axis: number, start: number, shape: Shape, step: number): View {
  const only = (value: number, other: number) => shape.map((_, i) => (i === axis ? value : other));
  return windowView(view, only(start, 0), shape, only(step, 1));
}
