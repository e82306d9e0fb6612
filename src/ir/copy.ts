import { Graph, type Model, Value } from './graph.js';

/** A model whose graphs can be changed without changing the original. Constants, which nobody writes to, are shared. */
export const copyModel = (model: Model): Model => ({ ...model, graphs: model.graphs.map(copyGraph) });

/** A graph of new nodes and values, with the same names, order and constants. */
export function copyGraph(graph: Graph): Graph {
  const copy = new Graph(graph.name);
  copy.extra = graph.extra;
  const copies = new Map<Value, Value>();
  const copied = (value: Value): Value => {
    const known = copies.get(value);
    if (known) return known;
    const made = copyValue(value);
    copies.set(value, made);
    return made;
  };
  copy.inputs.push(...graph.inputs.map(copied));
  for (const node of graph.nodes())
    copy.append({
      op: node.op,
      name: node.name,
      inputs: node.inputs.map((value) => value && copied(value)),
      outputs: node.outputs.map(copied),
      options: node.options,
      ...(node.customCode !== undefined && { customCode: node.customCode }),
      ...(node.customOptions && { customOptions: node.customOptions }),
      ...(node.extra && { extra: node.extra }),
    });
  copy.outputs.push(...graph.outputs.map(copied));
  return copy;
}

function copyValue(value: Value): Value {
  const copy = new Value(value.name, value.dtype, value.shape);
  copy.constant = value.constant;
  copy.quantization = value.quantization;
  copy.isVariable = value.isVariable;
  copy.partial = value.partial;
  copy.extra = value.extra;
  return copy;
}
