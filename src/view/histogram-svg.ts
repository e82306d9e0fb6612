import type { HistogramPair } from '../evaluate/compare/types.js';
import { escapeXml } from './escape-xml.js';

const WIDTH = 320;
const HEIGHT = 96;
const FOOT = 18;

/** How the elements of a tensor are spread in both models, as SVG: the first filled, the second as a line. */
export function histogramSvg(title: string, { low, high, a, b }: HistogramPair): string {
  const top = Math.max(...a, ...b, 1);
  const step = WIDTH / a.length;
  const y = (count: number) => ((HEIGHT - FOOT) * (1 - count / top)).toFixed(1);
  const x = (i: number) => (i * step).toFixed(1);
  const line = (counts: readonly number[]) => counts.map((n, i) => `L${x(i)} ${y(n)}L${x(i + 1)} ${y(n)}`).join('');
  const base = HEIGHT - FOOT;
  const number = (value: number) => Number(value.toPrecision(3)).toString();
  return (
    `<svg class="histogram" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"><title>${escapeXml(title)}</title>` +
    `<path class="before" d="M0 ${base}${line(a)}L${WIDTH} ${base}Z"/><path class="after" d="M0 ${base}${line(b)}L${WIDTH} ${base}"/>` +
    `<text x="0" y="${HEIGHT - 4}">${number(low)}</text><text x="${WIDTH}" y="${HEIGHT - 4}" text-anchor="end">${number(high)}</text></svg>`
  );
}
