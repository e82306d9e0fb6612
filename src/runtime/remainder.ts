import { ModelError } from '../errors.js';
import { Graph, type Node, Value } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import type { Plan } from './compile.js';
import { plainKernel, type RunContext, runPlain } from './plain.js';

/** What runs behind a plan: a node whose result has a size that only running it tells, and a graph of all others. */
export interface Remainder {
  readonly first: Node;
  readonly graph: Graph;
  /** For each input of the graph, the value of the plan or of the first node that it is. */
  readonly sources: readonly Value[];
}

/** The remainder of a plan; undefined when the plan is all there is. */
export function remainderOf(plan: Plan): Remainder | undefined {
  const [first, ...behind] = plan.rest;
  if (!first) return undefined;
  const graph = new Graph(plan.graph.name);
  const values = new Map<Value, Value>();
  const sources: Value[] = [];
  const mapped = (value: Value): Value => {
    if (value.constant || value.isVariable) return value;
    let known = values.get(value);
    if (!known) {
      known = copyOf(value);
      values.set(value, known);
      sources.push(value);
      graph.inputs.push(known);
    }
    return known;
  };
  for (const node of behind) {
    const inputs = node.inputs.map((v) => v && mapped(v));
    const outputs = node.outputs.map((v) => {
      const copy = copyOf(v);
      values.set(v, copy);
      return copy;
    });
    const { op, name, options, customCode, customOptions, extra } = node;
    const custom = { ...(customCode !== undefined && { customCode }), ...(customOptions && { customOptions }) };
    graph.append({ op, name, options, inputs, outputs, ...custom, ...(extra && { extra }) });
  }
  graph.outputs.push(...plan.graph.outputs.map(mapped));
  return { first, graph, sources };
}

function copyOf(value: Value): Value {
  const copy = new Value(value.name, value.dtype, value.shape);
  copy.quantization = value.quantization;
  return copy;
}

/** Runs the first node, and gives the inputs of the graph behind it. `results` are those of the plan. */
export function runFirst(
  { first, graph, sources }: Remainder,
  results: ReadonlyMap<Value, Tensor>,
  context: RunContext,
): Tensor[] {
  const known = new Map(results);
  const inputs = first.inputs.map((v) => v && (known.get(v) ?? v.constant?.tensor()));
  const types = first.outputs.map(({ dtype, shape, quantization }) => ({ dtype, shape, quantization }));
  const run = () => runPlain(first, inputs, types, context);
  const step = { node: first, nodes: [first], kernel: plainKernel(first.op), inputs: [], outputs: [] };
  const made = context.timer ? context.timer.time(graph.name, step, run) : run();
  for (const [i, tensor] of made.entries()) if (first.outputs[i]) known.set(first.outputs[i], tensor);
  return sources.map((value) => {
    const tensor = known.get(value);
    if (!tensor) throw new ModelError('invalid-graph', `'${value.name}' got no value`);
    return tensor;
  });
}
