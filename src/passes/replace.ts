import { assert } from '../errors.js';
import type { Graph, Node, Options, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import { emit } from '../ops/build.js';
import { sameQuantization } from './match.js';

/**
 * True when the readers of `from` may read `to` instead: same element type and quantization, and, where `from` leaves
 * the graph, `to` can take over its place and name (it comes from a node and is no output itself).
 */
export function canReplace(graph: Graph, from: Value, to: Value): boolean {
  if (from === to || from.dtype !== to.dtype || !sameQuantization(from.quantization, to.quantization)) return false;
  return !graph.isOutput(from) || (to.producer !== undefined && !graph.isOutput(to) && !to.isVariable);
}

/** The more precise of two descriptions of one shape, axis by axis. */
export function refineShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (!a || !b || a.length !== b.length) return a ?? b;
  return a.map((d, i) => (d < 0 ? (b[i] as number) : d));
}

/**
 * Makes all readers of a node's outputs read `values` instead and removes the node. Keeps what was known of the shapes.
 * The caller has asked {@link canReplace} for every output that is in use.
 */
export function replaceNode(graph: Graph, node: Node, values: readonly Value[]): void {
  for (const [i, from] of node.outputs.entries()) {
    const to = values[i];
    assert(to, `${node.op} '${node.name}' needs a replacement for output ${i}`);
    if (!to.constant) to.shape = refineShape(to.shape, from.shape);
    graph.replaceUses(from, to);
  }
  graph.remove(node);
}

/** What {@link rewrite} puts in the place of a node. */
export interface Replacement {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly options?: Options;
}

/**
 * Replaces a node with one output by another operation with the same meaning: emitted in front of it, under the name of
 * its output, with the output's quantization. False, and nothing done, when the result would be a constant and the
 * output leaves the graph.
 */
export function rewrite(graph: Graph, node: Node, spec: Replacement): boolean {
  const from = node.output;
  const [to] = emit(graph, node, { ...spec, name: from.name });
  assert(to, `${spec.op} '${from.name}' has no output`);
  if (to.constant && (graph.isOutput(from) || from.quantization)) return false;
  to.quantization = from.quantization;
  to.extra ??= from.extra;
  if (to.producer) to.producer.name = node.name;
  replaceNode(graph, node, [to]);
  return true;
}
