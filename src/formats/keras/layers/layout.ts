import type { Value } from '../../../ir/graph.js';
import type { LayerCall } from './context.js';

/** `count` axes from one on. */
const axes = (from: number, count: number): number[] => Array.from({ length: count }, (_, i) => i + from);

/** Permutation that moves channels from an axis to the end. */
export const toLast = (rank: number, axis = 1): number[] => [
  ...axes(0, axis),
  ...axes(axis + 1, rank - axis - 1),
  axis,
];
/** Permutation that moves channels from the end to an axis. */
export const toFirst = (rank: number, axis = 1): number[] => [
  ...axes(0, axis),
  rank - 1,
  ...axes(axis, rank - axis - 1),
];

/** Work on channels that come last, as the operators want them; transposed before and after where the layer has them first. */
export function channelsLast(c: LayerCall, x: Value, work: (x: Value) => Value): Value {
  if (c.config.dataFormat !== 'channels_first') return work(x);
  const rank = c.shapeOf(x).length;
  return c.transpose(work(c.transpose(x, toLast(rank))), toFirst(rank));
}
