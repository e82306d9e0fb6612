import type { Graph, Value } from '../../ir/graph.js';
import { graphExtra, nodeExtra, quantizationExtra, valueExtra } from './extras.js';

/** Every value that the graph speaks of, in order: inputs, what the nodes read and give, outputs. */
export function referencedValues(graph: Graph): Set<Value> {
  const found = new Set<Value>();
  const add = (value: Value | undefined): void => {
    if (!value || found.has(value) || valueExtra(value).absent) return;
    found.add(value);
    const { details } = quantizationExtra(value.quantization);
    if (!details || details.type === 'CustomQuantization') return;
    add(details.scales);
    add(details.zeroPoints);
  };
  for (const value of graph.inputs) add(value);
  for (const node of graph.nodes()) {
    for (const value of node.inputs) add(value);
    for (const value of nodeExtra(node).intermediates ?? []) add(value);
    for (const value of node.outputs) add(value);
  }
  for (const value of graph.outputs) add(value);
  return found;
}

/**
 * The tensors of a graph in the order of the file. One that was read keeps its order while it has no new tensor; one that
 * has is ordered as if it were new, so that a model gives the same bytes whether it was a file in between or not.
 */
export function orderedTensors(graph: Graph): Value[] {
  const { tensors = [], unreferenced = [] } = graphExtra(graph);
  const wanted = referencedValues(graph);
  const loose = new Set(unreferenced);
  const known = new Set(tensors);
  if ([...wanted].some((v) => !known.has(v))) return [...new Set([...wanted, ...unreferenced])];
  return tensors.filter((v) => wanted.has(v) || loose.has(v));
}
