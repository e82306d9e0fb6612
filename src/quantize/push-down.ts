import type { Graph, Node, Value } from '../ir/graph.js';
import { isFloat, type Shape } from '../ir/tensor.js';
import { addNode } from '../ops/build.js';
import { keepsScale } from '../ops/keeps-scale.js';

/**
 * Moves a DEQUANTIZE behind the operators that read it, one after another, as long as each
 *
 * 1. is the only reader, and has no other float input and one output;
 * 2. gives numbers of its input's quantization (GATHER, a slice, a maximum);
 * 3. gives fewer elements than it takes (unknown sizes count as 1): less to dequantize, and less memory.
 *
 * These operators then work on the integers. Only for one scale and integers.
 */
export function pushDown(graph: Graph, dequantize: Node): void {
  let node = dequantize;
  for (;;) {
    const moved = pushBehind(graph, node);
    if (!moved) return;
    node = moved;
  }
}

function pushBehind(graph: Graph, dequantize: Node): Node | undefined {
  const [integers] = dequantize.inputs;
  const value = dequantize.output;
  const [use] = value.uses;
  if (!integers || !use || !graph.hasOneUse(value)) return undefined;
  const { node, index } = use;
  if (integers.quantization?.scale.length !== 1 || !mayRunOnIntegers(node, value)) return undefined;
  graph.setInput(node, index, integers);
  graph.remove(dequantize);
  return dequantizeBehind(graph, node, integers);
}

function mayRunOnIntegers(node: Node, value: Value): boolean {
  const otherFloats = node.inputs.some((input) => input && input !== value && isFloat(input.dtype));
  return (
    keepsScale.has(node.op) && node.outputs.length === 1 && !otherFloats && smaller(node.output.shape, value.shape)
  );
}

function smaller(shape: Shape | undefined, than: Shape | undefined): boolean {
  const count = (s: Shape) => s.reduce((n, d) => n * (d < 0 ? 1 : d), 1);
  return shape !== undefined && than !== undefined && count(shape) < count(than);
}

/** Makes the output of a node integers like its input, and gives its readers the floats again. */
function dequantizeBehind(graph: Graph, node: Node, like: Value): Node | undefined {
  const output = node.output;
  const { name } = output;
  output.dtype = like.dtype;
  output.quantization = like.quantization;
  const [floats] = addNode(graph, node.next, { op: 'DEQUANTIZE', name: `${name}_dequantize`, inputs: [output] });
  const moved = floats?.producer;
  if (!floats || !moved) return undefined;
  graph.replaceUses(output, floats);
  graph.setInput(moved, 0, output);
  if (output.name !== name) output.name = `${name}_${like.dtype}`;
  return moved;
}
