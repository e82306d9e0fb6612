import type { Shape } from '../../src/ir/tensor.js';

export { bytesText } from '../../src/numerics/number-text.js';

/** Milliseconds for people. */
export const msText = (ms: number): string =>
  ms < 1 ? `${significant(ms * 1000)} µs` : ms < 1000 ? `${significant(ms)} ms` : `${significant(ms / 1000)} s`;

/** Three digits. */
export const significant = (x: number): string =>
  x >= 100 ? Math.round(x).toString() : x >= 10 ? x.toFixed(1) : x.toFixed(2);

/** `3.9`: how many times. */
export const timesText = (x: number): string => (x >= 10 ? x.toFixed(0) : x >= 1.95 ? x.toFixed(1) : x.toFixed(2));

/** A signal-to-noise ratio; null: nothing was lost. */
export const dbText = (db: number | null): string => (db === null ? 'exact' : `${db.toFixed(1)} dB`);

export const shapeText = (shape: Shape): string =>
  shape.length === 0 ? 'scalar' : shape.map((d) => (d < 0 ? '?' : d)).join('×');

/** `1,690,012`, with thin spaces. */
export const countText = (n: number): string => n.toString().replace(/\B(?=(\d{3})+$)/g, '\u2009');

/** How far the outputs are off, as a share of their size: `1.2 % off`. */
export function offText(db: number | null | undefined): string {
  if (db === undefined) return '';
  return db === null ? 'exact' : `${offPercent(db)} % off`;
}

/** The same share in percent, in as many digits as say something. */
export const offPercent = (db: number): string => {
  const percent = 100 * 10 ** (-db / 20);
  return percent >= 10
    ? percent.toFixed(0)
    : percent >= 0.095
      ? percent.toFixed(1)
      : percent >= 0.00095
        ? percent.toFixed(3)
        : '< 0.001';
};
