import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lowering } from './context.js';
import { transpose } from './shapes.js';

/** True when channels come directly behind the batch. */
export const isChannelsFirst = (c: Lowering): boolean => c.attrs.string('data_format', 'NHWC').startsWith('NC');

/** Permutation that moves channels from axis 1 to the end. */
export const toLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
/** Permutation that moves channels from the end to axis 1. */
export const toFirst = (rank: number): number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/**
 * Work on an input whose channels come last: operators know no other layout. Where the model has them first, the input
 * is transposed in front and the first result behind.
 */
export function nchwAround(c: Lowering, x: Value, work: (x: Value) => readonly Value[]): readonly Value[] {
  const rank = x.shape?.length;
  if (!isChannelsFirst(c) || rank === 2) return work(x);
  const count = rank ?? c.rank(x, 'its input');
  if (count < 3) throw new ModelError('invalid-graph', `expects at least 3 axes for channels first, got ${count}`);
  const [first, ...rest] = work(transpose(c, x, toLast(count)));
  return first ? [transpose(c, first, toFirst(count)), ...rest] : rest;
}

/** Entries for the spatial axes of a list that has one for each axis of an image batch, in the model's layout. */
export function spatial(c: Lowering, list: readonly number[]): number[] {
  return isChannelsFirst(c) ? list.slice(2) : list.slice(1, -1);
}

/** Entries for the batch and channel axes. */
export function nonSpatial(c: Lowering, list: readonly number[]): number[] {
  return isChannelsFirst(c) ? list.slice(0, 2) : [list[0] ?? 1, list.at(-1) ?? 1];
}
