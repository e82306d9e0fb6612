import type { Graph, Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { isPlainFloat, optionsOf, producerOf } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';

/** Takes a NEG into what adds or subtracts it: `x + -y` becomes `x - y`, and `x - -y` becomes `x + y`. */
export function absorbNegation(): Pass {
  return definePass('absorb-negation', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if ((node.op === 'ADD' || node.op === 'SUB') && absorb(graph, node)) changes++;
    return changes;
  });
}

function absorb(graph: Graph, node: Node): boolean {
  const [left, right] = node.inputs;
  if (!left || !right || !isPlainFloat(node.output)) return false;
  const behind = producerOf(right, 'NEG');
  const inFront = node.op === 'ADD' ? producerOf(left, 'NEG') : undefined;
  const negation = behind ?? inFront;
  const [negated] = negation?.inputs ?? [];
  if (!negated) return false;
  const inputs: Value[] = [behind ? left : right, negated];
  const { fusedActivationFunction } = optionsOf(node);
  const isDone = rewrite(graph, node, {
    op: node.op === 'ADD' ? 'SUB' : 'ADD',
    inputs,
    options: { fusedActivationFunction },
  });
  if (isDone) removeUnused(graph, [negation]);
  return isDone;
}
