import { Constant } from '../ir/constant.js';
import { type Graph, type Node, type NodeSpec, Value } from '../ir/graph.js';
import { isStatic, type Shape } from '../ir/tensor.js';
import { addNode } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat, optionsOf } from './match.js';
import { removeUnused } from './rules.js';

const CONVOLUTIONS: ReadonlySet<string> = new Set(['CONV_2D', 'DEPTHWISE_CONV_2D']);
const WIDENING: ReadonlySet<string> = new Set(['EXPAND_DIMS', 'RESHAPE']);
const NARROWING: ReadonlySet<string> = new Set(['SQUEEZE', 'RESHAPE']);

/** A convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, perhaps with reshapes around it for one dimension. */
interface Sandwich {
  readonly spread: Node;
  readonly widen: Node | undefined;
  readonly convolution: Node;
  readonly narrow: Node | undefined;
  readonly gather: Node;
  /** Input axis of the convolution that each spatial axis of the spread value is. */
  readonly axes: readonly number[];
}

/**
 * Recovers a dilated convolution that was written as SPACE_TO_BATCH_ND, a convolution without padding, stride or
 * dilation, and BATCH_TO_SPACE_ND: one convolution with the block sizes as dilation factors. Between them may be reshapes
 * that add an axis of size 1 and take it away (one-dimensional convolutions).
 *
 * With kernel size `K`, block `b`, paddings `p` and crops `c` of an axis, the result reads `p - c` cells in front of the
 * input and has `p0 + p1 - c0 - c1 - (K - 1) b` cells more than it, whatever its size. So it is
 *
 * 1. `VALID` padding, when nothing is read in front and the result is `(K - 1) b` cells smaller
 * 2. `SAME` padding, when the result has the input's size and `(K - 1) b / 2` cells, rounded down, are in front
 *
 * on every axis alike. The batch may be unknown: both moves treat each sample alike.
 */
export function recoverDilatedConvolution(): Pass {
  return definePass('recover-dilated-convolution', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) {
      const sandwich = node.op === 'BATCH_TO_SPACE_ND' ? sandwichAt(graph, node) : undefined;
      const padding = sandwich && paddingOf(sandwich);
      if (!padding) continue;
      recover(graph, sandwich, padding);
      changes++;
    }
    return changes;
  });
}

function sandwichAt(graph: Graph, gather: Node): Sandwich | undefined {
  const only = (value: Value | undefined): Node | undefined =>
    value?.producer && graph.hasOneUse(value) ? value.producer : undefined;
  if (!isPlainFloat(gather.output)) return undefined;
  const below = only(gather.inputs[0]);
  const narrow = below && NARROWING.has(below.op) ? below : undefined;
  const convolution = narrow ? only(narrow.inputs[0]) : below;
  if (!convolution || !CONVOLUTIONS.has(convolution.op)) return undefined;
  const above = only(convolution.inputs[0]);
  const widen = above && WIDENING.has(above.op) ? above : undefined;
  const spread = widen ? only(widen.inputs[0]) : above;
  if (spread?.op !== 'SPACE_TO_BATCH_ND' || (widen === undefined) !== (narrow === undefined)) return undefined;
  if (!widen) return { spread, widen, convolution, narrow, gather, axes: [1, 2] };
  const added = addedAxis(widen, spread.output.shape, widen.output.shape);
  const removed = narrow && addedAxis(narrow, narrow.output.shape, convolution.output.shape);
  if (added === undefined || added !== removed) return undefined;
  return { spread, widen, convolution, narrow, gather, axes: [added === 1 ? 2 : 1] };
}

/** The spatial axis (1 or 2) that was put as size 1 into `[N, size, C]`; the channels tell it from the other axes. */
function addedAxis(node: Node, narrow: Shape | undefined, wide: Shape | undefined): number | undefined {
  if (narrow?.length !== 3 || wide?.length !== 4 || narrow[2] !== wide[3] || (narrow[2] as number) < 0)
    return undefined;
  if (node.op === 'RESHAPE' && !hasOneUnknown(narrow)) return undefined;
  if (wide[1] === 1 && wide[2] === narrow[1] && wide[0] === narrow[0]) return 1;
  if (wide[2] === 1 && wide[1] === narrow[1] && wide[0] === narrow[0]) return 2;
  return undefined;
}

