import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { affineOf } from './affine.js';
import { definePass, type Pass } from './define.js';
import { swapWithMove } from './hoist.js';
import { hasNoActivation, isPlainFloat, sameShape } from './match.js';
import { isFloatConstant, reshaped } from './weights.js';

const ARITHMETIC: ReadonlySet<string> = new Set(['ADD', 'SUB', 'MUL', 'DIV']);
const RESHAPES: ReadonlySet<string> = new Set(['RESHAPE', 'SQUEEZE', 'EXPAND_DIMS']);

/**
 * Moves arithmetic with a constant in front of a RESHAPE whose only reader it is, towards weights that can take it:
 *
 * 1. the constant is a scalar
 * 2. its shape is the tail of the shape before and after the RESHAPE
 * 3. the RESHAPE splits the channels of a node with weights, and the constant has one number for each channel
 */
export function hoistArithmetic(): Pass {
  return definePass('hoist-arithmetic', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) for (let at = hoist(graph, node); at; at = hoist(graph, at)) changes++;
    return changes;
  });
}

function hoist(graph: Graph, node: Node): Node | undefined {
  if (!ARITHMETIC.has(node.op) || !isPlainFloat(node.outputs[0])) return undefined;
  const [left, right] = node.inputs;
  const swaps = node.op === 'ADD' || node.op === 'MUL';
  for (const [moved, constant] of swaps
    ? [
        [left, right],
        [right, left],
      ]
    : [[left, right]]) {
    const move = moved?.producer;
    const before = move?.inputs[0];
    if (!move || !before || !RESHAPES.has(move.op) || !graph.hasOneUse(moved) || !isFloatConstant(constant)) continue;
    if (!sameShape(moved.shape, node.output.shape)) continue;
    const moving = constantBefore(graph, before, moved.shape, constant);
    if (moving) return swapWithMove(graph, move, node, [before, moving]);
  }
  return undefined;
}

/** The constant as it stands in front of the RESHAPE, or undefined when it cannot. */
function constantBefore(graph: Graph, before: Value, after: Shape | undefined, constant: Value): Value | undefined {
  const shape = constant.shape ?? [];
  if (shape.length === 0) return constant;
  if (!isTail(shape, after)) return undefined;
  if (isTail(shape, before.shape)) return constant;
  const affine = graph.hasOneUse(before) ? affineOf(before.producer) : undefined;
  if (!affine || !hasNoActivation(affine.node) || constant.constant?.count !== affine.channels) return undefined;
  return Value.constant(constant.name, reshaped(constant, [affine.channels]));
}

function isTail(tail: Shape, shape: Shape | undefined): boolean {
  const start = (shape?.length ?? 0) - tail.length;
  return shape !== undefined && start >= 0 && tail.every((d, i) => d === shape[start + i]);
}
