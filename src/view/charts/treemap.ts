import * as Plot from '@observablehq/plot';
import { type HierarchyRectangularNode, hierarchy, treemap } from 'd3-hierarchy';
import { type Chart, type Drawing, drawChart } from '../plot-svg.js';

/** A part of a file. */
export interface Part {
  readonly name: string;
  readonly bytes: number;
  /** What the colour says, such as the element type. */
  readonly kind: string;
}

/** Parts to draw one by one; what is smaller is one part together. */
const MOST = 60;
const HEIGHT = 300;

/** Where the bytes of a file are: the area of a part is its size. */
export function byteTreemap(drawing: Drawing, parts: readonly Part[], width = 1040): Chart {
  const { palette } = drawing;
  const sorted = parts.filter((p) => p.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const rest = sorted.slice(MOST).reduce((sum, p) => sum + p.bytes, 0);
  const shown = [...sorted.slice(0, MOST), ...(rest > 0 ? [{ name: 'smaller ones', bytes: rest, kind: 'other' }] : [])];
  const kinds = [...new Set(shown.map((p) => p.kind))];
  const root = hierarchy<{ children?: Part[] } | Part>({ children: shown }).sum((d) => ('bytes' in d ? d.bytes : 0));
  const leaves = treemap<{ children?: Part[] } | Part>()
    .size([width, HEIGHT])
    .paddingInner(2)
    .round(true)(root)
    .leaves();
  const cells = leaves.map((leaf: HierarchyRectangularNode<{ children?: Part[] } | Part>) => {
    const part = leaf.data as Part;
    const [w, h] = [leaf.x1 - leaf.x0, leaf.y1 - leaf.y0];
    const most = Math.floor((w - 10) / 6.4);
    const label = w > 44 && h > 20 ? cut(part.name, most) : '';
    return {
      ...part,
      x1: leaf.x0,
      x2: leaf.x1,
      y1: leaf.y0,
      y2: leaf.y1,
      label,
      tip: `${part.name}: ${part.bytes} bytes`,
    };
  });
  const total = sorted.reduce((sum, p) => sum + p.bytes, 0);
  const described = sorted.slice(0, 5).map((p) => `${p.name} ${((100 * p.bytes) / total).toFixed(0)} %`);
  return drawChart(drawing, 'Where the bytes are', described.join(', '), {
    width,
    height: HEIGHT,
    margin: 0,
    x: { axis: null, domain: [0, width], range: [0, width] },
    y: { axis: null, domain: [0, HEIGHT], range: [0, HEIGHT] },
    color: { domain: kinds, range: kinds.map((_, i) => palette.series[(i + 1) % palette.series.length] as string) },
    marks: [
      Plot.rect(cells, {
        x1: 'x1',
        x2: 'x2',
        y1: 'y1',
        y2: 'y2',
        fill: 'kind',
        fillOpacity: 0.88,
        rx: 3,
        title: 'tip',
      } as object),
      Plot.text(cells, {
        x: (c: (typeof cells)[number]) => c.x1 + 6,
        y: (c: (typeof cells)[number]) => c.y1 + 13,
        text: 'label',
        textAnchor: 'start',
        fontSize: 11,
        fill: palette.background,
      }),
    ],
  });
}

/** The end of a name says more than its beginning. */
const cut = (name: string, most: number): string =>
  name.length <= most ? name : most < 4 ? '' : `…${name.slice(name.length - most + 1)}`;
