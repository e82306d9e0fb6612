import type { Graph, Node } from '../ir/graph.js';
import { paddingBefore, slidingSize } from '../ops/shapes.js';
import { definePass, type Pass } from './define.js';
import { integersOf, isPlainFloat, optionsOf, scalarOf } from './match.js';
import { removeUnused } from './rules.js';

/** Spatial axes of an operator: input axis, filter axis, and the options for stride and dilation. */
type SpatialAxis = readonly [input: number, filter: number, stride: string, dilation: string];

const PLANE: readonly SpatialAxis[] = [
  [1, 1, 'strideH', 'dilationHFactor'],
  [2, 2, 'strideW', 'dilationWFactor'],
];
const AXES: Readonly<Record<string, readonly SpatialAxis[]>> = {
  CONV_2D: PLANE,
  DEPTHWISE_CONV_2D: PLANE,
  CONV_3D: [
    [1, 0, 'strideD', 'dilationDFactor'],
    [2, 1, 'strideH', 'dilationHFactor'],
    [3, 2, 'strideW', 'dilationWFactor'],
  ],
};

/**
 * Lets a convolution pad its input itself: PAD with zeros in front of a convolution with `VALID` padding becomes `SAME`
 * padding, when that reads the same cells. On every spatial axis, the size of the result and the number of cells in front
 * must be those of `SAME` padding; other axes must not be padded. Pooling never takes padding in: its padded cells do
 * not count.
 */
export function absorbPadding(): Pass {
  return definePass('absorb-padding', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (absorb(graph, node)) changes++;
    return changes;
  });
}

function absorb(graph: Graph, node: Node): boolean {
  const axes = AXES[node.op];
  const pad = node.inputs[0]?.producer;
  if (!axes || !pad || node.options.padding !== 'VALID' || !padsWithZeros(pad)) return false;
  const [input, amounts] = pad.inputs;
  const cells = integersOf(amounts);
  const filter = node.inputs[1]?.shape;
  if (!input?.shape || !cells || !filter || cells.length !== input.shape.length * 2) return false;
  const options = optionsOf(node);
  for (const [axis, size] of input.shape.entries()) {
    const before = cells[axis * 2] as number;
    const after = cells[axis * 2 + 1] as number;
    const spatial = axes.find(([index]) => index === axis);
    if (!spatial && (before !== 0 || after !== 0)) return false;
    if (!spatial) continue;
    const [, filterAxis, stride, dilation] = spatial;
    const window = filter[filterAxis] ?? -1;
    if (size < 0 || window < 0 || before < 0 || after < 0) return false;
    const step = options[stride] as number;
    const spread = options[dilation] as number;
    const out = slidingSize(size, window, step, spread, 'SAME');
    if (slidingSize(size + before + after, window, step, spread, 'VALID') !== out) return false;
    if (paddingBefore(size, window, step, spread, out) !== before) return false;
  }
  graph.setInput(node, 0, input);
  node.options = { ...node.options, padding: 'SAME' };
  removeUnused(graph, [pad]);
  return true;
}

function padsWithZeros(node: Node): boolean {
  if (!isPlainFloat(node.outputs[0])) return false;
  return node.op === 'PAD' || (node.op === 'PADV2' && scalarOf(node.inputs[2]) === 0);
}
