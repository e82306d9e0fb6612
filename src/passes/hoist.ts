import type { Graph, Node, Options, Value } from '../ir/graph.js';
import { addNode } from '../ops/build.js';

/**
 * Swaps an element-wise node with the node that moves its input's elements: `node(move(x))` becomes `move(node(x))`.
 * `node` is the only reader of the moved value; `inputs` are its inputs with `x` (and what else changes) in place. The
 * move gives the node's output from now on. Returns the new element-wise node.
 */
export function swapWithMove(
  graph: Graph,
  move: Node,
  node: Node,
  inputs: readonly (Value | undefined)[],
  options: Options = node.options,
): Node | undefined {
  const [value] = addNode(graph, move, { op: node.op, name: move.output.name, inputs, options });
  graph.setInput(move, 0, value);
  graph.takeOutput(move, 0, node.output);
  graph.remove(node);
  if (value?.producer) value.producer.name = node.name;
  return value?.producer;
}
