import * as Plot from '@observablehq/plot';
import { escapeXml } from './escape-xml.js';

/** What charts are drawn with: the document of a page, or one that makes texts. */
export interface Drawing {
  readonly document: object;
  readonly palette: Palette;
}

/** Colours by what they stand for. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly background: string;
  /** Of the model as it came, and of what became of it. */
  readonly series: readonly string[];
  readonly good: string;
  readonly bad: string;
}

/** Colours of a page that sets them, for light and dark, as CSS variables. */
export const pagePalette: Palette = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  background: 'var(--surface)',
  series: ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)', 'var(--series-5)'],
  good: 'var(--good)',
  bad: 'var(--bad)',
};

/** Colours that do without a page. */
export const plainPalette: Palette = {
  text: '#1c2430',
  muted: '#5b6675',
  line: '#d7dde5',
  background: '#ffffff',
  series: ['#9aa6b5', '#0b7a75', '#d9822b', '#5b5bd6', '#b83280'],
  good: '#0b7a4b',
  bad: '#b3261e',
};

/** A chart as the text of an SVG element, with a title and a description for those who cannot see it. */
export interface Chart {
  readonly title: string;
  readonly description: string;
  readonly svg: string;
}

/** As much of a document's element as is looked at. */
interface SvgElement {
  readonly tagName: string;
  readonly innerHTML: string;
  querySelector(selector: string): SvgElement | null;
}

const FONT = "'Inter', 'Segoe UI', 'DejaVu Sans', system-ui, sans-serif";

/**
 * Draws a plot. No style elements or attributes are left in it, so that pages whose policy forbids them can show it; it
 * scales with the place it is given.
 */
export function drawChart(
  { document, palette }: Drawing,
  title: string,
  description: string,
  options: Plot.PlotOptions & { readonly width: number; readonly height: number },
): Chart {
  const element = Plot.plot({ ...options, document, style: {} } as Plot.PlotOptions) as unknown as SvgElement;
  const svg = element.tagName.toLowerCase() === 'svg' ? element : (element.querySelector('svg') as SvgElement);
  const { width, height } = options;
  const body = svg.innerHTML.replace(/<style>[\s\S]*?<\/style>/g, '').replace(/\s(?:style|aria-[a-z]+)="[^"]*"/g, '');
  const head = `<title>${escapeXml(title)}</title><desc>${escapeXml(description)}</desc>`;
  const attributes = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`;
  const looks = `text-anchor="middle" font-size="12" font-family="${FONT}" fill="${palette.text}"`;
  return { title, description, svg: `<svg ${attributes} role="img" ${looks}>${head}${body}</svg>` };
}
