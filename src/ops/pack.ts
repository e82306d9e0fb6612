import type { Shape } from '../ir/tensor.js';
import { defineOp, type KnownValue } from './define.js';
import { joined, joinedElements, parted, partedElements } from './join.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unifiedShape } from './unify.js';
import { versionByType } from './version.js';

/** Tensors of one shape stacked along a new axis; a negative `axis` counts from the end of the result. */
export const pack = defineOp({
  name: 'PACK',
  inputs: ['values*'],
  outputs: ['output'],
  version: versionByType({ f8e4m3: 5, f8e5m2: 5, i8: 2, i16: 3, u32: 4 }),

  infer({ values }, { axis }) {
    const [first] = values;
    if (!first) throw invalid('expected at least one input, got none');
    for (const v of values)
      if (v.dtype !== first.dtype) throw invalid(`inputs have different types, ${first.dtype} and ${v.dtype}`);
    return [{ dtype: first.dtype, shape: stackedShape(values, axis) }];
  },

  elements({ values }, { axis }) {
    const rank = values[0]?.shape?.length ?? 0;
    // Elements of stacked vectors follow one another only along a leading axis.
    const elements = axis === 0 || axis === -1 - rank ? joinedElements(values) : undefined;
    return elements && [elements];
  },

  reference({ inputs: { values }, options }) {
    const shape = stackedShape(values, options.axis) as Shape;
    const axis = normalizeAxis(options.axis, shape.length);
    const parts = values.map((v) => ({ ...v, shape: v.shape.toSpliced(axis, 0, 1) }));
    const dtype = values[0]?.dtype ?? 'f32';
    return [{ dtype, shape, data: joined(dtype, shape, axis, parts) }];
  },
});

function stackedShape(values: readonly Pick<KnownValue, 'shape'>[], option: number): Shape | undefined {
  const one = values.reduce<Shape | undefined>((shape, v) => unifiedShape(shape, v.shape), undefined);
  return one?.toSpliced(normalizeAxis(option, one.length + 1), 0, values.length);
}

/** The `num` slices of a tensor along `axis`, without that axis. */
export const unpack = defineOp({
  name: 'UNPACK',
  inputs: ['input'],
  outputs: ['outputs*'],
  version: versionByType({ f8e4m3: 6, f8e5m2: 6, i8: 2, u8: 2, bool: 3, i16: 4, f16: 5, bf16: 5 }),

  infer({ input: { dtype, shape } }, { num, axis }) {
    const at = shape && normalizeAxis(axis, shape.length);
    const size = at === undefined ? -1 : (shape?.[at] as number);
    if (size !== -1 && size !== num) throw invalid(`axis ${axis} of [${shape}] does not unpack to ${num} outputs`);
    const slice = at === undefined ? undefined : shape?.toSpliced(at, 1);
    return Array.from({ length: num }, () => ({ dtype, shape: slice }));
  },

  elements({ input }, { num, axis }) {
    if (!input.shape) return undefined;
    return partedElements(input, normalizeAxis(axis, input.shape.length), new Array<number>(num).fill(1));
  },

  reference({ inputs: { input }, options: { num, axis } }) {
    const at = normalizeAxis(axis, input.shape.length);
    const parts = parted(input, at, new Array<number>(num).fill(1));
    return parts.map((t) => ({ ...t, shape: t.shape.toSpliced(at, 1) }));
  },
});