function paddingOf({ spread, convolution, gather, axes }: Sandwich): 'SAME' | 'VALID' | undefined {
  const options = optionsOf(convolution);
  const strides = [options.strideH, options.strideW, options.dilationHFactor, options.dilationWFactor];
  if (options.padding !== 'VALID' || strides.some((s) => s !== 1)) return undefined;
  const blocks = integersOf(spread.inputs[1]);
  const paddings = integersOf(spread.inputs[2]);
  const crops = integersOf(gather.inputs[2]);
  if (!blocks || !paddings || !crops || blocks.length !== axes.length) return undefined;
  if (String(blocks) !== String(integersOf(gather.inputs[1]))) return undefined;
  const filter = convolution.inputs[1]?.shape ?? [];
  const kinds = axes.map((axis, i) => {
    const reach = ((filter[axis] ?? -1) - 1) * (blocks[i] as number);
    const [p0 = 0, p1 = 0] = paddings.slice(i * 2);
    const [c0 = 0, c1 = 0] = crops.slice(i * 2);
    const growth = p0 + p1 - c0 - c1 - reach;
    if (reach < 0) return undefined;
    if (reach === 0 && growth === 0 && p0 === c0) return 'either';
    if (growth === 0 && p0 - c0 === reach >> 1) return 'SAME';
    return growth === -reach && p0 === c0 ? 'VALID' : undefined;
  });
  // The axis of size 1 that reshapes add has a kernel of size 1, and takes either padding.
  if (axes.length === 1 && filter[axes[0] === 1 ? 2 : 1] !== 1) return undefined;
  if (kinds.every((k) => k === 'SAME' || k === 'either')) return kinds.includes('SAME') ? 'SAME' : 'VALID';
  return kinds.every((k) => k === 'VALID' || k === 'either') ? 'VALID' : undefined;
}

function recover(graph: Graph, sandwich: Sandwich, padding: 'SAME' | 'VALID'): void {
  const { spread, widen, convolution, narrow, gather, axes } = sandwich;
  const blocks = integersOf(spread.inputs[1]) as readonly number[];
  const factor = (axis: number): number => blocks[axes.indexOf(axis)] ?? 1;
  const options = { ...convolution.options, padding, dilationHFactor: factor(1), dilationWFactor: factor(2) };
  const input = spread.inputs[0] as Value;
  const wide = widen ? widened(graph, gather, input, axes, widen.output.name) : input;
  const name = narrow ? convolution.output.name : gather.output.name;
  const inputs = [wide, ...convolution.inputs.slice(1)];
  const [result] = addNode(graph, gather, { op: convolution.op, name, inputs, options });
  if (!result?.producer) return;
  result.producer.name = convolution.name;
  if (narrow)
    graph.insert(gather, { ...narrowing(result, gather.output, axes), name: narrow.name, outputs: [gather.output] });
  else graph.takeOutput(result.producer, 0, gather.output);
  graph.remove(gather);
  removeUnused(graph, [narrow, convolution, widen, spread]);
}

/** The input `[N, size, C]` with the axis of size 1 added. */
function widened(graph: Graph, before: Node, input: Value, axes: readonly number[], name: string): Value {
  const axis = axes[0] === 1 ? 2 : 1;
  const shape = [...(input.shape ?? [])];
  shape.splice(axis, 0, 1);
  const inputs = isStatic(input.shape)
    ? [input, Value.constant(`${name}/shape`, Constant.i32(shape))]
    : [input, Value.constant(`${name}/axis`, Constant.i32(axis))];
  const [wide] = addNode(graph, before, { op: isStatic(input.shape) ? 'RESHAPE' : 'EXPAND_DIMS', name, inputs });
  return wide as Value;
}

/** The operation that takes the axis of size 1 from the result; `target` has the shape it gives. */
function narrowing(result: Value, target: Value, axes: readonly number[]): Omit<NodeSpec, 'name' | 'outputs'> {
  if (!target.shape || !hasOneUnknown(target.shape))
    return { op: 'SQUEEZE', inputs: [result], options: { squeezeDims: [axes[0] === 1 ? 2 : 1] } };
  const shape = Value.constant(`${target.name}/shape`, Constant.i32(target.shape));
  return { op: 'RESHAPE', inputs: [result, shape] };
}

/** True when at most one size is unknown, so that the number of elements decides it. */
const hasOneUnknown = (shape: Shape): boolean => shape.filter((d) => d < 0).length <= 1;
