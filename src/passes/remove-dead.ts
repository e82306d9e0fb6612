import type { Graph, Node } from '../ir/graph.js';
import { findOp } from '../ops/registry.js';
import { definePass, type Pass } from './define.js';

/** Removes nodes whose results nothing reads, unless running them has an effect or nothing is known of their operator. */
export function removeDead(): Pass {
  return definePass('remove-dead', (graph) => {
    let changes = 0;
    for (const node of [...graph.nodes()].reverse()) {
      if (!isDead(graph, node)) continue;
      graph.remove(node);
      changes++;
    }
    return changes;
  });
}

function isDead(graph: Graph, node: Node): boolean {
  const op = findOp(node.op);
  if (!op || op.impure || node.inputs.some((v) => v?.isVariable)) return false;
  return node.outputs.every((v) => v.uses.length === 0 && !graph.isOutput(v));
}
