import { type Graph, type Node, Value } from '../ir/graph.js';
import { type Affine, affineOf, biasElements, biasOf, isPerChannel } from './affine.js';
import { definePass, type Pass } from './define.js';
import { fuseNode } from './fuse-node.js';
import { floatsOf, hasNoActivation, isPlainFloat } from './match.js';
import { activationOf } from './pattern.js';
import { isFloatConstant, scaleAlongAxis } from './weights.js';

type Combine = (a: number, b: number) => number;

/** What each operator does with `(result, constant)`; those that scale change the weights as well. */
interface Operator {
  /** How it scales the weights, if it does. */
  readonly scales?: 'MUL' | 'DIV';
  readonly combine: Combine;
}
const OPERATORS: Readonly<Record<string, Operator>> = {
  ADD: { combine: (a, b) => a + b },
  SUB: { combine: (a, b) => a - b },
  MUL: { scales: 'MUL', combine: (a, b) => a * b },
  DIV: { scales: 'DIV', combine: (a, b) => a / b },
};

/**
 * Folds arithmetic with constants after CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV or FULLY_CONNECTED into weights and
 * bias, when nothing else reads the result in between. The constant is a scalar or has one number for each channel.
 *
 * 1. ADD or SUB changes the bias: `b + c`
 * 2. MUL or DIV scales the weights of each output channel, and the bias: `w * c`, `b * c`
 *
 * So a convolution with batch normalization (lowered to a MUL and an ADD) becomes one convolution. The activation of the
 * folded node stays.
 */
export function foldArithmeticAfter(): Pass {
  return definePass('fold-arithmetic-after', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (foldInto(graph, node)) changes++;
    return changes;
  });
}

function foldInto(graph: Graph, node: Node): boolean {
  const operator = OPERATORS[node.op];
  if (!operator || !isPlainFloat(node.outputs[0])) return false;
  const [left, right] = node.inputs;
  const swaps = node.op === 'ADD' || node.op === 'MUL';
  for (const [result, constant] of swaps
    ? [
        [left, right],
        [right, left],
      ]
    : [[left, right]]) {
    const affine = result && graph.hasOneUse(result) ? affineOf(result.producer) : undefined;
    if (!affine || !hasNoActivation(affine.node)) continue;
    if (!isPerChannel(constant, affine.channels, affine.node.output.shape?.length)) continue;
    if (node.op === 'DIV' && floatsOf(constant)?.includes(0)) continue;
    if (operator.scales && !isFloatConstant(affine.weights)) continue;
    fold(graph, affine, node, constant, operator);
    return true;
  }
  return false;
}

function fold(graph: Graph, affine: Affine, last: Node, constant: Value, { scales, combine }: Operator): void {
  const { node, weights, outAxis } = affine;
  const numbers = () => constant.constant?.data() as Float32Array;
  const inputs: Record<number, Value> = {};
  if (scales) {
    const scaled = scaleAlongAxis(weights, outAxis, numbers, scales);
    inputs[affine.filter] = Value.constant(weights.name, scaled);
  }
  if (!scales || affine.offset)
    inputs[affine.bias] = biasOf(affine, constant.name, () => combined(affine, numbers(), combine));
  fuseNode(graph, node, last, { inputs, options: { fusedActivationFunction: activationOf(last) } });
}

const combined = (affine: Affine, numbers: Float32Array, combine: Combine): Float32Array =>
  biasElements(affine).map((b, i) => combine(b, numbers[numbers.length === 1 ? 0 : i] as number));
