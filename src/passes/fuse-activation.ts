import type { Graph, Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { fuseNode } from './fuse-node.js';
import { hasNoActivation, isPlainFloat } from './match.js';

const ACTIVATIONS: ReadonlySet<string> = new Set(['RELU', 'RELU6', 'RELU_N1_TO_1']);

/** Operators whose kernels clamp their result; recurrent ones mean something else by the same option. */
const TAKES_ACTIVATION: ReadonlySet<string> = new Set([
  'CONV_2D', 'DEPTHWISE_CONV_2D', 'CONV_3D', 'TRANSPOSE_CONV', 'FULLY_CONNECTED', 'AVERAGE_POOL_2D', 'MAX_POOL_2D',
  'L2_POOL_2D', 'ADD', 'SUB', 'MUL', 'DIV',
]); // biome-ignore format: a table

/** Moves a RELU, RELU6 or RELU_N1_TO_1 into the node that feeds it, when nothing else reads that node's output. */
export function fuseActivation(): Pass {
  return definePass('fuse-activation', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (ACTIVATIONS.has(node.op) && fuse(graph, node)) changes++;
    return changes;
  });
}

function fuse(graph: Graph, activation: Node): boolean {
  const [value] = activation.inputs;
  const node = value?.producer;
  if (node?.outputs.length !== 1 || !graph.hasOneUse(value as Value)) return false;
  if (!isPlainFloat(value) || !isPlainFloat(activation.output)) return false;
  if (!TAKES_ACTIVATION.has(node.op) || !hasNoActivation(node)) return false;
  fuseNode(graph, node, activation, { options: { fusedActivationFunction: activation.op } });
  return true;
}
