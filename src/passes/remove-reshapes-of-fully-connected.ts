import type { Graph, Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { isPlainFloat } from './match.js';
import { removeUnused } from './rules.js';

/**
 * Removes a RESHAPE around FULLY_CONNECTED, which works on the last axis whatever axes are in front:
 *
 * 1. in front: one that leaves the last axis as it is, when the result has the axes `[rows, units]` anyway
 * 2. behind: one that gives back all axes of the input but the last; the node keeps the axes itself (`keepNumDims`)
 *
 * Shapes may have one unknown size: the number of elements then says that it is the same before and after. So a dense
 * layer on a sequence, which comes as the computation of a shape and two RESHAPEs, becomes one node.
 */
export function removeReshapesOfFullyConnected(): Pass {
  return definePass('remove-reshapes-of-fully-connected', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) {
      if (node.op !== 'FULLY_CONNECTED' || !isPlainFloat(node.outputs[0])) continue;
      const source = reshapeInFront(node);
      const last = reshapeBehind(graph, node, source ?? node.inputs[0]);
      const behind = last !== undefined;
      if (!behind && !(source && node.options.keepNumDims !== true)) continue;
      if (source) bypass(graph, node, source);
      if (last) {
        graph.takeOutput(node, 0, last.output);
        node.options = { ...node.options, keepNumDims: true };
        graph.remove(last);
      }
      changes++;
    }
    return changes;
  });
}

/** The value in front of a RESHAPE that leaves the last axis, which is the one the weights need. */
function reshapeInFront(node: Node): Value | undefined {
  const reshape = node.inputs[0]?.producer;
  const before = reshape?.op === 'RESHAPE' ? reshape.inputs[0] : undefined;
  const channels = node.inputs[1]?.shape?.[1] ?? -1;
  const rank = before?.shape?.length ?? 0;
  return rank >= 2 && channels >= 0 && before?.shape?.at(-1) === channels ? before : undefined;
}

function bypass(graph: Graph, node: Node, source: Value): void {
  const reshape = node.inputs[0]?.producer;
  graph.setInput(node, 0, source);
  removeUnused(graph, [reshape]);
}

/** The only reader of the node, when it is a RESHAPE to the axes of `source` with the units at the end. */
function reshapeBehind(graph: Graph, node: Node, source: Value | undefined): Node | undefined {
  const reader = graph.hasOneUse(node.output) ? node.output.uses[0]?.node : undefined;
  if (reader?.op !== 'RESHAPE' || reader.inputs[0] !== node.output) return undefined;
  const units = node.inputs[1]?.shape?.[0] ?? -1;
  const wanted: Shape | undefined = source?.shape && [...source.shape.slice(0, -1), units];
  const given = reader.output.shape;
  if (!source || !wanted || !given || wanted.length !== given.length || units < 0) return undefined;
  if (source.shape?.at(-1) !== node.inputs[1]?.shape?.[1]) return undefined;
  const isSame = wanted.every((size, i) => size === given[i]);
  return isSame && wanted.filter((size) => size < 0).length <= 1 ? reader : undefined;
}
