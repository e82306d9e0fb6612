import type { Comparison, HistogramPair } from '../evaluate/compare/types.js';
import type { GraphNodeData } from '../report/graph-data.js';
import type { SubjectData } from '../report/report-data.js';

/** How the numbers of a tensor are spread, before and after. */
export interface Spread {
  /** `activations`, or the name of a constant. */
  readonly of: string;
  readonly pair: HistogramPair;
}

/** A node as the script of a report gets it. */
export interface ShownNode extends GraphNodeData {
  readonly spreads: readonly Spread[];
}

/** The nodes of a subject's graph, with what the comparison of that form knows of them. */
export function shownNodes({ graph, variants }: SubjectData): ShownNode[] {
  const comparison = variants.at(-1)?.comparison;
  return graph.nodes.map((node) => ({ ...node, spreads: comparison ? spreadsOf(node, comparison) : [] }));
}

function spreadsOf({ op, name, constants }: GraphNodeData, comparison: Comparison): Spread[] {
  const spread = (of: string, pair: HistogramPair | null | undefined) => (pair ? [{ of, pair: scaled(pair) }] : []);
  const layer = op === 'output' ? undefined : comparison.layers.find((l) => l.name === name);
  return [
    ...spread('activations', layer?.histogram),
    ...constants.flatMap((constant) =>
      spread(constant.name, comparison.constants.find((c) => c.name === constant.name)?.histogram),
    ),
  ];
}

/** Heights that a drawing can tell apart. */
const TALLEST = 500;

/** Counts as parts of the largest: short numbers, of which a report holds many. */
function scaled({ low, high, a, b }: HistogramPair): HistogramPair {
  const factor = TALLEST / Math.max(...a, ...b, 1);
  const shrink = (counts: readonly number[]) => counts.map((n) => Math.round(n * factor));
  return { low, high, a: shrink(a), b: shrink(b) };
}
