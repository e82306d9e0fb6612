import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { isStatic } from '../ir/tensor.js';
import { emit } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';
import { isFloatConstant, reshaped } from './weights.js';

/**
 * Brings products of matrices to the operator that has the fastest kernel for them:
 *
 * 1. BATCH_MATMUL with a constant matrix on the right becomes FULLY_CONNECTED that keeps the axes of its input
 * 2. BATCH_MATMUL of a TRANSPOSE that swaps the last two axes takes it in as `adjX` or `adjY`
 * 3. FULLY_CONNECTED whose weights are a TRANSPOSE of a computed matrix becomes BATCH_MATMUL
 * 4. FULLY_CONNECTED that keeps axes and has one input channel becomes a MUL with its weights, unless a bias follows
 */
export function recognizeFullyConnected(): Pass {
  return definePass('recognize-fully-connected', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) {
      if (!isPlainFloat(node.outputs[0])) continue;
      if (node.op === 'BATCH_MATMUL' && (constantRight(graph, node) || takeTranspose(graph, node))) changes++;
      if (node.op === 'FULLY_CONNECTED' && (computedWeights(graph, node) || outerProduct(graph, node))) changes++;
    }
    return changes;
  });
}

/** Case 1. The weights are stored with the output channels first; a transposed left side is transposed in front. */
function constantRight(graph: Graph, node: Node): boolean {
  const [left, right] = node.inputs;
  if (!left || !isFloatConstant(right) || right.shape?.length !== 2 || !left.shape || left.constant) return false;
  const { adjX, adjY } = node.options;
  const input = adjX ? transposed(graph, node, left, `${node.output.name}/left`) : left;
  const weights = adjY ? right : transposed(graph, node, right, right.name);
  return rewrite(graph, node, {
    op: 'FULLY_CONNECTED',
    inputs: [input, weights, undefined],
    options: { keepNumDims: true },
  });
}

/** Transposed constants, so that nodes which share weights go on sharing them. */
const transposes = new WeakMap<Constant, Constant>();

function transposed(graph: Graph, before: Node, value: Value, name: string): Value {
  const known = value.constant && transposes.get(value.constant);
  if (known) return Value.constant(name, known);
  const rank = value.shape?.length ?? 2;
  const axes = Array.from({ length: rank }, (_, i) => i);
  axes.splice(rank - 2, 2, rank - 1, rank - 2);
  const permutation = Value.constant(`${name}/permutation`, Constant.i32(axes));
  const [made] = emit(graph, before, { op: 'TRANSPOSE', name, inputs: [value, permutation] });
  if (value.constant && made?.constant) transposes.set(value.constant, made.constant);
  return made as Value;
}

/** Case 2. */
function takeTranspose(graph: Graph, node: Node): boolean {
  for (const [index, option] of [
    [0, 'adjX'],
    [1, 'adjY'],
  ] as const) {
    const value = node.inputs[index];
    const transpose = value?.producer;
    if (!transpose || !graph.hasOneUse(value) || !swapsLastTwo(transpose)) continue;
    graph.setInput(node, index, transpose.inputs[0]);
    node.options = { ...node.options, [option]: node.options[option] !== true };
    removeUnused(graph, [transpose]);
    takeTranspose(graph, node);
    return true;
  }
  return false;
}

function swapsLastTwo(node: Node): boolean {
  const axes = node.op === 'TRANSPOSE' ? integersOf(node.inputs[1]) : undefined;
  if (!axes || axes.length < 2) return false;
  const rank = axes.length;
  return axes.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** Case 3. */
function computedWeights(graph: Graph, node: Node): boolean {
  const [input, weights, bias] = node.inputs;
  const transpose = weights?.producer;
  const matrix = transpose?.inputs[0];
  if (!transpose || !matrix || bias || !graph.hasOneUse(weights) || !swapsLastTwo(transpose)) return false;
  if (input?.shape?.length !== 2 || input.constant || node.options.fusedActivationFunction !== 'NONE') return false;
  if (!rewrite(graph, node, { op: 'BATCH_MATMUL', inputs: [input, matrix] })) return false;
  removeUnused(graph, [transpose]);
  return true;
}

/** Case 4. `[…, 1] x [1, N]` repeats and scales each element. */
function outerProduct(graph: Graph, node: Node): boolean {
  const [input, weights, bias] = node.inputs;
  if (!isFloatConstant(weights) || bias || node.options.keepNumDims !== true || input?.shape?.at(-1) !== 1)
    return false;
  if (graph.hasOneUse(node.output) && /^(ADD|SUB)$/.test(node.output.uses[0]?.node.op ?? '')) return false;
  const [units, channels] = weights.shape ?? [];
  if (channels !== 1 || !isStatic(weights.shape)) return false;
  const vector = Value.constant(weights.name, reshaped(weights, [units as number]));
  const { fusedActivationFunction } = node.options;
  return rewrite(graph, node, { op: 'MUL', inputs: [input, vector], options: { fusedActivationFunction } });
}
