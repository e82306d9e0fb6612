import type { NodeProfile } from '../runtime/api.js';

/** Time and work of all nodes of one operator type. */
export interface OperatorTotal {
  readonly op: string;
  readonly nodes: number;
  readonly ms: number;
  readonly macs: number;
  readonly bytes: number;
}

/** Totals by operator type, the slowest first. */
export function totalsByOperator(profile: readonly NodeProfile[]): OperatorTotal[] {
  const totals = new Map<string, OperatorTotal>();
  for (const { op, ms, macs, bytes } of profile) {
    const t = totals.get(op) ?? { op, nodes: 0, ms: 0, macs: 0, bytes: 0 };
    totals.set(op, { op, nodes: t.nodes + 1, ms: t.ms + ms, macs: t.macs + macs, bytes: t.bytes + bytes });
  }
  return [...totals.values()].sort((a, b) => b.ms - a.ms || (a.op < b.op ? -1 : 1));
}

/** Billions of operations in a second, where a multiplication with an addition counts as two; null when nobody counted. */
export const gopsOf = ({ macs, ms }: { readonly macs: number; readonly ms: number }): number | null =>
  macs > 0 && ms > 0 ? (2 * macs) / (ms * 1e6) : null;
