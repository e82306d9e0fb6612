import { type DType, elementCount, type Shape, type Tensor, type TensorData } from '../ir/tensor.js';
import type { KnownValue } from './define.js';
import { type Elements, isTracked, movableElements } from './elements.js';
import { withSize } from './unify.js';
import { blankData, copyView, readKnown, type View, viewedTensor, wholeView, windowView } from './view.js';

/** The part of a whole of that shape which lies at `start` of `axis` and is `size` long there. */
export function partView(whole: Shape, axis: number, start: number, size: number): View {
  return windowView(
    wholeView(whole),
    whole.map((_, i) => (i === axis ? start : 0)),
    withSize(whole, axis, size),
  );
}

/** Tensors one behind another along an axis of `shape`; each has that shape but for its own size there. */
export function joined(dtype: DType, shape: Shape, axis: number, parts: readonly Tensor[]): TensorData {
  const out = blankData(dtype, elementCount(shape));
  let start = 0;
  for (const part of parts) {
    const size = part.shape[axis] as number;
    copyView(dtype, part.data, wholeView(part.shape), out, partView(shape, axis, start, size));
    start += size;
  }
  return out;
}

/** As {@link joined}, for vectors and scalars of which only some elements are known: the way shapes are put together. */
export function joinedElements(parts: readonly KnownValue[]): Elements | undefined {
  if (parts.every((p) => !p.elements) || parts.some((p) => !isTracked(p.shape) || p.shape.length > 1)) return undefined;
  return parts.flatMap(
    (p) => movableElements(p) ?? new Array<undefined>(elementCount(p.shape as Shape)).fill(undefined),
  );
}

/** The parts of a tensor along an axis, of those sizes, in order. */
export function parted(whole: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return viewedTensor(whole, partView(whole.shape, axis, start - size, size));
  });
}

/** As {@link parted}, for elements of which only some are known. */
export function partedElements(
  whole: KnownValue,
  axis: number,
  sizes: readonly number[],
): (Elements | undefined)[] | undefined {
  const elements = movableElements(whole);
  if (!elements) return undefined;
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return readKnown(elements, partView(whole.shape as Shape, axis, start - size, size));
  });
}
