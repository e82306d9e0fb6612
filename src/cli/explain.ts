import type { Decision, QuantizationReport } from '../quantize/report.js';
import { columns, formatBytes, styled } from './terminal.js';

/** `CONV_2D 'conv1' filter`: the first reader of a constant, and how many more there are. */
export function readerText({ consumers }: Decision): string {
  const [first] = consumers;
  if (!first) return 'graph output';
  const more = consumers.length > 1 ? ` and ${consumers.length - 1} more` : '';
  return `${first.op} ${first.argument ?? `input ${first.operand}`}${more}`;
}

/** The error of a constant: `38.2 dB`, or nothing when it is exact. */
export const errorText = (sqnrDb: number | null): string => (sqnrDb === null ? '' : `${sqnrDb.toFixed(1)} dB`);

/** One line for every constant: what was done, its bytes and error, and the reason. */
export function explanation({ decisions }: QuantizationReport): string {
  const head = ['constant', 'read by', 'what', 'before', 'after', 'SQNR', 'why'].map((t) => styled('bold', t));
  const rows = decisions.map((d) => [
    `${d.value} [${d.shape}]`,
    readerText(d),
    d.code === 'quantized' ? styled('green', d.action) : d.action,
    formatBytes(d.bytesBefore),
    formatBytes(d.bytesAfter),
    errorText(d.sqnrDb),
    d.reason,
  ]);
  return columns([head, ...rows], [3, 4, 5]).join('\n');
}
