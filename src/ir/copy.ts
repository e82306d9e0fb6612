import { Graph, type Model, Node, type Quantization, Value } from './graph.js';

/** A model whose graphs can be changed without changing the original. Constants, which nobody writes to, are shared. */
export const copyModel = (model: Model): Model => ({ ...model, graphs: model.graphs.map(copyGraph) });

/** A graph of new nodes and values, with the same names, order and constants. */
export const copyGraph = (graph: Graph): Graph => new GraphCopy().of(graph);

/** The copies made so far, by their originals. */
class GraphCopy {
  readonly #values = new Map<Value, Value>();
  readonly #nodes = new Map<Node, Node>();

  of(graph: Graph): Graph {
    const copy = new Graph(graph.name);
    copy.inputs.push(...graph.inputs.map((value) => this.#value(value)));
    for (const node of graph.nodes()) this.#nodes.set(node, this.#node(copy, node));
    copy.outputs.push(...graph.outputs.map((value) => this.#value(value)));
    copy.extra = this.#inside(graph.extra);
    return copy;
  }

  #node(graph: Graph, node: Node): Node {
    return graph.append({
      op: node.op,
      name: node.name,
      inputs: node.inputs.map((value) => value && this.#value(value)),
      outputs: node.outputs.map((value) => this.#value(value)),
      options: node.options,
      ...(node.customCode !== undefined && { customCode: node.customCode }),
      ...(node.customOptions && { customOptions: node.customOptions }),
      ...(node.extra && { extra: this.#inside(node.extra) }),
    });
  }

  #value(value: Value): Value {
    const known = this.#values.get(value);
    if (known) return known;
    const copy = new Value(value.name, value.dtype, value.shape);
    this.#values.set(value, copy);
    copy.constant = value.constant;
    copy.quantization = value.quantization && this.#quantization(value.quantization);
    copy.isVariable = value.isVariable;
    copy.partial = value.partial;
    copy.extra = this.#inside(value.extra);
    return copy;
  }

  #quantization(quantization: Quantization): Quantization {
    const extra = this.#inside(quantization.extra);
    return extra === quantization.extra || !extra ? quantization : { ...quantization, extra };
  }

  /** What a format keeps may name values and nodes of the graph: those of the copy stand in for them. */
  #inside<T>(kept: T): T {
    if (kept instanceof Value) return this.#value(kept) as T;
    if (kept instanceof Node) return (this.#nodes.get(kept) ?? kept) as T;
    if (Array.isArray(kept)) {
      const items = kept.map((item: unknown) => this.#inside(item));
      return items.some((item, i) => item !== kept[i]) ? (items as T) : kept;
    }
    if (!isPlain(kept)) return kept;
    const entries = Reflect.ownKeys(kept).map((key) => [key, this.#inside(kept[key])] as const);
    return entries.some(([key, item]) => item !== kept[key]) ? (Object.fromEntries(entries) as T) : kept;
  }
}

const isPlain = (thing: unknown): thing is Record<string | symbol, unknown> =>
  typeof thing === 'object' && thing !== null && Object.getPrototypeOf(thing) === Object.prototype;
