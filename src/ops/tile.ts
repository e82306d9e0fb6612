import type { Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { allKnown, type Elements, isTracked, movableElements, vectorOf } from './elements.js';
import { invalid } from './shapes.js';
import { unknownSizes } from './unify.js';
import { versionByType } from './version.js';
import { readKnown, readView, type View, wholeView } from './view.js';

/** The input repeated along each axis as often as `multiples` says. */
export const tile = defineOp({
  name: 'TILE',
  inputs: ['input', 'multiples'],
  outputs: ['output'],
  version: versionByType({ i8: 3, string: 2 }),
  infer({ input, multiples }) {
    const times = vectorOf(multiples);
    const rank = input.shape?.length ?? times?.length;
    if (rank === undefined) return [{ dtype: input.dtype, shape: undefined }];
    return [{ dtype: input.dtype, shape: tiledShape(input.shape ?? unknownSizes(rank), times) }];
  },
  elements({ input, multiples }) {
    const elements = movableElements(input);
    const times = allKnown(multiples.elements);
    if (!elements || !times || !isTracked(tiledShape(input.shape as Shape, times))) return undefined;
    return [readKnown(elements, tiledView(input.shape as Shape, times))];
  },
  reference({ inputs: { input, multiples } }) {
    const times = Array.from(multiples.data as ArrayLike<number | bigint>, Number);
    const shape = tiledShape(input.shape, times);
    return [{ dtype: input.dtype, shape, data: readView(input.dtype, input.data, tiledView(input.shape, times)) }];
  },
});

function tiledShape(shape: Shape, times: Elements | undefined): Shape {
  if (times && times.length !== shape.length)
    throw invalid(`multiples should have ${shape.length} entries for [${shape}], got ${times.length}`);
  return shape.map((d, i) => {
    const n = times?.[i];
    if (n !== undefined && n < 0) throw invalid(`multiples should not be negative, got ${n}`);
    return n === 0 || d === 0 ? 0 : n === undefined || d === -1 ? -1 : d * n;
  });
}

/** The input with an axis of repetitions before each of its own. */
export function tiledView(shape: Shape, times: readonly number[]): View {
  const { strides } = wholeView(shape);
  return {
    shape: shape.flatMap((d, i) => [times[i] as number, d]),
    offset: 0,
    strides: strides.flatMap((s) => [0, s]),
  };
}
