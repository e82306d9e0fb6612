import type { Shape } from '../ir/tensor.js';
import { defineOp, type KnownValue } from './define.js';
import { joined, joinedElements } from './join.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unifiedShape, withSize } from './unify.js';
import { versionByType } from './version.js';

/** Tensors one behind another along `axis`; their other sizes are equal. */
export const concatenation = defineOp({
  name: 'CONCATENATION',
  inputs: ['values*'],
  outputs: ['output'],
  version: versionByType({ f8e4m3: 7, f8e5m2: 7, f16: 6, i4: 5, u32: 4, i16: 3, i8: 2 }),

  infer({ values }, { axis }) {
    const [first] = values;
    if (!first) throw invalid('expected at least one input, got none');
    for (const v of values)
      if (v.dtype !== first.dtype) throw invalid(`inputs have different types, ${first.dtype} and ${v.dtype}`);
    return [{ dtype: first.dtype, shape: joinedShape(values, axis) }];
  },

  elements({ values }) {
    const elements = joinedElements(values);
    return elements && [elements];
  },

  reference({ inputs: { values }, options }) {
    const shape = joinedShape(values, options.axis) as Shape;
    const axis = normalizeAxis(options.axis, shape.length);
    const dtype = values[0]?.dtype ?? 'f32';
    return [{ dtype, shape, data: joined(dtype, shape, axis, values) }];
  },
});

function joinedShape(values: readonly Pick<KnownValue, 'shape'>[], option: number): Shape | undefined {
  const some = values.find((v) => v.shape)?.shape;
  if (!some) return undefined;
  const axis = normalizeAxis(option, some.length);
  let common: Shape | undefined = withSize(some, axis, -1);
  let size = 0;
  for (const { shape } of values) {
    if (shape && shape.length !== some.length) throw invalid(`inputs [${some}] and [${shape}] have different ranks`);
    const own = shape?.[axis] ?? -1;
    size = size < 0 || own < 0 ? -1 : size + own;
    common = unifiedShape(common, shape && withSize(shape, axis, -1));
  }
  return withSize(common as Shape, axis, size);
}
