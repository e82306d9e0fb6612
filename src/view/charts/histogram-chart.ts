import * as Plot from '@observablehq/plot';
import type { HistogramPair } from '../../evaluate/compare/types.js';
import { type Chart, type Drawing, drawChart } from '../plot-svg.js';

/** How the elements of a tensor are spread, in both models: the first filled, the second as a line. */
export function histogramChart(
  drawing: Drawing,
  title: string,
  { low, high, a, b }: HistogramPair,
  width = 420,
): Chart {
  const { palette } = drawing;
  const step = (high - low) / a.length || 1;
  const bins = a.map((count, i) => ({ from: low + i * step, to: low + (i + 1) * step, a: count, b: b[i] ?? 0 }));
  const edges = [...bins.map((bin) => ({ x: bin.from, n: bin.b })), { x: high, n: bins.at(-1)?.b ?? 0 }];
  const number = (x: number) => x.toPrecision(3);
  return drawChart(drawing, title, `elements from ${number(low)} to ${number(high)}`, {
    width,
    height: 150,
    marginLeft: 8,
    marginRight: 8,
    marginTop: 8,
    marginBottom: 24,
    x: { label: null, ticks: 5 },
    y: { axis: null },
    marks: [
      Plot.rectY(bins, {
        x1: 'from',
        x2: 'to',
        y: 'a',
        fill: palette.series[0] as string,
        fillOpacity: 0.7,
        insetLeft: 0.5,
      }),
      Plot.lineY(edges, { x: 'x', y: 'n', curve: 'step-after', stroke: palette.series[1] as string, strokeWidth: 1.5 }),
      Plot.ruleY([0], { stroke: palette.line }),
    ],
  });
}
