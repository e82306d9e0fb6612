import type { LayerDifference } from './types.js';

/** The nodes that add noise of their own, those that add most first. */
export const noisiest = (layers: readonly LayerDifference[]): LayerDifference[] =>
  layers.filter((l) => l.share > 0).sort((x, y) => y.share - x.share);
