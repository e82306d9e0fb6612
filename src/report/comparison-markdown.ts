import type { Gate } from '../evaluate/compare/gates.js';
import type { Comparison, LayerDifference } from '../evaluate/compare/types.js';

/** Layers that a pull request is told of. */
const LISTED = 8;

const cell = (text: string): string => text.replace(/[\\|`<>*_[\]]/g, '\\$&').replace(/\s+/g, ' ');
const decibels = (db: number | null): string => (db === null ? 'equal' : `${db.toFixed(1)} dB`);
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
        decibels(error.sqnrDb),
        error.maxAbs.toPrecision(3),
        error.cosine?.toFixed(6) ?? '',
        top1Agreement === null ? '' : `${(100 * top1Agreement).toFixed(2)} %`,
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
  const worst = layers
    .filter((l) => l.share > 0)
    .sort((x, y) => y.share - x.share)
    .slice(0, LISTED);
  if (worst.length === 0) return [];
  return [
    '<details><summary>Where the error enters</summary>',
    '',
    row('node', 'operator', 'share', 'own SQNR', 'SQNR so far'),
    row('---', '---', '---:', '---:', '---:'),
    ...worst.map((l) =>
      row(
        cell(l.name),
        l.op,
        `${(100 * l.share).toFixed(1)} %`,
        decibels(l.isolated?.sqnrDb ?? null),
        decibels(l.accumulated.sqnrDb),
      ),
    ),
    '',
    '</details>',
    '',
  ];
}
