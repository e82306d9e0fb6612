import { type Origin, originOf } from '../../../bytes/protobuf.js';
import type { ByteSource } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import { didYouMean } from '../../../ir/nearest-name.js';
import type { MetaGraphDef } from '../../../schema/tensorflow.gen.js';
import type { ReadGraphDefOptions, TfModel } from '../graph.js';
import { type Bundle, openBundle } from './bundle.js';
import { flatten, type PortRequest } from './flatten.js';
import { executionOrder } from './order.js';
import { compareNames, notedShape, signaturePorts, withShapes } from './ports.js';
import { decode } from './protos.js';
import { type ConstantSource, mainSource, outputIndex, type RawGraph, type RawNode, rawGraph } from './raw-graph.js';
import { callableKeys, initializers } from './saved-model.js';
import { readMessageBytes, sniffTensorFlow } from './sniff.js';
import { variableValues } from './variables.js';

/**
 * Reads a frozen graph: a `.pb` file with a GraphDef; or a MetaGraphDef (`.meta`), whose variables have their values in
 * the checkpoint of the same name beside it. Its one signature is that of the file (MetaGraphDefs may have one), or
 * follows from `inputs` and `outputs`: the placeholders, and the nodes that nothing reads.
 *
 * @throws {ModelError} `malformed-file` for other files; `not-found` for names that are not in the graph;
 * `invalid-option` when the outputs must be named; `invalid-graph`, `unsupported`
 */
export function readGraphDef(source: ByteSource, options: ReadGraphDefOptions = {}): TfModel {
  const kind = sniffTensorFlow(source);
  if (kind !== 'graph-def' && kind !== 'meta-graph') {
    const got = kind === 'saved-model' ? 'a SavedModel found. Give the folder it is in' : 'something else found';
    throw new ModelError('malformed-file', `a GraphDef or MetaGraphDef expected, ${got}.`, { where: source.name });
  }
  const bytes = readMessageBytes(source, kind === 'meta-graph' ? 'MetaGraphDef' : 'GraphDef');
  const origin = originOf(source.name, bytes);
  const meta: MetaGraphDef | undefined = kind === 'meta-graph' ? decode('MetaGraphDef', bytes, origin) : undefined;
  if (meta) return readMetaGraph(meta, origin, options, { kind, ...checkpointBeside(source) });
  return readMetaGraph({ graphDef: decode('GraphDef', bytes, origin) }, origin, options, { kind });
}

/** The checkpoint that `net.meta` belongs to: `net.index` and its shards. */
function checkpointBeside(source: ByteSource): Pick<GraphFile, 'bundle'> {
  const bundle = openBundle({ open: (name) => source.beside?.(name) }, source.name.replace(/\.meta$/, ''));
  return bundle ? { bundle } : {};
}

/** What a file with one graph is. */
export interface GraphFile {
  readonly kind: TfModel['kind'];
  /** TensorFlow's version, where the graph does not say it. */
  readonly producer?: string;
  /** Serialized definitions of operations that TensorFlow does not have. */
  readonly strippedOps?: Uint8Array;
  readonly externalValue?: ConstantSource;
  /** Values of variables. */
  readonly bundle?: Bundle;
}

/** The flat graph between the inputs and outputs of a MetaGraphDef, or of a graph without one. */
export function readMetaGraph(
  meta: Partial<MetaGraphDef>,
  origin: Origin,
  options: ReadGraphDefOptions,
  { kind, producer, strippedOps, externalValue, bundle }: GraphFile,
): TfModel {
  const def = meta.graphDef ?? { node: [] };
  const read = rawGraph(def, origin, strippedOps ?? meta.metaInfoDef?.strippedOpList);
  const graph = externalValue ? { ...read, externalValue } : read;
  const { key, inputs, outputs } = choosePorts(graph, meta, options);
  const flat = flatten({
    graph,
    key,
    ...withShapes(inputs, options.inputShapes ?? {}),
    outputs,
    initialValue: variableValues({ graph, bundle, restoreOp: meta.saverDef?.restoreOpName ?? '', ...NOTHING_BOUND }),
    remedy: NO_WEIGHTS,
    constants: new Map<string, Constant>(),
    initializers: initializers(meta, graph),
  });
  return {
    kind,
    name: origin.name,
    producer: producer ?? (meta.metaInfoDef?.tensorflowVersion || producerText(def.versions?.producer)),
    tags: meta.metaInfoDef?.tags ?? [],
    graphs: [flat],
    signatureKeys: [key],
    openAsset: () => undefined,
  };
}

