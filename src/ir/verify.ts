import { ModelError } from '../errors.js';
import type { Graph, Node, Value } from './graph.js';

/**
 * Checks that a graph holds together: nodes stand behind the nodes whose results they read, values and nodes agree on who
 * computes and reads what, every value that is read comes from somewhere, and every output has a value.
 * @throws {ModelError} `invalid-graph`, naming graph, node and value.
 */
export function verifyGraph(graph: Graph): void {
  const seen = new Set<Node>();
  const values = new Set<Value>();
  for (const value of graph.inputs) {
    if (value.producer) throw broken(graph, `input '${value.name}' is computed by ${describe(value.producer)}`);
    if (value.constant) throw broken(graph, `input '${value.name}' is a constant`);
    if (values.has(value)) throw broken(graph, `input '${value.name}' is listed twice`);
    values.add(value);
  }
  for (const node of graph.nodes()) {
    for (const [index, value] of node.inputs.entries()) {
      if (!value) continue;
      checkRead(graph, node, index, value, seen);
      values.add(value);
    }
    seen.add(node);
    for (const [index, value] of node.outputs.entries()) {
      if (value.producer !== node || value.outputIndex !== index)
        throw broken(graph, `'${value.name}' is output ${index} of ${describe(node)} and does not know it`);
      if (value.constant) throw broken(graph, `output '${value.name}' of ${describe(node)} is a constant`);
      if (values.has(value)) throw broken(graph, `'${value.name}' is read before ${describe(node)} computes it`);
      values.add(value);
    }
  }
  for (const value of graph.outputs) {
    const { producer } = value;
    if (producer ? !seen.has(producer) : !value.constant && !value.isVariable && !graph.inputs.includes(value))
      throw broken(graph, `output '${value.name}' is computed by no node of the graph`);
    values.add(value);
  }
  for (const value of values) checkValue(graph, value, seen);
}

const broken = (graph: Graph, message: string): ModelError =>
  new ModelError('invalid-graph', message, { where: `graph '${graph.name}'` });

const describe = (node: Node): string => `${node.op} '${node.name}'`;

function checkRead(graph: Graph, node: Node, index: number, value: Value, seen: ReadonlySet<Node>): void {
  const what = `${describe(node)} reads '${value.name}'`;
  if (value.producer && !seen.has(value.producer))
    throw broken(
      graph,
      value.producer.alive
        ? `${what} before ${describe(value.producer)} computes it`
        : `${what}, whose node was removed`,
    );
  if (!value.producer && !value.constant && !value.isVariable && !graph.inputs.includes(value))
    throw broken(graph, `${what}, which comes from nowhere`);
  const known = value.uses.filter((u) => u.node === node && u.index === index).length;
  if (known !== 1) throw broken(graph, `${what}, which knows ${known} such uses`);
}

function checkValue(graph: Graph, value: Value, seen: ReadonlySet<Node>): void {
  for (const { node, index } of value.uses)
    if (!seen.has(node) || node.inputs[index] !== value)
      throw broken(graph, `'${value.name}' claims to be input ${index} of ${describe(node)}`);
  const { constant } = value;
  if (!constant) return;
  const sameType = constant.dtype === value.dtype && String(constant.shape) === String(value.shape);
  if (!sameType)
    throw broken(
      graph,
      `constant '${value.name}' is ${value.dtype} [${value.shape}], its elements ${constant.dtype} [${constant.shape}]`,
    );
}
