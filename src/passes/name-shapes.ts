import type { Graph, Node, Value } from '../ir/graph.js';
import { knownElements } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { isReshapable, shapeOperand } from './shape-operand.js';

/**
 * Writes shapes down that a graph computes:
 *
 * 1. a RESHAPE to a computed shape with at most one unknown size gets a constant with -1 in that place; so a free batch
 *    size needs no SHAPE, STRIDED_SLICE and PACK, and runtimes that want constant shapes are content
 * 2. the same for BROADCAST_TO and FILL, whose shape must be known in full
 *
 * The operators that computed the shape go when nothing else reads them.
 */
export function nameShapes(): Pass {
  return definePass('name-shapes', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (nameShape(graph, node)) changes++;
    return changes;
  });
}

/** Which operand is the shape. */
const SHAPE_OPERAND: Readonly<Record<string, number>> = { RESHAPE: 1, BROADCAST_TO: 1, FILL: 0 };

function nameShape(graph: Graph, node: Node): boolean {
  const index = SHAPE_OPERAND[node.op];
  const operand = index === undefined ? undefined : node.inputs[index];
  if (index === undefined || !operand || operand.constant) return false;
  const shape = shapeFrom(operand, node);
  if (!shape || !isReshapable(shape) || (node.op !== 'RESHAPE' && shape.includes(-1))) return false;
  graph.setInput(node, index, shapeOperand(node.output.name, shape));
  node.output.shape ??= shape;
  return true;
}

/** The sizes as far as the operand's elements or the recorded type of the result tell. */
function shapeFrom(operand: Value, node: Node): number[] | undefined {
  const elements = knownElements(operand);
  const recorded = node.output.shape;
  if (!elements) return recorded && [...recorded];
  return elements.map((d, i) => (d === undefined || d < 0 ? (recorded?.[i] ?? -1) : d));
}
