import type { Shape } from '../ir/tensor.js';
import { defineOp, type KnownValue } from './define.js';
import { isTracked, movableElements, sizesOf } from './elements.js';
import { broadcastShapes, invalid } from './shapes.js';
import { versionByType } from './version.js';
import { broadcastView, readKnown, viewedTensor, wholeView } from './view.js';

/** The input repeated along its axes of size 1, and along new leading axes, to fill `shape`. */
export const broadcastTo = defineOp({
  name: 'BROADCAST_TO',
  inputs: ['input', 'shape'],
  outputs: ['output'],
  version: (facts) => Math.max(2, versionByType({ f8e4m3: 4, f8e5m2: 4, i8: 3, i16: 3 })(facts)),
  infer: ({ input, shape }) => [{ dtype: input.dtype, shape: filledShape(input, sizesOf(shape)) }],
  elements({ input, shape }) {
    const elements = movableElements(input);
    const to = filledShape(input, sizesOf(shape));
    if (!elements || !isTracked(to)) return undefined;
    return [readKnown(elements, broadcastView(wholeView(input.shape as Shape), to))];
  },
  reference({ inputs: { input, shape } }) {
    const to = Array.from(shape.data as ArrayLike<number | bigint>, Number);
    return [viewedTensor(input, broadcastView(wholeView(input.shape), to))];
  },
});

/** Sizes of the input that are not 1 decide where the wanted ones are unknown. */
function filledShape({ shape }: Pick<KnownValue, 'shape'>, wanted: Shape | undefined): Shape | undefined {
  if (!wanted || !shape) return wanted;
  const full = broadcastShapes(shape, wanted) as Shape;
  const fits = full.length === wanted.length && full.every((d, i) => d === wanted[i] || d === -1 || wanted[i] === -1);
  if (!fits) throw invalid(`[${shape}] does not broadcast to [${wanted}]`);
  const lead = wanted.length - shape.length;
  return wanted.map((d, i) => {
    const own = shape[i - lead] ?? 1;
    return d === -1 && own > 1 ? own : d;
  });
}