const NO_WEIGHTS =
  'This file holds no weights: freeze the graph with its checkpoint, put the checkpoint beside the .meta file, or give the folder of a SavedModel.';
const NOTHING_BOUND = { boundInputs: new Map(), assets: new Map() };

const producerText = (producer: number | undefined): string => (producer ? `GraphDef version ${producer}` : '');

interface Ports {
  readonly key: string;
  readonly inputs: readonly PortRequest[];
  readonly outputs: readonly PortRequest[];
}

function choosePorts(graph: RawGraph, meta: Partial<MetaGraphDef>, options: ReadGraphDefOptions): Ports {
  const keys = !options.inputs && !options.outputs ? callableKeys(meta) : [];
  const key = keys.find((k) => k === 'serving_default') ?? keys[0];
  const signature = key === undefined ? undefined : meta.signatureDef?.get(key);
  if (key !== undefined && signature) {
    const { inputs, outputs } = signaturePorts(graph, key, signature);
    // Some writers name the outputs only.
    return { key, inputs: inputs.length > 0 ? inputs : placeholders(graph, outputs), outputs };
  }
  const outputs = (options.outputs ?? defaultOutputs(graph)).map((text) => portOf(graph, text));
  const inputs = options.inputs?.map((text) => portOf(graph, text)) ?? placeholders(graph, outputs);
  return { key: 'serving_default', inputs, outputs };
}

const placeholders = (graph: RawGraph, outputs: readonly PortRequest[]): PortRequest[] =>
  defaultInputs(graph, outputs).map((text) => portOf(graph, text));

/** A tensor that an option names, `name` or `name:index`: the signature has the name that was asked for. */
function portOf(graph: RawGraph, text: string): PortRequest {
  const source = mainSource(text);
  const node = graph.main.nodes.get(source.node);
  if (!node) {
    const likely = [...graph.main.nodes.values()].filter((n) => n.op.startsWith('Placeholder')).map((n) => n.name);
    const near = didYouMean(source.node, graph.main.nodes.keys());
    const hint = likely.length > 0 ? ` Its placeholders: ${likely.slice(0, 20).join(', ')}.` : '';
    throw new ModelError('not-found', `a node of the graph expected, there is no '${source.node}'.${near}${hint}`, {
      where: graph.origin.name,
    });
  }
  const dtype = graph.detailsOf(node).types?.[outputIndex(graph, node, source)];
  if (!dtype)
    throw new ModelError(
      'not-found',
      `an output ${source.index} expected, the node has ${graph.detailsOf(node).types?.length ?? 'none known'}.`,
      {
        where: `${node.op} '${node.name}'`,
      },
    );
  return { name: text, tensorName: `${source.node}:${source.index}`, source, dtype, shape: notedShape(graph, source) };
}

const isPlaceholder = (node: RawNode): boolean => node.op === 'Placeholder' || node.op === 'PlaceholderV2';

/** The placeholders that outputs need, in the order of the file. Keras's training flag is not one of them. */
function defaultInputs(graph: RawGraph, outputs: readonly PortRequest[]): string[] {
  const order = executionOrder(
    graph.main,
    outputs.map((p) => p.source.node),
    () => true,
  );
  const needed = new Set(order.filter((n) => isPlaceholder(n) && !/(^|\/)keras_learning_phase$/.test(n.name)));
  return [...graph.main.nodes.values()].filter((n) => needed.has(n)).map((n) => n.name);
}

