import type { QuantizationReport } from '../quantize/report.js';
import type { ConversionSummary, SignatureSummary } from '../report/summary.js';
import { bar, columns, formatBytes, styled } from './terminal.js';

const BAR_WIDTH = 40;
/** A scale (float32) and its zero point (int64), which the float form does not have. */
const SCALE_BYTES = 12;
/** As wide as the longest name of a technique. */
const LABEL_WIDTH = 11;
/** Operators listed in a summary; the others are counted. */
const LISTED = 8;

const shapeText = (shape: readonly number[] | null): string =>
  shape ? `[${shape.map((d) => (d < 0 ? '?' : d)).join(', ')}]` : '[…]';

/** `serving_default: image f32 [?, 28, 28, 1] → digit f32 [?, 10]`. */
export function signatureText({ key, inputs, outputs }: SignatureSummary): string {
  const side = (ports: SignatureSummary['inputs']) =>
    ports.map((p) => `${p.name} ${p.dtype} ${shapeText(p.shape)}`).join(', ');
  return `${styled('bold', key)}: ${side(inputs)} → ${side(outputs)}`;
}

/** `17 CONV_2D, 16 ELU, … and 3 other kinds`. */
export function operatorsText(operators: Readonly<Record<string, number>>): string {
  const all = Object.entries(operators);
  const listed = all.slice(0, LISTED).map(([op, n]) => `${n} ${op}`);
  const rest = all.length - listed.length;
  return listed.join(', ') + (rest > 0 ? ` and ${rest} other kind${rest > 1 ? 's' : ''}` : '');
}

/** How many constants were treated for which reason, with their bytes. */
function reasonLines({ decisions }: QuantizationReport): string[] {
  const groups = new Map<string, { count: number; before: number; after: number }>();
  for (const d of decisions) {
    const key = d.code === 'quantized' ? d.action : `kept: ${d.code.replaceAll('-', ' ')}`;
    const group = groups.get(key) ?? { count: 0, before: 0, after: 0 };
    groups.set(key, {
      count: group.count + 1,
      before: group.before + d.bytesBefore,
      after: group.after + d.bytesAfter,
    });
  }
  const rows = [...groups]
    .sort((a, b) => b[1].before - a[1].before)
    .map(([key, g]) => [`${g.count}`, key, formatBytes(g.before), '→', formatBytes(g.after)]);
  return columns(rows, [0, 2, 4]).map((line) => `  ${line}`);
}

const ratioText = (ratio: number): string => (ratio < 1.005 ? 'no smaller' : `${ratio.toFixed(2)} times smaller`);

/** The closing words of a conversion: sizes as bars, operators, what was done with the weights. */
export function closingSummary(summary: ConversionSummary): string {
  const { quantization, output, input } = summary;
  const { weightBytesBefore: before, weightBytesAfter: after } = quantization;
  const overhead = output.bytes - after;
  const scales = quantization.decisions.reduce((sum, d) => sum + d.scales, 0);
  const float = before + overhead - scales * SCALE_BYTES;
  const largest = Math.max(float, output.bytes);
  const lines = [
    '',
    `${styled('bold', output.name)}  from ${input.format} ${input.name} in ${summary.ms} ms`,
    ...summary.signatures.map((s) => `  ${signatureText(s)}`),
    `  ${operatorsText(summary.operators)}`,
    '',
    `  ${'float'.padEnd(LABEL_WIDTH)} ${styled('yellow', bar(float / largest, BAR_WIDTH))} ${formatBytes(float)}`,
  ];
  if (quantization.recipe.name !== 'none') {
    const label = (quantization.recipe.name ?? 'recipe').slice(0, LABEL_WIDTH).padEnd(LABEL_WIDTH);
    lines.push(
      `  ${label} ${styled('green', bar(output.bytes / largest, BAR_WIDTH))} ${formatBytes(output.bytes)}  (${ratioText(float / output.bytes)})`,
      '',
      '  constants',
      ...reasonLines(quantization),
    );
  }
  lines.push(
    '',
    `  ${formatBytes(after)} of weights, ${formatBytes(overhead)} of graph and scales: ${output.bytes} bytes in all`,
  );
  return lines.join('\n');
}
