import { stderr } from 'node:process';
import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Text with a style when standard error is a terminal that shows colours; plain text otherwise. */
export function styled(style: Style, text: string): string {
  return stderr.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}

/** Writes a line for people: to standard error, so that standard output stays free for data. */
export function say(text = ''): void {
  stderr.write(`${text}\n`);
}

export { bytesText as formatBytes, msText as formatMs } from '../numerics/number-text.js';

/** A number for people, with five significant digits. */
export const formatNumber = (x: number): string =>
  Number.isInteger(x) && Math.abs(x) < 1e9 ? `${x}` : `${Number(x.toPrecision(5))}`;

/** A bar of `width` cells, filled to `fraction` (0..1) in eighths of a cell. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const part = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] as string;
  return `${'█'.repeat(eighths >> 3)}${part}`.padEnd(width);
}

const visibleLength = (text: string): number => stripVTControlCharacters(text).length;

/** Rows as aligned columns, two spaces apart. Columns named in `right` (by index) align to the right. */
export function columns(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visibleLength(cell));
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const gap = ' '.repeat((widths[i] as number) - visibleLength(cell));
        return right.includes(i) ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
