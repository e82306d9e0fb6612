import type { TfGraph, TfNode } from '../graph.js';

/**
 * The graph without writes of variables that its outputs never see: counters, and moving averages that a layer goes on
 * updating. A graph whose outputs need a variable that it writes stays as it is.
 */
export function dropUnseenEffects(graph: TfGraph): TfGraph {
  if (graph.effects.length === 0) return graph;
  const { inputs, outputs } = graph.signature;
  const needed = ancestors(outputs.map(({ ref }) => ref.node));
  const written = new Set<TfNode>(graph.effects);
  const seesState = (node: TfNode) => node.op === 'VarHandleOp' || written.has(node);
  const inFunctions = [...graph.library.values()].flatMap((f) => f.nodes);
  if ([...needed, ...inFunctions].some(seesState)) return graph;
  for (const { ref } of inputs) needed.add(ref.node);
  return { ...graph, nodes: graph.nodes.filter((n) => needed.has(n)), effects: [] };
}

/** The nodes, and all that they need. */
function ancestors(nodes: readonly TfNode[]): Set<TfNode> {
  const found = new Set(nodes);
  const stack = [...found];
  for (let node = stack.pop(); node; node = stack.pop())
    for (const { node: input } of node.inputs)
      if (!found.has(input)) {
        found.add(input);
        stack.push(input);
      }
  return found;
}
