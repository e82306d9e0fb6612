import * as Plot from '@observablehq/plot';
import { escapeXml } from '../escape-xml.js';
import { type Chart, type Drawing, drawChart } from '../plot-svg.js';

/** One bar: a figure of one form of one model. */
export interface Bar {
  /** Model: bars of the same one stand together. */
  readonly group: string;
  /** Form of the model, such as `float` or `dynamic`: what the colour says. */
  readonly series: string;
  readonly value: number;
  /** What stands above the bar, such as `3.5 MB`. */
  readonly label: string;
}

export interface BarChartOptions {
  readonly title: string;
  /** Name and unit of the vertical axis. */
  readonly axis: string;
  readonly width?: number;
  /** Draw what the colours mean, and a background: for a file that stands alone. */
  readonly standsAlone?: boolean;
}

const HEIGHT = 300;

/** Bars in groups: the two charts of size and latency that belong to every quantized model. */
export function barChart(
  drawing: Drawing,
  bars: readonly Bar[],
  { title, axis, width = 520, standsAlone = false }: BarChartOptions,
): Chart {
  const { palette } = drawing;
  const series = [...new Set(bars.map((b) => b.series))];
  const groups = [...new Set(bars.map((b) => b.group))];
  const described = groups.map((group) => {
    const mine = bars.filter((b) => b.group === group).map((b) => `${b.series} ${b.label}`);
    return `${group}: ${mine.join(', ')}`;
  });
  const room = width / Math.max(bars.length, 1);
  const names = Math.floor(width / Math.max(groups.length, 1) / 7);
  const chart = drawChart(drawing, title, described.join('; '), {
    width,
    height: HEIGHT,
    marginLeft: 56,
    marginBottom: 44,
    marginTop: standsAlone ? 44 : 28,
    x: { axis: null, domain: series, padding: 0.12 },
    fx: { label: null, domain: groups, padding: 0.16, axis: null },
    y: { label: axis, grid: true, ticks: 5, nice: true },
    color: { domain: series, range: series.map((_, i) => palette.series[i % palette.series.length] as string) },
    marks: [
      Plot.axisFx({
        anchor: 'bottom',
        label: null,
        tickFormat: (name: string) => shortName(name, names),
        fontSize: 12,
        dy: 6,
      }),
      Plot.barY(bars, { fx: 'group', x: 'series', y: 'value', fill: 'series', rx: 3 } as object),
      Plot.text(bars, {
        fx: 'group',
        x: 'series',
        y: 'value',
        text: (bar: Bar) => (room < 60 ? bar.label.replace(/ ms$/, '') : bar.label),
        dy: -8,
        fontSize: room > 70 ? 12 : 9,
        fontWeight: 600,
        fill: palette.text,
      }),
      Plot.ruleY([0], { stroke: palette.line }),
    ],
  });
  return standsAlone ? standing(chart, drawing, series, width) : chart;
}

/** The beginning and the end of a name, when it is too long for its place. */
const shortName = (name: string, most: number): string =>
  name.length <= most
    ? name
    : `${name.slice(0, Math.ceil(most / 2))}…${name.slice(name.length - Math.floor(most / 2) + 1)}`;

/** A background, and a row of colours with their names at the top. */
function standing(chart: Chart, { palette }: Drawing, series: readonly string[], width: number): Chart {
  const entries = series.map((name, i) => {
    const x = width - 96 * (series.length - i);
    const fill = palette.series[i % palette.series.length];
    return `<rect x="${x}" y="6" width="11" height="11" rx="3" fill="${fill}"/><text x="${x + 16}" y="16" text-anchor="start" font-size="12">${escapeXml(name)}</text>`;
  });
  const back = `<rect width="${width}" height="${HEIGHT}" rx="10" fill="${palette.background}"/>`;
  return {
    ...chart,
    svg: chart.svg.replace('</desc>', `</desc>${back}`).replace(/<\/svg>$/, `${entries.join('')}</svg>`),
  };
}
