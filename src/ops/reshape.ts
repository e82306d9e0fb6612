import { elementCount, isStatic, type Shape } from '../ir/tensor.js';
import { defineOp, type KnownValue } from './define.js';
import { type Elements, vectorOf } from './elements.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';

/**
 * The same elements in another shape. `shape` is a vector, one size of it may be -1 for the rest; without that input the
 * option `newShape` says it.
 */
export const reshape = defineOp({
  name: 'RESHAPE',
  litert: LITERT.everywhere,
  inputs: ['input', 'shape?'],
  outputs: ['output'],

  infer({ input, shape }, { newShape }) {
    return [{ dtype: input.dtype, shape: resolve(input.shape, wantedSizes(shape, newShape)) }];
  },

  elements: ({ input }) => input.elements && [input.elements],

  reference({ inputs: { input, shape }, types: [type], options }) {
    const sizes = shape ? Array.from(shape.data as ArrayLike<number | bigint>, Number) : options.newShape;
    const full = isStatic(type?.shape) ? type.shape : resolve(input.shape, sizes);
    return [{ ...input, shape: full as Shape }];
  },
});

function wantedSizes(shape: KnownValue | undefined, option: readonly number[] | undefined): Elements | undefined {
  // A legacy option of [0] stands for a scalar.
  if (!shape || (shape.shape && shape.shape.length !== 1)) return option?.length === 1 && option[0] === 0 ? [] : option;
  return vectorOf(shape);
}

function resolve(input: Shape | undefined, wanted: Elements | undefined): Shape | undefined {
  if (!wanted) return undefined;
  const open = wanted.filter((d) => d === undefined || d === -1).length;
  if (wanted.filter((d) => d === -1).length > 1) throw invalid(`shape [${text(wanted)}] has more than one -1`);
  const sizes = wanted.map((d) => d ?? -1);
  if (sizes.some((d) => d < -1)) throw invalid(`shape [${text(wanted)}] has a negative size`);
  const known = sizes.reduce((n, d) => (d === -1 ? n : n * d), 1);
  if (!isStatic(input)) return open === 1 ? sizes.map((d) => (d === -1 ? sharedRest(input, known) : d)) : sizes;
  const count = elementCount(input);
  if (open === 0 && known !== count) throw mismatch(input, wanted);
  if (open !== 1) return sizes;
  if (known === 0 ? count !== 0 : count % known !== 0) throw mismatch(input, wanted);
  return sizes.map((d) => (d === -1 ? (known === 0 ? 0 : count / known) : d));
}

/** The open size when the input has an unknown one: known only when there are no elements at all. */
const sharedRest = (input: Shape | undefined, known: number): number => (known !== 0 && input?.includes(0) ? 0 : -1);

const text = (sizes: Elements): string => sizes.map((d) => d ?? '?').join();

const mismatch = (input: Shape, wanted: Elements) =>
  invalid(`[${input}] with ${elementCount(input)} elements does not reshape to [${text(wanted)}]`);
