/** Everything that draws: a script of its own, which only reports load. */
import { readFileSync } from 'node:fs';
import { nodeDrawing } from '../node/drawing.js';
import { rasterize } from '../node/rasterize.js';
import type { ReportData } from '../report/report-data.js';
import { layerChart } from '../view/charts/layer-chart.js';
import { byteTreemap } from '../view/charts/treemap.js';
import { type Chart, plainPalette } from '../view/plot-svg.js';
import { chosenVariant, overviewCharts } from '../view/report-overview.js';
import { reportPage } from '../view/report-page.js';
import { constantParts } from '../view/report-variant.js';

const beside = (name: string): URL => new URL(name, import.meta.url);

/** The report as one HTML file. */
export const reportHtml = (data: ReportData): Promise<string> =>
  reportPage(nodeDrawing(), data, readFileSync(beside('./report-client.js'), 'utf8'));

/** The charts of a report as SVG files: name without ending -> text. Their colours do without a page. */
export function reportCharts(data: ReportData): Map<string, string> {
  const drawing = nodeDrawing(plainPalette);
  const { size, latency } = overviewCharts(drawing, data, true);
  const charts: [string, Chart | undefined][] = [
    ['size', size],
    ['latency', latency],
    ...data.subjects.flatMap((subject, i): [string, Chart | undefined][] => {
      const { comparison, decisions } = chosenVariant(subject);
      return [
        [`error-${i + 1}`, comparison?.layers.length ? layerChart(drawing, comparison.layers) : undefined],
        [`bytes-${i + 1}`, decisions.length > 0 ? byteTreemap(drawing, constantParts(decisions)) : undefined],
      ];
    }),
  ];
  return new Map(charts.flatMap(([name, chart]) => (chart ? [[name, chart.svg]] : [])));
}

/** An SVG file as PNG. */
export const toPng = (svg: string): Promise<Uint8Array> =>
  rasterize(svg, {
    wasm: beside('./resvg.wasm'),
    fonts: [beside('./DejaVuSans.ttf'), beside('./DejaVuSans-Bold.ttf')],
  });
