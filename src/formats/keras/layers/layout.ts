import type { Value } from '../../../ir/graph.js';
import type { LayerCall } from './context.js';

/** Permutation that moves channels from axis 1 to the end. */
export const toLast = (rank: number): number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
/** Permutation that moves channels from the end to axis 1. */
export const toFirst = (rank: number): number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/** Work on channels that come last, as the operators want them; transposed before and after where the layer has them first. */
export function channelsLast(c: LayerCall, x: Value, work: (x: Value) => Value): Value {
  if (c.config.dataFormat !== 'channels_first') return work(x);
  const rank = c.shapeOf(x).length;
  return c.transpose(work(c.transpose(x, toLast(rank))), toFirst(rank));
}
