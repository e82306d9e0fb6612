import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { sameQuantization } from './match.js';
import { canReplace, replaceNode, rewrite } from './replace.js';

/** True when a RESHAPE can name the shape: at most one size is unknown, and then no size is 0. */
export function isReshapable(shape: Shape | undefined): shape is Shape {
  if (!shape) return false;
  const unknown = shape.filter((d) => d < 0).length;
  return unknown === 0 || (unknown === 1 && !shape.includes(0));
}

/** The `i32` operand of a RESHAPE to that shape. */
export function shapeOperand(name: string, shape: Shape): Value {
  return Value.constant(`${name}/shape`, Constant.i32([...shape]));
}

/** Replaces a node by a RESHAPE of `input` to the shape of the node's output. False when the shape cannot be named. */
export function rewriteAsReshape(graph: Graph, node: Node, input: Value): boolean {
  const { name, shape } = node.output;
  if (!isReshapable(shape)) return false;
  return rewrite(graph, node, { op: 'RESHAPE', inputs: [input, shapeOperand(name, shape)] });
}

/**
 * Makes the readers of a node's only output read `value`, which has the same elements and shape. When it cannot take over
 * the output's name, a RESHAPE copies it. False when nothing changes.
 */
export function replaceOrCopy(graph: Graph, node: Node, value: Value): boolean {
  const { output } = node;
  if (canReplace(graph, output, value)) {
    replaceNode(graph, node, [value]);
    return true;
  }
  if (node.op === 'RESHAPE' || value.dtype !== output.dtype || value.constant) return false;
  return sameQuantization(value.quantization, output.quantization) && rewriteAsReshape(graph, node, value);
}
