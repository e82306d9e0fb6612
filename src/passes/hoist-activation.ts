import type { Graph, Node } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { swapWithMove } from './hoist.js';
import { isPlainFloat } from './match.js';

const ACTIVATIONS: ReadonlySet<string> = new Set(['RELU', 'RELU6', 'RELU_N1_TO_1']);
/** Operators that move elements and leave them as they are. */
const MOVES: ReadonlySet<string> = new Set(['RESHAPE', 'TRANSPOSE', 'SQUEEZE', 'EXPAND_DIMS', 'DEPTH_TO_SPACE']);

/**
 * Moves a RELU, RELU6 or RELU_N1_TO_1 in front of a RESHAPE, TRANSPOSE, SQUEEZE, EXPAND_DIMS or DEPTH_TO_SPACE whose
 * only reader it is, towards the node that can take it as its fused activation.
 */
export function hoistActivation(): Pass {
  return definePass('hoist-activation', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) for (let at = hoist(graph, node); at; at = hoist(graph, at)) changes++;
    return changes;
  });
}

function hoist(graph: Graph, activation: Node): Node | undefined {
  const [moved] = activation.inputs;
  const move = moved?.producer;
  if (!move || !ACTIVATIONS.has(activation.op) || !MOVES.has(move.op)) return undefined;
  if (!graph.hasOneUse(moved) || !isPlainFloat(moved) || !isPlainFloat(activation.output)) return undefined;
  return swapWithMove(graph, move, activation, [move.inputs[0]]);
}
