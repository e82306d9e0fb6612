import type { Graph, Node } from '../ir/graph.js';
import { foldNode } from '../ops/build.js';
import { definePass, type Pass } from './define.js';

/** Constants stay in these forms on purpose: they are how a file stores them. */
const STORAGE: ReadonlySet<string> = new Set(['DEQUANTIZE', 'DENSIFY', 'QUANTIZE']);

/**
 * Computes what can be known before the model runs: nodes that read only constants, and shape arithmetic whose result is
 * known. Results that would make the model much larger stay computed. A node whose result leaves the graph stays, its
 * other readers get the constant.
 */
export function foldConstants(): Pass {
  return definePass('fold-constants', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (fold(graph, node)) changes++;
    return changes;
  });
}

function fold(graph: Graph, node: Node): boolean {
  if (STORAGE.has(node.op) || node.outputs.some((v) => v.quantization || v.isVariable)) return false;
  if (node.outputs.every((v) => v.uses.length === 0)) return false;
  // Of other results than integers nothing is known before they are computed.
  const mayBeKnown = node.outputs.every((v) => v.dtype === 'i32' || v.dtype === 'i64');
  if (!mayBeKnown && node.inputs.some((v) => v && !v.constant)) return false;
  const name = node.outputs[0]?.name ?? node.name;
  const constants = foldNode({ op: node.op, name, inputs: node.inputs, options: node.options });
  if (!constants) return false;
  for (const [i, value] of node.outputs.entries()) {
    const constant = constants[i];
    if (!constant) continue;
    constant.name = value.name;
    for (const use of [...value.uses]) graph.setInput(use.node, use.index, constant);
  }
  if (!node.outputs.some((v) => graph.isOutput(v))) graph.remove(node);
  return true;
}
