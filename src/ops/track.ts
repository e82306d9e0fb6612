import type { Graph } from '../ir/graph.js';
import { knownValue } from './build.js';
import { findOp } from './registry.js';

/**
 * Fills in what is known of the elements of small integer tensors (the shapes that a graph computes), node by node: for
 * graphs that were read and not built with `addNode`. Operators that are not known here, or whose inputs do not fit,
 * tell nothing.
 */
export function trackElements(graph: Graph): void {
  for (const node of graph.nodes()) {
    const op = findOp(node.op);
    if (!op || node.outputs.every((v) => v.partial || v.dtype.startsWith('f'))) continue;
    const elements = attempt(() =>
      op.elements(
        node.inputs.map((v) => v && knownValue(v)),
        node.options,
      ),
    );
    for (const [i, value] of node.outputs.entries()) value.partial ??= elements?.[i];
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // wrong inputs are the verifier's to report
  }
}
