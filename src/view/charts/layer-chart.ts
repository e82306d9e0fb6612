import * as Plot from '@observablehq/plot';
import { noisiest } from '../../evaluate/compare/noisiest.js';
import type { LayerDifference } from '../../evaluate/compare/types.js';
import { percentText } from '../../numerics/number-text.js';
import { type Chart, type Drawing, drawChart } from '../plot-svg.js';

/** What is beyond this is as good as equal, dB. */
const BEST = 80;
const WORST = -10;

const shown = (db: number | null | undefined): number =>
  db === null || db === undefined ? BEST : Math.min(Math.max(db, WORST), BEST);

/** The SQNR along a model: of each node on clean data, and of what has come together up to it. */
export function layerChart(drawing: Drawing, layers: readonly LayerDifference[], width = 1040): Chart {
  const { palette } = drawing;
  const points = layers.map((layer, i) => ({
    i: i + 1,
    own: shown(layer.isolated?.sqnrDb),
    sum: shown(layer.accumulated.sqnrDb),
  }));
  const worst = noisiest(layers)[0];
  const description = worst
    ? `${layers.length} nodes in order. The node that adds most noise is ${worst.name}, ${percentText(worst.share, 0)} of all.`
    : `${layers.length} nodes, none of which adds noise.`;
  return drawChart(drawing, 'Error along the model', description, {
    width,
    height: 260,
    marginLeft: 48,
    marginBottom: 40,
    x: { label: 'node', domain: [0.5, layers.length + 0.5], ticks: Math.min(layers.length, 10), tickFormat: 'd' },
    y: { label: 'SQNR, dB', grid: true, nice: true },
    marks: [
      Plot.ruleX(points, { x: 'i', y1: 'own', y2: BEST, stroke: palette.series[1] as string, strokeOpacity: 0.35 }),
      Plot.dot(points, { x: 'i', y: 'own', r: layers.length > 120 ? 2 : 3.5, fill: palette.series[1] as string }),
      Plot.lineY(points, { x: 'i', y: 'sum', stroke: palette.series[2] as string, strokeWidth: 2, curve: 'step' }),
    ],
  });
}
