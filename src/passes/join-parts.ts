import type { Graph, Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { hasNoActivation, optionsOf, sameShape } from './match.js';
import { canReplace, replaceNode } from './replace.js';
import { replaceOrCopy, rewriteAsReshape } from './shape-operand.js';

/**
 * Values that are taken apart and put together again:
 *
 * 1. PACK of all parts of an UNPACK along the same axis is the UNPACK's operand
 * 2. CONCATENATION of all parts of a SPLIT or SPLIT_V along the same axis is its operand
 * 3. CONCATENATION of all parts of an UNPACK along the same axis is a RESHAPE of its operand
 * 4. the parts of an UNPACK of a PACK along the same axis are the PACK's operands
 */
export function joinParts(): Pass {
  return definePass('join-parts', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (joinAt(graph, node)) changes++;
    return changes;
  });
}

function joinAt(graph: Graph, node: Node): boolean {
  if (node.op === 'PACK') return join(graph, node, 'UNPACK');
  if (node.op === 'CONCATENATION' && hasNoActivation(node))
    return join(graph, node, 'SPLIT') || join(graph, node, 'SPLIT_V') || join(graph, node, 'UNPACK');
  return node.op === 'UNPACK' && separate(graph, node);
}

function join(graph: Graph, node: Node, op: string): boolean {
  const parts = node.inputs[0]?.producer;
  if (parts?.op !== op || !isAllOf(node.inputs, parts)) return false;
  const whole = parts.inputs[op === 'SPLIT' ? 1 : 0];
  const axis = axisOf(node, node.output);
  if (!whole || axis === undefined || axis !== partAxis(parts, whole)) return false;
  if (node.op === 'CONCATENATION' && op === 'UNPACK') return rewriteAsReshape(graph, node, whole);
  return replaceOrCopy(graph, node, whole);
}

function isAllOf(inputs: readonly (Value | undefined)[], parts: Node): boolean {
  return inputs.length === parts.outputs.length && inputs.every((v, i) => v === parts.outputs[i]);
}

/** The axis option of a node, counted from the front of `value`. */
function axisOf(node: Node, value: Value): number | undefined {
  const { axis } = optionsOf(node);
  if (typeof axis !== 'number' || !value.shape) return undefined;
  return axis < 0 ? axis + value.shape.length : axis;
}

/** The axis along which the parts lie in the whole: where its size differs, for the splits, which read it as an operand. */
function partAxis(parts: Node, whole: Value): number | undefined {
  if (parts.op === 'UNPACK') return axisOf(parts, whole);
  const axis = parts.inputs[parts.op === 'SPLIT' ? 0 : 2]?.constant?.numbers()[0];
  return axis === undefined || axis >= 0 ? axis : axis + (whole.shape?.length ?? Number.NaN);
}

function separate(graph: Graph, node: Node): boolean {
  const packed = node.inputs[0];
  const pack = packed?.producer; // case 4
  if (!packed || pack?.op !== 'PACK' || pack.inputs.length !== node.outputs.length) return false;
  if (axisOf(pack, packed) !== axisOf(node, packed)) return false;
  const parts = pack.inputs as Value[];
  if (!node.outputs.every((from, i) => canReplaceAll(graph, from, parts[i], node, parts))) return false;
  replaceNode(graph, node, parts);
  return true;
}

/** As {@link canReplace}, for several outputs at once: two that leave the graph cannot become the same value. */
function canReplaceAll(graph: Graph, from: Value, to: Value | undefined, node: Node, parts: readonly Value[]): boolean {
  if (!to || !canReplace(graph, from, to)) return false;
  if (from.shape && to.shape && !sameShape(from.shape, to.shape)) return false;
  return node.outputs.every((v, i) => v === from || parts[i] !== to || !graph.isOutput(v) || !graph.isOutput(from));
}