/** Nodes that are no results, though nothing reads them. */
const notResults =
  /^(NoOp|Const|Placeholder.*|Assert|Print.*|Save.*|Restore.*|MergeV2Checkpoints|Assign.*|.*Summary.*|Variable.*|VarHandleOp|VarIsInitializedOp|IsVariableInitialized|ShardedFilename|HashTable.*|Initialize.*|Lookup.*Import.*|ControlTrigger|(Ref)?(Enter|Exit|Switch))$/;

/** What changes variables in the steps of training. */
const TRAINING = /^(Resource)?(Sparse)?Apply[A-Z]/;

/** Last operations of most networks. */
const RESULT = /^(Softmax|LogSoftmax|Sigmoid|ArgMax)$/;

function likelyOutputs(nodes: readonly RawNode[], fed: ReadonlySet<string>): string {
  const names = nodes.filter((n) => RESULT.test(n.op) && fed.has(n.name) && !/(^|\/)gradients\//.test(n.name));
  return names.length === 0
    ? ''
    : `; perhaps one of ${names
        .slice(0, 8)
        .map((n) => n.name)
        .join(', ')}`;
}

/** Beyond this many, the nodes that nothing reads are hardly all meant. */
const MANY_OUTPUTS = 16;

/** The outputs of nodes that nothing reads and that depend on a placeholder (if there are any). */
function defaultOutputs(graph: RawGraph): string[] {
  const nodes = [...graph.main.nodes.values()];
  const read = new Set(nodes.flatMap((node) => node.inputs.map((source) => source.node)));
  const isResult = (node: RawNode) => !notResults.test(node.op) && !isPivot(graph, node);
  const loose = nodes.filter((node) => !read.has(node.name) && isResult(node));
  const fed = dependents(nodes);
  const results = fed.size > 0 ? loose.filter((node) => fed.has(node.name)) : loose;
  if (results.some((node) => TRAINING.test(node.op)))
    throw new ModelError(
      'invalid-option',
      `the graph is one for training, so its results cannot be told. Name the outputs with --output${likelyOutputs(nodes, fed)}.`,
      { where: graph.origin.name },
    );
  if (results.length === 0 || results.length > MANY_OUTPUTS)
    throw new ModelError(
      'invalid-option',
      `the outputs cannot be told: ${results.length} nodes are read by nothing. Name the outputs with --output.`,
      { where: graph.origin.name },
    );
  return results.flatMap((node) => tensorsOf(graph, node)).sort(compareNames);
}

/** Operations whose outputs behind the first one are for their gradient, or tell which branch was taken. */
const FIRST_ALONE =
  /^(_?FusedBatchNorm|(Sparse)?SoftmaxCrossEntropyWithLogits|CTCLoss|(LSTM|GRU)BlockCell|BlockLSTM|Cudnn|(Ref)?Merge$)/;

/** Every output of a node, as `name` and `name:index`. */
function tensorsOf(graph: RawGraph, node: RawNode): string[] {
  const count = FIRST_ALONE.test(node.op) ? 1 : (graph.detailsOf(node).types?.length ?? 1);
  return Array.from({ length: Math.max(count, 1) }, (_, i) => (i === 0 ? node.name : `${node.name}:${i}`));
}

/** One side of the condition of a branch, on which its constants depend by control edges. */
function isPivot({ main }: RawGraph, { op, inputs: [source] }: RawNode): boolean {
  const from = op === 'Identity' && source ? main.nodes.get(source.node) : undefined;
  if (!from || !/^(Ref)?Switch$/.test(from.op)) return false;
  const [data, condition] = from.inputs;
  return data !== undefined && data.node === condition?.node && data.index === condition.index;
}

/** Names of the nodes that depend on a placeholder. */
function dependents(nodes: readonly RawNode[]): Set<string> {
  const readers = new Map<string, string[]>();
  for (const node of nodes)
    for (const { node: source } of node.inputs) {
      const list = readers.get(source);
      if (list) list.push(node.name);
      else readers.set(source, [node.name]);
    }
  const fed = new Set(nodes.filter((n) => n.op.startsWith('Placeholder')).map((n) => n.name));
  for (const name of fed) for (const reader of readers.get(name) ?? []) fed.add(reader);
  return fed;
}
