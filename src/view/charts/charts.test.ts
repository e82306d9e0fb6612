import { parseHTML } from 'linkedom';
import { expect, it } from 'vitest';
import type { TensorError } from '../../evaluate/compare/types.js';
import { histogramSvg } from '../histogram-svg.js';
import { type Drawing, plainPalette } from '../plot-svg.js';
import { barChart } from './bar-chart.js';
import { layerChart } from './layer-chart.js';
import { byteTreemap } from './treemap.js';

const drawing: Drawing = { document: parseHTML('<html></html>').document, palette: plainPalette };
const count = (svg: string, tag: string) => svg.split(`<${tag}`).length - 1;
const parsed = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;

it('a bar chart has a bar and a label for every figure, and says them all', () => {
  const bars = [
    { group: 'net', series: 'float', value: 14, label: '14 MB' },
    { group: 'net', series: 'dynamic', value: 3.5, label: '3.5 MB' },
    { group: 'other', series: 'float', value: 5, label: '5 MB' },
  ];
  const { svg, description } = barChart(drawing, bars, { title: 'Size', axis: 'MB' });
  expect(svg.match(/<(?:rect|path)[^>]* fill="#/g)?.length).toBe(3);
  for (const { label } of bars) expect(svg).toContain(label);
  expect(description).toBe('net: float 14 MB, dynamic 3.5 MB; other: float 5 MB');
  expect(svg).not.toMatch(/<style|style="/);
});

it('names cannot break out of a chart', () => {
  const name = '</svg><script>alert(1)</script>"\'';
  const { svg } = barChart(drawing, [{ group: name, series: name, value: 1, label: name }], {
    title: name,
    axis: name,
  });
  expect(parsed(svg).querySelectorAll('script').length).toBe(0);
  expect(count(svg, 'svg')).toBe(1);
});

const error = (sqnrDb: number | null): TensorError => ({
  elements: 1,
  sqnrDb,
  maxAbs: 0,
  meanAbs: 0,
  rms: 0,
  cosine: 1,
  notFinite: 0,
});

it('the chart of the nodes has a point for each and names the worst', () => {
  const layer = (name: string, own: number | null, share: number) => ({
    name,
    nameA: name,
    op: 'CONV_2D',
    shape: [1],
    dtype: 'f32' as const,
    accumulated: error(30),
    isolated: error(own),
    share,
    histogram: null,
  });
  const { svg, description } = layerChart(drawing, [layer('a', 40, 0.25), layer('b', 35, 0.75), layer('c', null, 0)]);
  expect(count(svg, 'circle')).toBe(3);
  expect(description).toContain('is b, 75 % of all');
});

it('a histogram draws both sides over the whole width, and says its range', () => {
  const svg = histogramSvg('w <1>', { low: -1, high: 1, a: [1, 2, 0, 4], b: [1, 2, 1, 2] });
  expect(svg).toContain('<title>w &lt;1&gt;</title>');
  expect(svg).toContain(
    'd="M0 78L0.0 58.5L80.0 58.5L80.0 39.0L160.0 39.0L160.0 78.0L240.0 78.0L240.0 0.0L320.0 0.0L320 78Z"',
  );
  expect([...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1])).toEqual(['-1', '1']);
});

it('the areas of a treemap are the bytes', () => {
  const parts = [
    { name: 'big', bytes: 750, kind: 'i8' },
    { name: 'small', bytes: 250, kind: 'f32' },
    { name: 'nothing', bytes: 0, kind: 'f32' },
  ];
  const { svg, description } = byteTreemap(drawing, parts, 400);
  const areas = [...parsed(svg).querySelectorAll('rect')].map(
    (r) => Number(r.getAttribute('width')) * Number(r.getAttribute('height')),
  );
  expect(areas.length).toBe(2);
  expect(Math.max(...areas) / Math.min(...areas)).toBeGreaterThan(2.8);
  expect(description).toBe('big 75 %, small 25 %');
});
