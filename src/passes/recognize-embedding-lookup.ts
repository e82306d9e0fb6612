import { Constant } from '../ir/constant.js';
import { type Graph, type Node, Value } from '../ir/graph.js';
import { emit } from '../ops/build.js';
import { definePass, type Pass } from './define.js';
import { hasNoActivation, isPlainFloat, scalarOf } from './match.js';
import { rewrite } from './replace.js';
import { removeUnused } from './rules.js';
import { isFloatConstant } from './weights.js';

/**
 * Replaces FULLY_CONNECTED of a ONE_HOT of int32 indices by EMBEDDING_LOOKUP of the rows of the transposed weights. Like
 * the operator that it saves, it is only defined for indices in range.
 */
export function recognizeEmbeddingLookup(): Pass {
  return definePass('recognize-embedding-lookup', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (node.op === 'FULLY_CONNECTED' && look(graph, node)) changes++;
    return changes;
  });
}

function look(graph: Graph, node: Node): boolean {
  const [input, weights, bias] = node.inputs;
  const oneHot = input?.producer;
  const [indices, depth, on, off] = oneHot?.inputs ?? [];
  if (oneHot?.op !== 'ONE_HOT' || !indices?.shape || bias || !hasNoActivation(node) || !isPlainFloat(node.output))
    return false;
  const axis = oneHot.options.axis ?? -1;
  if (indices.dtype !== 'i32' || (axis !== -1 && axis !== indices.shape.length)) return false;
  if (scalarOf(on) !== 1 || scalarOf(off) !== 0 || !isFloatConstant(weights)) return false;
  if (weights.shape?.[1] !== scalarOf(depth)) return false;
  const keeps = node.options.keepNumDims === true;
  if (indices.shape.length !== 1 && keeps && indices.shape.filter((d) => d < 0).length > 1) return false;
  const { name } = node.output;
  const table = make(graph, node, 'TRANSPOSE', weights.name, [weights, list(`${name}/permutation`, [1, 0])]);
  const isFlat = indices.shape.length === 1;
  const rows = isFlat ? indices : make(graph, node, 'RESHAPE', `${name}/rows`, [indices, list(`${name}/flat`, [-1])]);
  if (isFlat || !keeps)
    return done(graph, oneHot, rewrite(graph, node, { op: 'EMBEDDING_LOOKUP', inputs: [rows, table] }));
  const found = make(graph, node, 'EMBEDDING_LOOKUP', `${name}/found`, [rows, table]);
  const shape = list(`${name}/shape`, [...indices.shape, weights.shape?.[0] as number]);
  return done(graph, oneHot, rewrite(graph, node, { op: 'RESHAPE', inputs: [found, shape] }));
}

const list = (name: string, numbers: readonly number[]): Value => Value.constant(name, Constant.i32(numbers));

const make = (graph: Graph, before: Node, op: string, name: string, inputs: readonly Value[]): Value =>
  emit(graph, before, { op, name, inputs })[0] as Value;

function done(graph: Graph, oneHot: Node, isDone: boolean): boolean {
  if (isDone) removeUnused(graph, [oneHot]);
  return isDone;
}
