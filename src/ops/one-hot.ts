import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { requireIndices } from './gather.js';
import { invalid, normalizeAxis } from './shapes.js';
import { broadcastView, copyView, readView, wholeView } from './view.js';

/**
 * A new axis of size `depth` at `axis` (-1 appends it), with `on` at the place that each index says and `off` elsewhere;
 * an index out of range leaves all off.
 */
export const oneHot = defineOp({
  name: 'ONE_HOT',
  inputs: ['indices', 'depth', 'on', 'off'],
  outputs: ['output'],
  defaults: { axis: -1 },
  infer({ indices, depth, on, off }, { axis }) {
    if (indices.dtype !== 'u8') requireIndices(indices.dtype);
    if (on.dtype !== off.dtype) throw invalid(`on and off should have one type, got ${on.dtype} and ${off.dtype}`);
    const { shape } = indices;
    const size = depth.elements?.[0] ?? -1;
    return [{ dtype: on.dtype, shape: shape?.toSpliced(normalizeAxis(axis, shape.length + 1), 0, size) }];
  },
  reference({ inputs: { indices, depth, on, off }, options }) {
    const axis = normalizeAxis(options.axis, indices.shape.length + 1);
    const size = Number(depth.data[0]);
    const shape: Shape = indices.shape.toSpliced(axis, 0, size);
    const data = readView(on.dtype, off.data, broadcastView(wholeView([]), shape));
    const inner = elementCount(indices.shape.slice(axis));
    const one = wholeView([]);
    for (const [i, x] of (indices.data as Int32Array).entries()) {
      const index = Number(x);
      if (index < 0 || index >= size) continue;
      const offset = (Math.floor(i / inner) * size + index) * inner + (i % inner);
      copyView(on.dtype, on.data, one, data, { ...one, offset });
    }
    return [{ dtype: on.dtype, shape, data }];
  },
});
