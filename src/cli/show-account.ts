import type { ByteAccount } from '../formats/tflite/index.js';
import { percentText } from '../numerics/number-text.js';
import { bar, columns, styled } from './terminal.js';

const bold = (texts: readonly string[]): string[] => texts.map((t) => styled('bold', t));

const partsOf = ({ weights, ...sums }: ByteAccount): Readonly<Record<string, number>> => ({
  ...Object.fromEntries(Object.entries(weights).map(([dtype, n]) => [`weights ${dtype}`, n])),
  ...sums,
});

/** Where the bytes of a file are, part by part. */
export function accountText(account: ByteAccount): string[] {
  const parts = Object.entries(partsOf(account));
  const total = parts.reduce((sum, [, n]) => sum + n, 0);
  const rows = parts.map(([part, n]) => [part, `${n}`, percentText(n / total), bar(n / total, 30)]);
  return columns([bold(['bytes of', '', '', '']), ...rows, ['all', `${total}`]], [1, 2]);
}

/** Where the bytes of two files are, part by part. */
export function accountTextOfTwo(before: ByteAccount, after: ByteAccount): string[] {
  const [x, y] = [partsOf(before), partsOf(after)];
  const parts = [...new Set([...Object.keys(x), ...Object.keys(y)])];
  const rows = parts.map((part) => [part, `${x[part] ?? 0}`, `${y[part] ?? 0}`]);
  return columns([bold(['bytes of', 'before', 'after']), ...rows], [1, 2]);
}
