import type { Gate } from '../evaluate/compare/gates.js';
import { noisiest } from '../evaluate/compare/noisiest.js';
import type { Comparison, ConstantDifference, LayerDifference } from '../evaluate/compare/types.js';
import { decibelText, percentText } from '../numerics/number-text.js';
import { accountTextOfTwo } from './show-account.js';
import { bar, columns, formatBytes, formatNumber, styled } from './terminal.js';

/** Rows of a table unless all are asked for. */
const LISTED = 10;

const bold = (texts: readonly string[]): string[] => texts.map((t) => styled('bold', t));

/** The tables of a comparison. */
export function comparisonText(comparison: Comparison, gates: readonly Gate[], all: boolean): string[] {
  const { a, b, outputs, layers, constants, graph, unmatched, notes } = comparison;
  return [
    ...columns(
      [
        bold(['', 'bytes', 'nodes', 'weights']),
        ...[a, b].map((m) => [m.name, formatBytes(m.bytes), `${m.nodes}`, weightsText(m.weightBytes)]),
      ],
      [1, 2],
    ),
    `${b.name} has ${percentText(b.bytes / a.bytes)} of the bytes`,
    ...(all ? ['', ...accountTextOfTwo(a.account, b.account)] : []),
    '',
    ...columns(
      [
        bold(['output', 'SQNR', 'largest error', 'mean error', 'cosine', 'same top-1', 'KL']),
        ...outputs.map((o) => [
          o.name,
          decibelText(o.error.sqnrDb),
          formatNumber(o.error.maxAbs),
          formatNumber(o.error.meanAbs),
          o.error.cosine?.toFixed(6) ?? '',
          o.top1Agreement === null ? '' : percentText(o.top1Agreement),
          o.klDivergence === null ? '' : o.klDivergence.toPrecision(3),
        ]),
      ],
      [1, 2, 3, 4, 5, 6],
    ),
    ...outputs.flatMap((o) =>
      o.error.notFinite > 0 ? [`${o.name}: ${o.error.notFinite} elements are not finite on one side`] : [],
    ),
    `${comparison.samples} samples: ${comparison.data}`,
    ...layersText(layers, all),
    ...constantsText(constants, all),
    ...(graph.length > 0
      ? ['', 'operators that changed', ...graph.map((g) => `  ${g.op}: ${g.a} before, ${g.b} after`)]
      : []),
    ...(unmatched > 0 ? [`${unmatched} tensors have no counterpart`] : []),
    ...notes.map((note) => `note: ${note}`),
    ...(gates.length > 0 ? ['', ...gates.map(gateText)] : []),
  ];
}

export const gateText = ({ name, passed, text }: Gate): string =>
  `${passed ? styled('green', 'passed') : styled('red', 'FAILED')}  ${name}: ${text}`;

const weightsText = (bytes: Readonly<Record<string, number>>): string =>
  Object.entries(bytes)
    .sort(([, x], [, y]) => y - x)
    .map(([dtype, n]) => `${formatBytes(n)} ${dtype}`)
    .join(', ');

function layersText(layers: readonly LayerDifference[], all: boolean): string[] {
  const worst = noisiest(layers);
  const shown = all ? layers : worst.slice(0, LISTED);
  if (shown.length === 0) return layers.length > 0 ? ['', 'no node adds an error of its own'] : [];
  const rows = shown.map((l) => [
    l.op,
    l.name,
    decibelText(l.isolated?.sqnrDb),
    decibelText(l.accumulated.sqnrDb),
    percentText(l.share),
    bar(l.share, 12),
  ]);
  return [
    '',
    all ? 'nodes, in order' : 'where the error enters',
    ...columns([bold(['op', 'node', 'own SQNR', 'SQNR so far', 'share', '']), ...rows], [2, 3, 4]),
    ...(all || worst.length <= LISTED ? [] : [`… and ${worst.length - LISTED} more (--all)`]),
  ];
}

function constantsText(constants: readonly ConstantDifference[], all: boolean): string[] {
  const changed = constants.filter((c) => c.error.sqnrDb !== null || c.dtypeA !== c.dtypeB);
  const worst = changed.sort((x, y) => (x.error.sqnrDb ?? Infinity) - (y.error.sqnrDb ?? Infinity));
  if (worst.length === 0) return [];
  const rows = worst
    .slice(0, all ? undefined : LISTED)
    .map((c) => [
      c.name,
      `${c.dtypeA} → ${c.dtypeB}`,
      c.quantization,
      formatBytes(c.bytesA),
      formatBytes(c.bytesB),
      decibelText(c.error.sqnrDb),
      formatNumber(c.error.maxAbs),
    ]);
  return [
    '',
    `${worst.length} of ${constants.length} constants changed, worst first`,
    ...columns(
      [bold(['constant', 'type', 'scales', 'before', 'after', 'SQNR', 'largest error']), ...rows],
      [3, 4, 5, 6],
    ),
    ...(all || worst.length <= LISTED ? [] : [`… and ${worst.length - LISTED} more (--all)`]),
  ];
}
