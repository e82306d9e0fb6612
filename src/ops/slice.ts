import type { Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { allKnown, type Elements, movableElements, vectorOf } from './elements.js';
import { LITERT } from './litert.js';
import { invalid } from './shapes.js';
import { unknownSizes } from './unify.js';
import { readKnown, viewedTensor, wholeView, windowView } from './view.js';

/** A window of the input that starts at `begin`; a size of -1 takes all to the end of the axis. */
export const slice = defineOp({
  name: 'SLICE',
  litert: LITERT.everywhere,
  inputs: ['input', 'begin', 'size'],
  outputs: ['output'],
  version: sliceVersion,

  infer({ input, begin, size }) {
    const rank = input.shape?.length ?? vectorOf(size)?.length ?? vectorOf(begin)?.length;
    if (rank === undefined) return [{ dtype: input.dtype, shape: undefined }];
    const shape = input.shape ?? unknownSizes(rank);
    return [{ dtype: input.dtype, shape: windowShape(shape, vectorOf(begin), vectorOf(size)) }];
  },

  elements({ input, begin, size }) {
    const elements = movableElements(input);
    const start = allKnown(begin.elements);
    const sizes = allKnown(size.elements);
    if (!elements || !start || !sizes) return undefined;
    const shape = input.shape as Shape;
    return [readKnown(elements, windowView(wholeView(shape), start, windowShape(shape, start, sizes)))];
  },

  reference({ inputs: { input, begin, size } }) {
    const [start, sizes] = [begin, size].map((t) => Array.from(t.data as ArrayLike<number | bigint>, Number));
    const shape = windowShape(input.shape, start, sizes);
    return [viewedTensor(input, windowView(wholeView(input.shape), start as number[], shape))];
  },
});

function windowShape(input: Shape, begin: Elements | undefined, size: Elements | undefined): Shape {
  for (const list of [begin, size])
    if (list && list.length !== input.length)
      throw invalid(`begin and size expect ${input.length} entries for [${input}], got ${list.length}`);
  return input.map((total, i) => {
    const start = begin?.[i];
    const wanted = size?.[i];
    const isBad = (wanted !== undefined && wanted < -1) || (start !== undefined && start < 0);
    const end = (start ?? 0) + Math.max(0, wanted ?? 0);
    if (isBad || (total !== -1 && end > total))
      throw invalid(`axis ${i} of [${input}] has no window from ${start ?? '?'} of size ${wanted ?? '?'}`);
    if (wanted === undefined) return -1;
    if (wanted !== -1) return wanted;
    return start === undefined || total === -1 ? -1 : total - start;
  });
}

function sliceVersion({ inputs: [x] }: VersionFacts): number {
  if (x?.dtype === 'f16') return 8;
  if (x?.dtype === 'i4') return 7;
  if (x?.dtype === 'u32') return 6;
  if ((x?.shape?.length ?? 0) > 4) return 5;
  if (x?.dtype === 'i16') return 4;
  if (x?.dtype === 'string') return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}
