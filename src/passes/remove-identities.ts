import type { Graph, Node, Value } from '../ir/graph.js';
import { isStatic } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import {
  hasNoActivation,
  integersOf,
  keepsShape,
  knownEqual,
  optionsOf,
  producerOf,
  sameShape,
  scalarOf,
} from './match.js';
import { activationOf } from './pattern.js';
import { replaceOrCopy } from './shape-operand.js';

/**
 * Removes nodes that give back one of their operands:
 *
 * 1. adding or subtracting 0, multiplying or dividing by 1, AND with true, OR with false, where nothing broadcasts
 * 2. RESHAPE, SQUEEZE, BROADCAST_TO, EXPAND_DIMS and resizing to the shape that is there
 * 3. TRANSPOSE that leaves the axes in order, CAST to the same type
 * 4. CONCATENATION, ADD_N of one operand, SPLIT into one part
 * 5. PAD by nothing, TILE by one, SLICE and STRIDED_SLICE of everything
 * 6. reductions over no axis, or that keep axes of size 1; pooling with windows of one element
 * 7. an operator that undoes itself (NEG, LOGICAL_NOT) twice, or one that has done its work (RELU, ABS, FLOOR, …)
 * 8. RELU and RELU6 of what is clamped so far already, by an operator or by a fused activation
 *
 * Where the result leaves the graph and the operand cannot take over its name (a graph input, another output), a RESHAPE
 * to the same shape remains, which only copies.
 */
export function removeIdentities(): Pass {
  return definePass('remove-identities', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (removeIdentity(graph, node)) changes++;
    return changes;
  });
}

function removeIdentity(graph: Graph, node: Node): boolean {
  const [output] = node.outputs;
  if (node.outputs.length !== 1 || !output || !hasNoActivation(node)) return false;
  const same = RULES[node.op]?.(node, output);
  return same !== undefined && replaceOrCopy(graph, node, same);
}

/** Gives the operand that the node gives back, if it does. */
type Rule = (node: Node, output: Value) => Value | undefined;

const neutral =
  (number: number, sides: readonly number[]): Rule =>
  (node) => {
    for (const side of sides) {
      const [constant, other] = [node.inputs[side], node.inputs[1 - side]];
      if (constant && other && scalarOf(constant) === number && keepsShape(constant.shape, other.shape)) return other;
    }
    return undefined;
  };

const sameSizes: Rule = ({ inputs: [x] }, output) => (x && knownEqual(x.shape, output.shape) ? x : undefined);
/** As {@link sameSizes}, for operators that may give an unknown size another value. */
const sameStatic: Rule = ({ inputs: [x] }, output) =>
  x && isStatic(x.shape) && sameShape(x.shape, output.shape) ? x : undefined;
const onlyInput: Rule = ({ inputs }) => (inputs.length === 1 ? inputs[0] : undefined);
const operandIsAll =
  (index: number, number: number): Rule =>
  ({ inputs }) =>
    integersOf(inputs[index])?.every((n) => n === number) ? inputs[0] : undefined;

const twice: Rule = (node) => producerOf(node.inputs[0], node.op)?.inputs[0];
const again: Rule = (node) => (producerOf(node.inputs[0], node.op) ? node.inputs[0] : undefined);

/** Of the result of one of these activations. */
const behind =
  (...activations: readonly string[]): Rule =>
  ({ inputs: [x] }) => {
    const before = x?.producer;
    if (!before) return undefined;
    const last = hasNoActivation(before) ? before.op : activationOf(before);
    return activations.includes(last) ? x : undefined;
  };

const reduction: Rule = (node, output) => {
  const [x] = node.inputs;
  const axes = integersOf(node.inputs[1]);
  if (!x?.shape || !axes || x.dtype !== output.dtype) return undefined;
  const { shape } = x;
  const isSingle = (axis: number) => shape[axis < 0 ? axis + shape.length : axis] === 1;
  return axes.length === 0 || (optionsOf(node).keepDims && axes.every(isSingle)) ? x : undefined;
};

const pooling: Rule = (node) => {
  const { filterHeight, filterWidth, strideH, strideW } = optionsOf(node);
  return [filterHeight, filterWidth, strideH, strideW].every((n) => n === 1) ? node.inputs[0] : undefined;
};

const slice: Rule = ({ inputs: [x, begin, size] }) => {
  const [from, count] = [integersOf(begin), integersOf(size)];
  if (!x || !from?.every((n) => n === 0) || !count) return undefined;
  return count.every((n, i) => n === -1 || n === x.shape?.[i]) ? x : undefined;
};

const stridedSlice: Rule = (node) => {
  const [x, ...operands] = node.inputs;
  const [begin, end, strides] = operands.map(integersOf);
  const { beginMask, endMask, newAxisMask, shrinkAxisMask, ellipsisMask, offset } = optionsOf(node);
  if (!x?.shape || !begin || !end || !strides?.every((n) => n === 1)) return undefined;
  if (newAxisMask || shrinkAxisMask || ellipsisMask || offset) return undefined;
  const { shape } = x;
  const isWhole = (i: number) => {
    const size = shape[i] ?? -1;
    const fromStart = begin[i] === 0 || ((beginMask as number) >> i) & 1;
    return fromStart && (((endMask as number) >> i) & 1 || (size >= 0 && (end[i] as number) >= size));
  };
  return begin.every((_, i) => isWhole(i)) ? x : undefined;
};

const RULES: Readonly<Record<string, Rule>> = {
  ADD: neutral(0, [1, 0]),
  SUB: neutral(0, [1]),
  MUL: neutral(1, [1, 0]),
  DIV: neutral(1, [1]),
  LOGICAL_AND: neutral(1, [1, 0]),
  LOGICAL_OR: neutral(0, [1, 0]),
  RESHAPE: sameSizes,
  SQUEEZE: sameSizes,
  EXPAND_DIMS: sameSizes,
  BROADCAST_TO: sameStatic,
  RESIZE_BILINEAR: sameStatic,
  RESIZE_NEAREST_NEIGHBOR: sameStatic,
  TRANSPOSE: ({ inputs: [x, permutation] }) => (integersOf(permutation)?.every((p, i) => p === i) ? x : undefined),
  CAST: ({ inputs: [x] }, output) => (x?.dtype === output.dtype ? x : undefined),
  CONCATENATION: onlyInput,
  ADD_N: onlyInput,
  SPLIT: ({ inputs: [, x] }) => x,
  SPLIT_V: ({ inputs: [x] }) => x,
  PAD: operandIsAll(1, 0),
  PADV2: operandIsAll(1, 0),
  MIRROR_PAD: operandIsAll(1, 0),
  TILE: operandIsAll(1, 1),
  SLICE: slice,
  STRIDED_SLICE: stridedSlice,
  ...Object.fromEntries(
    ['SUM', 'MEAN', 'REDUCE_MAX', 'REDUCE_MIN', 'REDUCE_PROD', 'REDUCE_ANY', 'REDUCE_ALL'].map((op) => [op, reduction]),
  ),
  AVERAGE_POOL_2D: pooling,
  MAX_POOL_2D: pooling,
  NEG: twice,
  LOGICAL_NOT: twice,
  RELU: behind('RELU', 'RELU6'),
  RELU6: behind('RELU6'),
  ...Object.fromEntries(['RELU_N1_TO_1', 'ABS', 'FLOOR', 'CEIL', 'ROUND', 'SIGN'].map((op) => [op, again])),
};
