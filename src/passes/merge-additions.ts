import type { Graph, Node, Value } from '../ir/graph.js';
import { emit } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { constantOf, hasNoActivation, isPlainFloat, sameShape } from './match.js';
import { removeUnused } from './rules.js';

/** Merges two ADDs of constants: `(x + a) + b` becomes `x + (a + b)` when nothing else reads `x + a`. */
export function mergeAdditions(): Pass {
  return definePass('merge-additions', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) while (merge(graph, node)) changes++;
    return changes;
  });
}

function merge(graph: Graph, node: Node): boolean {
  const outer = addition(node);
  const inner = outer && addition(outer.value.producer);
  if (!outer || !inner || !graph.hasOneUse(outer.value) || !hasNoActivation(inner.node)) return false;
  const [a, b] = [inner.constant, outer.constant];
  if (!sameShape(a.shape, b.shape) && a.shape?.length !== 0 && b.shape?.length !== 0) return false;
  const [sum] = emit(graph, node, { op: 'ADD', name: b.name, inputs: [a, b] });
  if (!sum?.constant) return false;
  graph.setInput(node, 0, inner.value);
  graph.setInput(node, 1, sum);
  removeUnused(graph, [inner.node]);
  return true;
}

interface Addition {
  readonly node: Node;
  readonly value: Value;
  readonly constant: Value;
}

/** A float ADD of a value and a constant that does not widen it. */
function addition(node: Node | undefined): Addition | undefined {
  if (node?.op !== 'ADD' || !isPlainFloat(node.output)) return undefined;
  const [left, right] = node.inputs;
  const [value, constant] = constantOf(right) ? [left, right] : [right, left];
  if (!value || value.constant || !constant || !constantOf(constant)) return undefined;
  return sameShape(value.shape, node.output.shape) ? { node, value, constant } : undefined;
}
