import type { Shape, Tensor } from '../ir/tensor.js';
import { clamp, roundHalfAway } from '../numerics/round.js';
import { defineOp, type KnownValue } from './define.js';
import { type Affine, affineOf } from './integers.js';
import { joined, joinedElements } from './join.js';
import { LITERT } from './litert.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unifiedShape, withSize } from './unify.js';
import { versionByType } from './version.js';

/** Tensors one behind another along `axis`; their other sizes are equal. */
export const concatenation = defineOp({
  name: 'CONCATENATION',
  litert: LITERT.everywhere,
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

  reference({ inputs: { values }, types: [type], options }) {
    const shape = joinedShape(values, options.axis) as Shape;
    const axis = normalizeAxis(options.axis, shape.length);
    const dtype = values[0]?.dtype ?? 'f32';
    const to = type && affineOf(type);
    const parts = dtype === 'u8' && to ? values.map((v) => rescaledBytes(v, to)) : values;
    return [{ dtype, shape, data: joined(dtype, shape, axis, parts) }];
  },
});

/** Unsigned bytes as steps of the output's scale, computed in float32; the only type whose scales may differ. */
function rescaledBytes(part: Tensor, to: Affine): Tensor {
  const from = affineOf(part);
  if (!from || (from.scale === to.scale && from.zeroPoint === to.zeroPoint)) return part;
  const factor = Math.fround(from.scale * Math.fround(1 / to.scale));
  const offset = Math.fround(-from.zeroPoint * factor);
  const rescale = (q: number) => {
    const steps = roundHalfAway(Math.fround(Math.fround(q * factor) + offset));
    return clamp(steps + to.zeroPoint, to.low, to.high);
  };
  return { ...part, data: Uint8Array.from(part.data as Uint8Array, rescale) };
}

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
