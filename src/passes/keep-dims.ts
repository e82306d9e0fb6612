import type { Graph, Node } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { integersOf, optionsOf, sameShape } from './match.js';
import { rewrite } from './replace.js';

/** Reductions with the option `keepDims`. */
export const REDUCTIONS: ReadonlySet<string> = new Set([
  'SUM',
  'MEAN',
  'REDUCE_MAX',
  'REDUCE_MIN',
  'REDUCE_PROD',
  'REDUCE_ANY',
  'REDUCE_ALL',
]);

/** A reduction followed by a RESHAPE that puts the reduced axes back as size 1 keeps them itself. */
export function keepDims(): Pass {
  return definePass('keep-dims', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'RESHAPE' && keepAt(graph, node)) changes++;
    return changes;
  });
}

function keepAt(graph: Graph, node: Node): boolean {
  const [reduced] = node.inputs;
  const reduction = reduced?.producer;
  if (!reduced || !reduction || !REDUCTIONS.has(reduction.op) || !graph.hasOneUse(reduced)) return false;
  const [x, axesOperand] = reduction.inputs;
  const axes = integersOf(axesOperand);
  if (!x?.shape || !axes || optionsOf(reduction).keepDims || reduced.quantization) return false;
  const { shape } = x;
  const isReduced = (i: number) => axes.some((axis) => (axis < 0 ? axis + shape.length : axis) === i);
  const kept = shape.map((d, i) => (isReduced(i) ? 1 : d));
  if (kept.filter((d) => d < 0).length > 1 || !sameShape(kept, node.output.shape)) return false;
  return rewrite(graph, node, {
    op: reduction.op,
    inputs: [x, axesOperand],
    options: { ...reduction.options, keepDims: true },
  });
}
