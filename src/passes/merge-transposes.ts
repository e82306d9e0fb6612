import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { definePass, type Pass } from './define.js';
import { integersOf, producerOf } from './match.js';
import { rewrite } from './replace.js';
import { rewriteAsReshape } from './shape-operand.js';

/**
 * Fewer TRANSPOSEs:
 *
 * 1. a TRANSPOSE of a TRANSPOSE reads the first one's operand
 * 2. one that moves only axes of size 1 becomes a RESHAPE
 */
export function mergeTransposes(): Pass {
  return definePass('merge-transposes', (graph) => {
    let changes = 0;
    for (const node of graph.nodes())
      if (node.op === 'TRANSPOSE' && (compose(graph, node) || reshape(graph, node))) changes++;
    return changes;
  });
}

/** Axis `i` of the result is axis `permutation[i]` of the operand. */
export function permutationOf(node: Node | undefined): readonly number[] | undefined {
  const permutation = node && integersOf(node.inputs[1]);
  return permutation?.map((p) => (p < 0 ? p + permutation.length : p));
}

/** The operand of a TRANSPOSE with that permutation. */
export function permutationOperand(name: string, permutation: readonly number[]): Value {
  return Value.constant(`${name}/perm`, Constant.i32([...permutation]));
}

function compose(graph: Graph, node: Node): boolean {
  const inner = producerOf(node.inputs[0], 'TRANSPOSE'); // case 1
  const [outer, first] = [permutationOf(node), permutationOf(inner)];
  if (!inner || !outer || !first) return false;
  const both = outer.map((axis) => first[axis] as number);
  return rewrite(graph, node, {
    op: 'TRANSPOSE',
    inputs: [inner.inputs[0], permutationOperand(node.output.name, both)],
  });
}

function reshape(graph: Graph, node: Node): boolean {
  const [input] = node.inputs; // case 2
  const permutation = permutationOf(node);
  if (!input?.shape || !permutation || !movesOnlyOnes(permutation, input.shape)) return false;
  return rewriteAsReshape(graph, node, input);
}

/** True when the axes of other sizes than 1 keep their order. The identity is left to be removed. */
function movesOnlyOnes(permutation: readonly number[], shape: Shape): boolean {
  if (permutation.every((axis, i) => axis === i)) return false;
  const others = permutation.filter((axis) => shape[axis] !== 1);
  return others.every((axis, i) => i === 0 || axis > (others[i - 1] as number));
}
