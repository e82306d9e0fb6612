import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { integersOf, scalarOf } from './match.js';

/** Lets TOPK_V2 look for as many elements as SLICEs of its results take, when nothing else reads them. */
export function shrinkTopK(): Pass {
  return definePass('shrink-top-k', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'TOPK_V2' && shrink(graph, node)) changes++;
    return changes;
  });
}

function shrink(graph: Graph, node: Node): boolean {
  const k = scalarOf(node.inputs[1]);
  if (k === undefined || node.outputs.some((v) => v.uses.length > 1 || graph.isOutput(v))) return false;
  const slices = node.outputs.flatMap((value) => value.uses.map((use) => use.node));
  const [first] = slices;
  const kept = first && leadingCount(first);
  if (kept === undefined || kept >= k || slices.some((s) => leadingCount(s) !== kept)) return false;
  graph.setInput(node, 1, Value.constant(`${node.output.name}/k`, Constant.i32(kept)));
  for (const value of node.outputs) {
    value.shape = value.shape && [...value.shape.slice(0, -1), kept];
    const slice = value.uses[0]?.node;
    if (!slice) continue;
    graph.replaceUses(slice.output, value);
    graph.remove(slice);
  }
  return true;
}

/** How many elements of the last axis a SLICE takes from the front, when it takes all of the other axes. */
function leadingCount(node: Node): number | undefined {
  const begin = node.op === 'SLICE' ? integersOf(node.inputs[1]) : undefined;
  const size = integersOf(node.inputs[2]);
  const shape = node.inputs[0]?.shape;
  if (!begin || !size || !shape || begin.some((b) => b !== 0)) return undefined;
  const last = shape.length - 1;
  if (!size.every((s, i) => i === last || s === -1 || s === shape[i])) return undefined;
  const count = size[last];
  return count !== undefined && count > 0 ? count : undefined;
}
