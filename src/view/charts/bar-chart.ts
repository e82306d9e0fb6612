import * as Plot from '@observablehq/plot';
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
}

const HEIGHT = 300;
const LONGEST_NAME = 26;

/** Bars in groups: the two charts of size and latency that belong to every quantized model. */
export function barChart(drawing: Drawing, bars: readonly Bar[], { title, axis, width = 520 }: BarChartOptions): Chart {
  const { palette } = drawing;
  const series = [...new Set(bars.map((b) => b.series))];
  const groups = [...new Set(bars.map((b) => b.group))];
  const described = groups.map((group) => {
    const mine = bars.filter((b) => b.group === group).map((b) => `${b.series} ${b.label}`);
    return `${group}: ${mine.join(', ')}`;
  });
  const room = width / Math.max(bars.length, 1);
  return drawChart(drawing, title, described.join('; '), {
    width,
    height: HEIGHT,
    marginLeft: 56,
    marginBottom: 44,
    marginTop: 28,
    x: { axis: null, domain: series, padding: 0.12 },
    fx: { label: null, domain: groups, padding: 0.16, tickFormat: (name: string) => shortName(name), axis: null },
    y: { label: axis, grid: true, ticks: 5, nice: true },
    color: { domain: series, range: series.map((_, i) => palette.series[i % palette.series.length] as string) },
    marks: [
      Plot.axisFx({
        anchor: 'bottom',
        label: null,
        tickFormat: (name: string) => shortName(name),
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
}

const shortName = (name: string): string => (name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name);
