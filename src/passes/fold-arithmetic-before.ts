import { type Graph, type Node, Value } from '../ir/graph.js';
import { elementCount } from '../ir/tensor.js';
import { type Affine, affineOf, biasElements, biasOf, isPerChannel } from './affine.js';
import { definePass, type Pass } from './define.js';
import { floatsOf, hasNoActivation, isPlainFloat, sameShape } from './match.js';
import { removeUnused } from './rules.js';
import { isFloatConstant, scaleAlongAxis } from './weights.js';

const FOLLOWING: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D', 'FULLY_CONNECTED']);
const BEFORE: ReadonlySet<string> = new Set(['ADD', 'SUB', 'MUL', 'DIV']);

/**
 * Folds arithmetic with constants in front of CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED into weights and bias, when
 * nothing else reads the result in between. The constant is a scalar or has one number for each input channel.
 *
 * 1. MUL or DIV scales the weights of each input channel
 * 2. ADD or SUB of `c` adds `sum(c * w)` to the bias, unless there is padding: padded cells must stay zero
 */
export function foldArithmeticBefore(): Pass {
  return definePass('fold-arithmetic-before', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) while (foldBefore(graph, node)) changes++;
    return changes;
  });
}

function foldBefore(graph: Graph, node: Node): boolean {
  const affine = FOLLOWING.has(node.op) ? affineOf(node) : undefined;
  const value = affine && node.inputs[affine.input];
  const before = value?.producer;
  if (!affine || !before || !BEFORE.has(before.op) || !graph.hasOneUse(value)) return false;
  if (!hasNoActivation(before) || !isPlainFloat(value) || !isFloatConstant(affine.weights)) return false;
  const scale = before.op === 'MUL' || before.op === 'DIV' ? before.op : undefined;
  if (!scale && node.op !== 'FULLY_CONNECTED' && node.options.padding !== 'VALID') return false;
  const [left, right] = before.inputs;
  const swaps = before.op === 'ADD' || before.op === 'MUL';
  for (const [input, constant] of swaps
    ? [
        [left, right],
        [right, left],
      ]
    : [[left, right]]) {
    if (!input || input.constant || !sameShape(input.shape, value.shape)) continue;
    if (!isPerChannel(constant, inputChannels(affine, value), value.shape?.length)) continue;
    if (before.op === 'DIV' && floatsOf(constant)?.includes(0)) continue;
    if (scale) graph.setInput(node, affine.filter, scaledWeights(affine, constant, scale));
    else graph.setInput(node, affine.bias, movedBias(affine, constant, before.op));
    graph.setInput(node, affine.input, input);
    removeUnused(graph, [before]);
    return true;
  }
  return false;
}

/** Input channels that a constant may have one number for; 1 where channels and weights do not correspond. */
function inputChannels({ node, weights, inAxis }: Affine, input: Value): number {
  const channels = input.shape?.at(-1) ?? -1;
  if (node.op === 'DEPTHWISE_CONV_2D') return channels > 0 ? channels : 1;
  return channels === weights.shape?.[inAxis] ? channels : 1;
}

/** One number for each index of the filter's input axis (or one for all); a depthwise filter repeats each. */
function numbersOf({ node, channels }: Affine, constant: Value): Float32Array {
  const numbers = constant.constant?.data() as Float32Array;
  if (node.op !== 'DEPTHWISE_CONV_2D' || numbers.length === 1) return numbers;
  const multiplier = channels / numbers.length;
  return new Float32Array(channels).map((_, i) => numbers[Math.floor(i / multiplier)] as number);
}

function scaledWeights(affine: Affine, constant: Value, op: 'MUL' | 'DIV'): Value {
  const { weights, inAxis } = affine;
  const numbers = () => numbersOf(affine, constant);
  return Value.constant(weights.name, scaleAlongAxis(weights, inAxis, numbers, op));
}

/** `bias ± sum(c * w)` for each output channel, summed in f32 in the order of the weights. */
function movedBias(affine: Affine, constant: Value, op: string): Value {
  return biasOf(affine, constant.name, () => {
    const { weights, outAxis, inAxis, channels } = affine;
    const shape = weights.constant?.shape ?? [];
    const elements = weights.constant?.data() as Float32Array;
    const numbers = numbersOf(affine, constant);
    const sums = new Float32Array(channels);
    const outStep = elementCount(shape.slice(outAxis + 1));
    const inStep = elementCount(shape.slice(inAxis + 1));
    const inSize = shape[inAxis] as number;
    for (let i = 0; i < elements.length; i++) {
      const channel = Math.floor(i / outStep) % channels;
      const number = numbers[numbers.length === 1 ? 0 : Math.floor(i / inStep) % inSize] as number;
      sums[channel] = (sums[channel] as number) + Math.fround(number * (elements[i] as number));
    }
    const sign = op === 'ADD' ? 1 : -1;
    return biasElements(affine).map((b, i) => b + sign * (sums[i] as number));
  });
}
