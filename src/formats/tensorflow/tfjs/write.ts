import { ModelError } from '../../../errors.js';
import type { Graph, Model, Node, Signature, Value } from '../../../ir/graph.js';
import { findOp } from '../../../ops/registry.js';
import { withoutFusedSequences } from './expand-sequences.js';
import { GraphWriter, type ModelWriter, type Ref, type Write, weightOf } from './graph-writer.js';
import { shapeJson, typeName } from './json-attrs.js';
import { controlFlow } from './write-control-flow.js';
import { elementwise } from './write-elementwise.js';
import { type FunctionJson, writeFunction } from './write-function.js';
import { layers } from './write-layers.js';
import { rearrangements } from './write-shapes.js';
import { shards } from './write-weights.js';

/** Every operator that has a counterpart in TensorFlow.js. */
const writes: ReadonlyMap<string, Write> = new Map(
  [controlFlow, elementwise, layers, rearrangements].flatMap((family) => Object.entries(family)),
);

/** A file of a model folder. */
export interface ModelFilePart {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * A model as a TensorFlow.js graph model: `model.json` and its shards of at most 4 MiB, which are made one at a time as
 * they are taken. Quantized weights go in as they are: uint8 with scale and minimum, or half floats. The same model
 * gives the same bytes.
 * @throws {ModelError} `unsupported` naming every operator that TensorFlow.js has no counterpart of
 */
export function* tfjsFiles(model: Model): Iterable<ModelFilePart> {
  const whole = withoutFusedSequences(model);
  const [graph] = whole.graphs;
  if (!graph) throw new ModelError('invalid-graph', 'a graph expected, the model has none.');
  const problems = new Map<string, string>();
  const library: FunctionJson[] = [];
  const shared = modelWriter(whole, library, problems);
  const writer = new GraphWriter(shared);
  const signature = model.signatures.find((s) => s.graph === 0);
  const ports = writeGraph(writer, graph, problems);
  if (problems.size > 0)
    throw new ModelError(
      'unsupported',
      `the model cannot be expressed in TensorFlow.js operations:\n${[...problems.values()].map((p) => `  ${p}`).join('\n')}`,
    );
  const { paths, bytes } = shards(shared.weights);
  const functions = library.length > 0 ? { function: library } : {};
  const json = {
    format: 'graph-model',
    generatedBy: 'tersor',
    convertedBy: 'tersor',
    signature: signatureOf(graph, signature, ports),
    modelTopology: { node: writer.nodes, library: functions, versions: { producer: PRODUCER } },
    weightsManifest: [{ paths, weights: shared.weights.map((w) => w.entry) }],
  };
  yield { path: 'model.json', bytes: new TextEncoder().encode(JSON.stringify(json)) };
  let index = 0;
  for (const shard of bytes()) yield { path: paths[index++] as string, bytes: shard };
}

/** The version of GraphDef that has all operations used here. */
const PRODUCER = 1882;

interface Ports {
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
}

/** Collects what the graphs share; those that control flow refers to become functions of the library, each once. */
function modelWriter(model: Model, library: FunctionJson[], problems: Map<string, string>): ModelWriter {
  const written = new Map<number, string>();
  const shared: ModelWriter = {
    weights: [],
    names: new Set(),
    functionOf(index) {
      const known = written.get(index);
      if (known !== undefined) return known;
      const graph = model.graphs[index];
      if (!graph) throw new ModelError('invalid-graph', `graph ${index} is not there.`);
      const writer = new GraphWriter(shared);
      const name = writer.unique(graph.name);
      written.set(index, name);
      library.push(writeFunction(writer, graph, name, (node) => writeNode(writer, node, problems)));
      return name;
    },
  };
  return shared;
}

function writeGraph(writer: GraphWriter, graph: Graph, problems: Map<string, string>): Ports {
  const inputs = graph.inputs.map((value) => {
    const { dtype, shape } = value;
    const ref = writer.add(value.name, 'Placeholder', [], { dtype, shape }, { dtype, shape: shape ?? [] });
    writer.set(value, ref);
    return ref;
  });
  for (const value of graph.inputs)
    if (value.quantization) problems.set(value.name, `input '${value.name}' takes quantized integers`);
  for (const node of graph.nodes()) writeNode(writer, node, problems);
  return { inputs, outputs: graph.outputs.map((value) => outputOf(writer, value)) };
}

/** Whether a node only makes numbers of a stored constant: loading does that there. */
const isWeight = (node: Node): boolean => node.op === 'DEQUANTIZE' && weightOf(node.output) !== undefined;

/** Outputs must be nodes of their own, that tell a node by its name. */
function outputOf(writer: GraphWriter, value: Value): Ref {
  const ref = writer.of(value);
  const isOwn = value.producer !== undefined && !ref.text.includes(':');
  return isOwn ? ref : writer.add(`${value.name}/output`, 'Identity', [ref], ref);
}

/** Writes a node, or notes why that cannot be; what reads it then gets a stand-in. */
function writeNode(writer: GraphWriter, node: Node, problems: Map<string, string>): void {
  if (isWeight(node)) return;
  const refs = attempt(writer, node);
  if (typeof refs === 'string') {
    const op = node.op === 'CUSTOM' ? `CUSTOM ${node.customCode}` : node.op;
    problems.set(op + refs, `${op} '${node.name}': ${refs}`);
  }
  for (const [i, value] of node.outputs.entries()) {
    const { name: text, dtype, shape } = value;
    const ref = typeof refs === 'string' ? { text, dtype, shape } : refs[i];
    if (ref) writer.set(value, ref);
  }
}

/** The tensors of a node's outputs, or why there are none. */
function attempt(writer: GraphWriter, node: Node): readonly Ref[] | string {
  const write = node.op === 'CUSTOM' ? customs.get(node.customCode ?? '') : writes.get(node.op);
  if (!write) return 'has no counterpart.';
  if (node.outputs.some((v) => v.quantization && !isStored(v))) return 'computes on quantized integers.';
  try {
    // Layers take their weights themselves.
    const inputs = takesWeights(node.op) ? [] : presentInputs(writer, node);
    const options = { ...findOp(node.op)?.defaults, ...node.options };
    return write({ writer, node, options, inputs });
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
}

const takesWeights = (op: string): boolean =>
  op === 'EMBEDDING_LOOKUP' || (Object.hasOwn(layers, op) && op !== 'BATCH_MATMUL');

const presentInputs = (writer: GraphWriter, node: Node): Ref[] =>
  node.inputs.filter((v) => v !== undefined).map((v) => writer.of(v));

/** Whether a quantized value is but a part of a stored constant, such as some rows of a table. */
function isStored(value: Value): boolean {
  const [source] = value.producer?.inputs ?? [];
  return source !== undefined && source.quantization !== undefined && (!!source.constant || isStored(source));
}

const customs: ReadonlyMap<string, Write> = new Map([
  ['Erf', ({ writer, node, inputs }) => [writer.add(node.output.name, 'Erf', inputs, node.output)]],
]);

function signatureOf(graph: Graph, signature: Signature | undefined, ports: Ports): object {
  const info = (ref: Ref, value: Value | undefined) => ({
    name: ref.text.includes(':') ? ref.text : `${ref.text}:0`,
    dtype: typeName(value?.dtype ?? ref.dtype),
    tensorShape: shapeJson(value?.shape),
  });
  const entries = (refs: readonly Ref[], values: readonly Value[], names?: Signature['inputs']) =>
    Object.fromEntries(
      (names ?? values.map((v, index) => ({ name: v.name, index }))).map(({ name, index }) => [
        name,
        info(refs[index] as Ref, values[index]),
      ]),
    );
  return {
    inputs: entries(ports.inputs, graph.inputs, signature?.inputs),
    outputs: entries(ports.outputs, graph.outputs, signature?.outputs),
  };
}
