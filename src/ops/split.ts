import type { Shape, Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { type Elements, vectorOf } from './elements.js';
import { parted, partedElements } from './join.js';
import { LITERT } from './litert.js';
import { invalid, normalizeAxis } from './shapes.js';
import { unknownSizes, withSize } from './unify.js';
import { versionByType } from './version.js';

/** `numSplits` equal parts of `value` along the scalar `axis`. */
export const split = defineOp({
  name: 'SPLIT',
  litert: LITERT.everywhere,
  inputs: ['axis', 'value'],
  outputs: ['outputs*'],
  version: versionByType({ f8e4m3: 5, f8e5m2: 5, i16: 4, i32: 3, i8: 2 }, 1),

  infer({ axis, value }, { numSplits }) {
    const shape = equalPart(value.shape, axis.elements?.[0], numSplits);
    return Array.from({ length: numSplits }, () => ({ dtype: value.dtype, shape }));
  },

  elements({ axis, value }, { numSplits }) {
    const option = axis.elements?.[0];
    if (option === undefined || !value.shape) return undefined;
    const at = normalizeAxis(option, value.shape.length);
    return partedElements(value, at, equalSizes(value.shape, at, numSplits));
  },

  reference({ inputs: { axis, value }, options: { numSplits } }) {
    const at = normalizeAxis(Number(axis.data[0]), value.shape.length);
    return parted(value, at, equalSizes(value.shape, at, numSplits));
  },
});

const equalSizes = (shape: Shape, axis: number, parts: number): number[] =>
  new Array<number>(parts).fill((shape[axis] as number) / parts);

function equalPart(shape: Shape | undefined, option: number | undefined, parts: number): Shape | undefined {
  if (!shape) return undefined;
  if (option === undefined) return unknownSizes(shape.length);
  const axis = normalizeAxis(option, shape.length);
  const size = shape[axis] as number;
  if (size === -1) return shape;
  if (size % parts !== 0) throw invalid(`axis ${axis} of [${shape}] does not split into ${parts} equal parts`);
  return withSize(shape, axis, size / parts);
}

/** Parts of `value` along the scalar `axis`, of the sizes in `sizes`; one of them may be -1 for the rest. */
export const splitV = defineOp({
  name: 'SPLIT_V',
  inputs: ['value', 'sizes', 'axis'],
  outputs: ['outputs*'],
  version: versionByType({ f8e4m3: 3, f8e5m2: 3, i8: 2 }),

  infer({ value: { dtype, shape }, sizes, axis }, { numSplits }) {
    const option = axis.elements?.[0];
    const parts = vectorOf(sizes) ?? new Array<undefined>(numSplits).fill(undefined);
    if (parts.length !== numSplits) throw invalid(`expected ${numSplits} sizes, got ${parts.length}`);
    if (!shape || option === undefined) {
      const blank = shape && unknownSizes(shape.length);
      return parts.map(() => ({ dtype, shape: blank }));
    }
    const at = normalizeAxis(option, shape.length);
    return partSizes(shape[at] as number, parts).map((size) => ({ dtype, shape: withSize(shape, at, size) }));
  },

  elements({ value, sizes, axis }) {
    const option = axis.elements?.[0];
    if (option === undefined || !value.shape || !sizes.elements) return undefined;
    const at = normalizeAxis(option, value.shape.length);
    const parts = partSizes(value.shape[at] as number, sizes.elements);
    return parts.includes(-1) ? undefined : partedElements(value, at, parts);
  },

  reference({ inputs: { value, sizes, axis } }) {
    const at = normalizeAxis(Number(axis.data[0]), value.shape.length);
    return parted(value, at, partSizes(value.shape[at] as number, numbersOf(sizes)));
  },
});

const numbersOf = (tensor: Tensor): number[] => Array.from(tensor.data as ArrayLike<number | bigint>, Number);

/** The sizes with the open one filled in when the others are known; unknown ones stay -1. */
function partSizes(total: number, sizes: Elements): number[] {
  const known = sizes.map((s) => s ?? -1);
  const sum = known.reduce((n, s) => n + Math.max(0, s), 0);
  const open = known.filter((s) => s === -1).length;
  if (total === -1 || open > 1) return known;
  if (open === 0 ? sum !== total : sum > total) throw invalid(`sizes [${known}] do not add up to ${total}`);
  return known.map((s) => (s === -1 ? total - sum : s));
}
