import type { Graph, Node, Options, Value } from '../ir/graph.js';

/** What changes when a node is fused with its reader. */
export interface FuseChange {
  /** Inputs to replace, by index. */
  readonly inputs?: Readonly<Record<number, Value | undefined>>;
  readonly options?: Options;
}

/**
 * Fuses `last` into `node`, whose only output only `last` reads: a changed copy of `node` in the place of `last` gives
 * the output of `last`, name and readers included. Returns the copy.
 */
export function fuseNode(graph: Graph, node: Node, last: Node, change: FuseChange): Node {
  const inputs = [...node.inputs];
  for (const [index, value] of Object.entries(change.inputs ?? {})) {
    while (inputs.length < Number(index)) inputs.push(undefined);
    inputs[Number(index)] = value;
  }
  const copy = graph.insert(last, {
    op: node.op,
    name: node.name,
    inputs,
    outputs: [last.output],
    options: { ...node.options, ...change.options },
    ...(node.customCode !== undefined && { customCode: node.customCode }),
    ...(node.customOptions && { customOptions: node.customOptions }),
    ...(node.extra && { extra: node.extra }),
  });
  graph.remove(last);
  graph.remove(node);
  return copy;
}
