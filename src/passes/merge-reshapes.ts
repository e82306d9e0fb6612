import type { Graph, Node } from '../ir/graph.js';
import { isStatic } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { integersOf, optionsOf, sameQuantization } from './match.js';
import { isReshapable, rewriteAsReshape } from './shape-operand.js';

/**
 * One RESHAPE where only the shape changes. The result may have one unknown size.
 *
 * 1. a RESHAPE, SQUEEZE or EXPAND_DIMS of another one becomes a RESHAPE of the first one's operand
 * 2. SQUEEZE becomes RESHAPE, and so does EXPAND_DIMS where all sizes are known; so do PACK of one value, UNPACK into
 *    one, and a reduction that drops axes of size 1
 */
export function mergeReshapes(): Pass {
  return definePass('merge-reshapes', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (mergeReshape(graph, node)) changes++;
    return changes;
  });
}

function mergeReshape(graph: Graph, node: Node): boolean {
  const [input] = node.inputs;
  if (!input || node.outputs.length !== 1 || !isReshapable(node.output.shape)) return false;
  if (!sameQuantization(input.quantization, node.output.quantization)) return false;
  const { producer } = input;
  const inner = MOVES.has(node.op) && producer && MOVES.has(producer.op) ? producer.inputs[0] : undefined; // case 1
  if (inner && sameQuantization(inner.quantization, input.quantization)) return rewriteAsReshape(graph, node, inner);
  return isOnlyReshape(node) && rewriteAsReshape(graph, node, input); // case 2
}

const MOVES: ReadonlySet<string> = new Set(['RESHAPE', 'SQUEEZE', 'EXPAND_DIMS']);

const REDUCTIONS: ReadonlySet<string> = new Set(['SUM', 'MEAN', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_PROD']);

function isOnlyReshape(node: Node): boolean {
  if (node.op === 'EXPAND_DIMS') return isStatic(node.output.shape);
  if (node.op === 'SQUEEZE' || node.op === 'UNPACK') return true;
  if (node.op === 'PACK') return node.inputs.length === 1;
  if (!REDUCTIONS.has(node.op) || optionsOf(node).keepDims) return false;
  const shape = node.inputs[0]?.shape;
  const axes = integersOf(node.inputs[1]);
  return axes?.every((axis) => shape?.[axis < 0 ? axis + shape.length : axis] === 1) ?? false;
}
