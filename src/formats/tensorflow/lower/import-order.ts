import type { TfGraph, TfNode } from '../graph.js';

/**
 * The nodes of a graph in the order in which the reference converter imports them, so that operators of equal rank come
 * out in its order: the reverse of the order in which a depth-first walk along the edges leaves the nodes, where the walk
 * begins at the nodes without inputs, and takes nodes by name, last first. Graphs with effects or legacy loops keep
 * their order of execution.
 */
export function importOrder(graph: Pick<TfGraph, 'nodes' | 'effects'>): readonly TfNode[] {
  if (graph.effects.length > 0 || graph.nodes.some((n) => /NextIteration$/.test(n.op))) return graph.nodes;
  const readers = new Map<TfNode, TfNode[]>(graph.nodes.map((node) => [node, []]));
  for (const node of graph.nodes) for (const input of node.inputs) readers.get(input.node)?.push(node);
  const sources = graph.nodes.filter((n) => n.inputs.length === 0);
  const left: TfNode[] = [];
  const seen = new Set<TfNode>();
  const stack: { readonly node: TfNode; readonly isLeaving: boolean }[] = [];
  const plan = (nodes: readonly TfNode[]) => {
    for (const node of [...nodes].sort(byName)) if (!seen.has(node)) stack.push({ node, isLeaving: false });
  };
  plan(sources);
  for (let top = stack.pop(); top; top = stack.pop()) {
    if (top.isLeaving) left.push(top.node);
    if (top.isLeaving || seen.has(top.node)) continue;
    seen.add(top.node);
    stack.push({ node: top.node, isLeaving: true });
    plan(readers.get(top.node) ?? []);
  }
  return left.reverse();
}

/** By code units, as a comparison of bytes. */
const byName = (a: TfNode, b: TfNode): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
