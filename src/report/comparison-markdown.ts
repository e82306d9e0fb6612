import type { Gate } from '../evaluate/compare/gates.js';
import { noisiest } from '../evaluate/compare/noisiest.js';
import type { Comparison, LayerDifference } from '../evaluate/compare/types.js';
import { decibelText, percentText } from '../numerics/number-text.js';

/** Layers that a pull request is told of. */
const LISTED = 8;

const cell = (text: string): string => text.replace(/[\\|`<>*_[\]]/g, '\\$&').replace(/\s+/g, ' ');
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** A comparison as Markdown, for a pull request. */
export function comparisonMarkdown(comparison: Comparison, gates: readonly Gate[]): string {
  const { a, b, outputs, layers, samples, data } = comparison;
  const failed = gates.filter((g) => !g.passed).length;
  const verdict = gates.length === 0 ? '' : failed === 0 ? ' ✅' : ` ❌ ${failed} of ${gates.length} checks failed`;
  const percent = ((100 * b.bytes) / a.bytes).toFixed(1);
  return [
    `### ${cell(b.name)} against ${cell(a.name)}${verdict}`,
    '',
    row('', 'before', 'after'),
    row('---', '---:', '---:'),
    row('bytes', `${a.bytes}`, `${b.bytes} (${percent} %)`),
    row('nodes', `${a.nodes}`, `${b.nodes}`),
    '',
    row('output', 'SQNR', 'largest error', 'cosine', 'same top-1', 'KL divergence'),
    row('---', '---:', '---:', '---:', '---:', '---:'),
    ...outputs.map(({ name, error, top1Agreement, klDivergence }) =>
      row(
        cell(name),
        decibelText(error.sqnrDb),
        error.maxAbs.toPrecision(3),
        error.cosine?.toFixed(6) ?? '',
        top1Agreement === null ? '' : percentText(top1Agreement, 2),
        klDivergence?.toPrecision(3) ?? '',
      ),
    ),
    '',
    ...(gates.length > 0
      ? [
          row('check', '', ''),
          row('---', '---', '---'),
          ...gates.map((g) => row(cell(g.name), g.passed ? '✅' : '❌', cell(g.text))),
          '',
        ]
      : []),
    ...layerTable(layers),
    `${samples} samples; ${cell(data)}.`,
    '',
  ].join('\n');
}

function layerTable(layers: readonly LayerDifference[]): string[] {
  const worst = noisiest(layers).slice(0, LISTED);
  if (worst.length === 0) return [];
  return [
    '<details><summary>Where the error enters</summary>',
    '',
    row('node', 'operator', 'share', 'own SQNR', 'SQNR so far'),
    row('---', '---', '---:', '---:', '---:'),
    ...worst.map((l) =>
      row(cell(l.name), l.op, percentText(l.share), decibelText(l.isolated?.sqnrDb), decibelText(l.accumulated.sqnrDb)),
    ),
    '',
    '</details>',
    '',
  ];
}
