import type { Graph, Node } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import { findOp } from '../read/op-registry.js';
import type { GraphWriter, NodeJson, Ref } from './graph-writer.js';
import { typeName } from './json-attrs.js';

/** A FunctionDef in the JSON format of protobuf. */
export interface FunctionJson {
  readonly signature: {
    readonly name: string;
    readonly inputArg: readonly object[];
    readonly outputArg: readonly object[];
  };
  readonly nodeDef: readonly NodeJson[];
  /** Result -> the tensor that it is. */
  readonly ret: Readonly<Record<string, string>>;
}

/**
 * A graph as a function: its inputs are arguments, its outputs results, each a node of its own. Names are those of no
 * other node of the model, since TensorFlow.js looks weights up by them alone.
 */
export function writeFunction(
  writer: GraphWriter,
  graph: Graph,
  name: string,
  writeNode: (node: Node) => void,
): FunctionJson {
  const args = graph.inputs.map((value): Ref => {
    const { dtype, shape } = value;
    const ref = { text: writer.unique('arg'), dtype, shape };
    writer.set(value, ref);
    return ref;
  });
  for (const node of graph.nodes()) writeNode(node);
  const results = graph.outputs.map((value) => {
    const ref = writer.of(value);
    return writer.add('result', 'Identity', [ref], ref);
  });
  const known = new Set(args.map((arg) => arg.text));
  const ops = new Map(writer.nodes.map((node) => [node.name, node.op]));
  const place = (text: string): string => (known.has(text) ? text : inFunction(text, ops));
  const arg = (text: string, dtype: DType) => ({ name: text, type: typeName(dtype) });
  return {
    signature: {
      name,
      inputArg: args.map(({ text, dtype }) => arg(text, dtype)),
      outputArg: results.map(({ text, dtype }) => arg(text, dtype)),
    },
    nodeDef: writer.nodes.map((node) => ({ ...node, ...(node.input && { input: node.input.map(place) }) })),
    ret: Object.fromEntries(results.map(({ text }) => [text, inFunction(text, ops)])),
  };
}

/**
 * A tensor as functions name it: `node:output:index`, the index counting within the output of that name. TensorFlow.js
 * knows no second name of an operation's outputs: there, the index counts all of them.
 */
function inFunction(text: string, ops: ReadonlyMap<string, string>): string {
  const [node = '', index = '0'] = text.split(':');
  const outputs = findOp(ops.get(node) ?? '')?.outputs ?? [];
  return outputs.length > 1 ? `${node}:${index}` : `${node}:${outputs[0]?.name ?? 'output'}:${index}`;
}
