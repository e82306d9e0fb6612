import { assert, ModelError } from '../../../errors.js';
import { Constant } from '../../../ir/constant.js';
import { Graph, type Model, type Node, type Signature, Value } from '../../../ir/graph.js';
import { bitsOf, isComplex, type Shape } from '../../../ir/tensor.js';
import { addNode, withNode } from '../../../ops/build.js';
import { findOp } from '../../../ops/registry.js';
import type { TfFunction, TfGraph, TfModel, TfNode, TfPort, TfTensorRef } from '../graph.js';
import { chooseBranches } from './branches.js';
import { complexes, complexForm } from './complex.js';
import { whole } from './complex-values.js';
import { type Functions, type GraphState, type Lower, Lowering, NotLowered, type Shared } from './context.js';
import { lowerCustom } from './custom.js';
import { dropUnseenEffects } from './effects.js';
import { elementShapes } from './element-shapes.js';
import { fouriers } from './fourier.js';
import { importOrder } from './import-order.js';
import { withKnownSeeds } from './known-seeds.js';
import { castTo, type FittedNode } from './operands.js';
import { isComputedInSingle, singleConstant, singleType } from './single-precision.js';
import { lowerings } from './table.js';
import { tableContents } from './table-contents.js';
import { Unsupported } from './unsupported.js';
import { fillVariables } from './variables.js';

/** How to lower a TensorFlow model. */
export interface LowerTensorFlowOptions {
  /** Operations that have no counterpart become custom operators of their own name. */
  readonly allowCustomOps?: boolean;
  readonly onWarning?: (text: string) => void;
}

/**
 * A TensorFlow model as a model of TFLite operators: one graph for each signature, `main` when there is only one.
 * @throws {ModelError} `unsupported` naming every operation that has no counterpart, with the layers it comes from.
 */
export function lowerTensorFlow(model: TfModel, options: LowerTensorFlowOptions = {}): Model {
  const shared: Shared = { warn: options.onWarning ?? (() => undefined), derived: new Map() };
  const problems = new Unsupported();
  for (const bits of otherFloats(model))
    shared.warn(`what the model computes in ${bits}-bit floats is computed in 32-bit ones`);
  const inner: Graph[] = [];
  const entries = model.graphs.map((read, index) => {
    const graph = chooseBranches(dropUnseenEffects(withKnownSeeds(read)));
    const name = model.graphs.length === 1 ? 'main' : graph.signature.key;
    return lowerGraph(graph, index, name, { model, options, shared, problems, inner });
  });
  problems.report(model);
  fillOnce(entries, inner);
  return {
    graphs: [...entries.map((e) => e.graph), ...inner],
    signatures: entries.map((e) => e.signature),
    description: 'Converted from TensorFlow.',
    metadata: [],
  };
}

/** The widths of the floats other than 32-bit ones that the model computes with. */
function otherFloats({ graphs }: TfModel): Set<number> {
  const nodes = graphs.flatMap((g) => [...g.nodes, ...[...g.library.values()].flatMap((f) => f.nodes)]);
  const computing = nodes.filter((n) => !/^(Const|Cast|Placeholder|Identity)$/.test(n.op));
  return new Set(
    computing
      .flatMap((n) => n.outputTypes ?? [])
      .filter(isComputedInSingle)
      .map(bitsOf),
  );
}

interface ModelState {
  readonly model: TfModel;
  readonly options: LowerTensorFlowOptions;
  readonly shared: Shared;
  readonly problems: Unsupported;
  /** Graphs that control flow refers to; they come behind those of the signatures. */
  readonly inner: Graph[];
}

interface Entry {
  readonly graph: Graph;
  readonly signature: Signature;
  /** First values of the variables that it writes. */
  readonly variables: ReadonlyMap<string, Constant>;
}

/** Makes every graph that uses variables begin by filling them, once for all runs. */
function fillOnce(entries: readonly Entry[], inner: Graph[]): void {
  const users = entries.filter(({ variables }) => variables.size > 0);
  if (users.length === 0) return;
  const options = { initSubgraphIndex: entries.length + inner.length };
  inner.push(fillVariables(new Map(users.flatMap(({ variables }) => [...variables]))));
  for (const { graph } of users) {
    const [first] = graph.nodes();
    graph.insert(first, { op: 'CALL_ONCE', name: 'fill_variables', inputs: [], outputs: [], options });
  }
}

function lowerGraph(tf: TfGraph, index: number, name: string, model: ModelState): Entry {
  const graph = new Graph(name);
  const values = new Map<TfNode, readonly Value[]>();
  const outputRefs = tf.signature.outputs.map((port) => port.ref);
  const variables = new Map<string, Constant>();
  const state = newState(graph, tf.nodes, outputRefs, functionsOf(tf, variables, model), model);
  const tensorName = tensorNames(model.model);
  for (const port of tf.signature.inputs) {
    const value = new Value(tensorName(port), port.dtype, port.shape);
    graph.inputs.push(value);
    values.set(port.ref.node, [castTo(value, singleType(port.dtype), castsOf(graph, `${port.ref.node.name}/cast`))]);
  }
  for (const node of importOrder(tf)) if (!values.has(node)) values.set(node, lowerNode(state, node, values, model));
  if (!model.problems.isEmpty) return { graph, signature: signatureOf(tf, index, []), variables };
  const found = (port: TfPort) => wholeOf(state, outputOf(values, port.ref), castsOf(graph, tensorName(port)));
  const outputs = placeOutputs(graph, tf, found, tensorName);
  removeUnread(graph);
  return { graph, signature: signatureOf(tf, index, outputs), variables };
}

/** SavedModels name a tensor in full; frozen graphs, which have no signatures of their own, by its node. */
function tensorNames(model: TfModel): (port: TfPort) => string {
  return (port) => (model.kind === 'saved-model' ? port.tensorName : port.tensorName.replace(/:0$/, ''));
}

function newState(
  graph: Graph,
  nodes: readonly TfNode[],
  results: readonly TfTensorRef[],
  functions: Functions,
  model: ModelState,
): GraphState {
  const names = new Set(nodes.map((n) => n.name));
  const read = readOutputs(nodes, results);
  const lists = { openLists: new Map(), elementShapes: elementShapes(nodes) };
  return { ...model.shared, graph, names, read, functions, complexParts: new Map(), ...lists };
}

function readOutputs(nodes: readonly TfNode[], results: readonly TfTensorRef[]): Set<string> {
  const read = new Set<string>();
  const add = (ref: TfTensorRef) => read.add(`${ref.node.name}:${ref.index}`);
  for (const node of nodes) for (const input of node.inputs) add(input);
  for (const ref of results) add(ref);
  return read;
}

/** What the rows of control flow, of tables and of variables need of what their nodes name. */
function functionsOf(
  { library, initializer }: TfGraph,
  variables: Map<string, Constant>,
  model: ModelState,
): Functions {
  const tables = tableContents(initializer, model.model.openAsset);
  const functions: Functions = {
    find(name) {
      const found = library.get(name);
      if (!found) throw new ModelError('invalid-graph', `refers to a function '${name}', which is not there`);
      return found;
    },
    lower: (fn, args) => lowerFunction(fn, args, functions, model),
    add: (graph) => model.model.graphs.length + model.inner.push(graph) - 1,
    table: (name) => tables.get(name),
    addVariable: (name, value) => void (value && variables.set(name, value)),
    count: () => model.inner.length,
    forget: (count) => void model.inner.splice(count),
  };
  return functions;
}

/** The graph of a function. Arguments that are constants are built in, the others are its inputs. */
function lowerFunction(fn: TfFunction, args: readonly Value[], functions: Functions, model: ModelState): Graph {
  const graph = new Graph(fn.name);
  const state = newState(graph, fn.nodes, fn.results, functions, model);
  const values = new Map<TfNode, readonly Value[]>();
  for (const [i, arg] of fn.args.entries()) {
    const value = args[i] as Value;
    values.set(arg, [value]);
    if (!value.constant) graph.inputs.push(value);
  }
  const before = model.problems.count;
  for (const node of importOrder(fn)) if (!values.has(node)) values.set(node, lowerNode(state, node, values, model));
  if (model.problems.count > before) throw new NotLowered();
  graph.outputs.push(...fn.results.map((ref) => wholeOf(state, outputOf(values, ref), castsOf(graph, ref.node.name))));
  removeUnread(graph);
  return graph;
}

function lowerNode(
  state: GraphState,
  node: TfNode,
  values: ReadonlyMap<TfNode, readonly Value[]>,
  { options, problems }: ModelState,
): readonly Value[] {
  if (node.value && node.op === 'Const') return [Value.constant(node.name, singleConstant(node.value))];
  const row = lowerings.get(node.op);
  if (!row && (!options.allowCustomOps || problems.isControlFlow(node))) {
    problems.addOperation(node);
    return stubs(node, problems);
  }
  const inputs = node.inputs.map((ref) => outputOf(values, ref));
  if (inputs.some((v) => problems.comesFrom(v))) return stubs(node, problems);
  const lowering = new Lowering(state, node, inputs);
  try {
    const outputs = withNode(node.op, node.name, () => lowerRow(lowering, row ?? lowerCustom));
    return finish(state, node, inputs, outputs);
  } catch (error) {
    if (error instanceof NotLowered) return stubs(node, problems);
    if (!(error instanceof ModelError) || error.code !== 'unsupported') throw error;
    if (options.allowCustomOps && node.outputTypes && !problems.isControlFlow(node))
      return finish(state, node, inputs, lowerCustom(lowering));
    problems.addCase(node, error);
    return stubs(node, problems);
  }
}

/** Operands that are held as parts are put together for rows that know nothing of complex numbers. */
function lowerRow(c: Lowering, row: Lower): readonly Value[] {
  if (!c.inputs.some((v) => isComplex(v.dtype))) return row(c);
  const form = complexForm(c, row);
  if (form || c.node.op in complexes || c.node.op in fouriers) return (form ?? row)(c);
  return row(c.with(c.inputs.map((v) => wholeOf(c, v, (n) => c.emitAll(n.op, n.inputs, n.options)))));
}

function wholeOf(
  { complexParts }: Pick<GraphState, 'complexParts'>,
  value: Value,
  emit: (node: FittedNode) => Value[],
): Value {
  const parts = complexParts.get(value);
  return parts ? whole(parts, emit) : value;
}

/** Values that stand for the outputs of what cannot be lowered, so that the search for such operations goes on. */
function stubs(node: TfNode, problems: Unsupported): Value[] {
  const count = Math.max(node.outputTypes?.length ?? 0, 1);
  return Array.from({ length: count }, (_, i) =>
    problems.stub(new Value(`${node.name}:${i}`, node.outputTypes?.[i] ?? 'f32', node.outputShapes?.[i])),
  );
}

function outputOf(values: ReadonlyMap<TfNode, readonly Value[]>, ref: TfTensorRef): Value {
  const value = values.get(ref.node)?.[ref.index];
  if (value) return value;
  throw new ModelError('invalid-graph', `output ${ref.index} is read but not computed`, {
    where: `${ref.node.op} '${ref.node.name}'`,
  });
}

/** Names what the lowering made after the node, and takes over what the file knows of the shapes. */
function finish(
  state: GraphState,
  node: TfNode,
  inputs: readonly Value[],
  outputs: readonly Value[],
): readonly Value[] {
  for (const [i, value] of outputs.entries()) {
    if (inputs.includes(value) || !value.name.startsWith(`${node.name}/`)) continue;
    const name = i === 0 ? node.name : `${node.name}:${i}`;
    if (value.producer?.outputs[0] === value) value.producer.name = name;
    state.names.add(name);
    value.name = name;
    if (!value.constant && node.outputTypes?.[i] !== 'variant' && !node.op.startsWith('TensorArray'))
      value.shape = refined(value.shape, node.outputShapes?.[i]);
  }
  return outputs;
}

/** `shape` with its unknown sizes taken from `hint` where that has the same rank. */
function refined(shape: Shape | undefined, hint: Shape | undefined): Shape | undefined {
  if (!shape || !hint) return shape ?? hint;
  if (shape.length !== hint.length) return shape;
  return shape.map((d, i) => (d < 0 ? (hint[i] as number) : d));
}

/**
 * Makes the graph's outputs under their names. Each becomes a tensor of its own that a node writes: one that is an input,
 * a constant or another output already is copied, since LiteRT leaves such outputs unwritten.
 */
function placeOutputs(
  graph: Graph,
  tf: TfGraph,
  computed: (port: TfPort) => Value,
  tensorName: (port: TfPort) => string,
): number[] {
  return tf.signature.outputs.map((port) => {
    const found = computed(port);
    const source = isComputedInSingle(port.dtype) ? castTo(found, port.dtype, castsOf(graph, tensorName(port))) : found;
    const value = source.producer && !graph.isOutput(source) ? source : copyOf(graph, source, tensorName(port));
    value.shape = refined(value.shape, port.shape);
    value.name = tensorName(port);
    graph.outputs.push(value);
    return graph.outputs.length - 1;
  });
}

/** Adds the casts at the borders of a graph. */
const castsOf =
  (graph: Graph, name: string) =>
  (node: FittedNode): Value[] =>
    addNode(graph, undefined, { ...node, name });

/** A reshape to the shape that a value has. */
function copyOf(graph: Graph, value: Value, name: string): Value {
  const known = value.shape?.filter((d) => d < 0).length;
  const shape =
    known !== undefined && known <= 1
      ? Value.constant(`${name}/shape`, Constant.i32(value.shape ?? []))
      : addNode(graph, undefined, { op: 'SHAPE', name: `${name}/shape`, inputs: [value] })[0];
  const [copy] = addNode(graph, undefined, { op: 'RESHAPE', name, inputs: [value, shape] });
  assert(copy, 'RESHAPE has an output');
  copy.shape = refined(copy.shape, value.shape);
  return copy;
}

function signatureOf(tf: TfGraph, index: number, outputs: readonly number[]): Signature {
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
  return {
    key: tf.signature.key,
    graph: index,
    inputs: tf.signature.inputs.map((port, i) => ({ name: port.name, index: i })).sort(byName),
    outputs: outputs.map((at, i) => ({ name: tf.signature.outputs[i]?.name ?? '', index: at })).sort(byName),
  };
}

/** Drops the nodes whose results nothing reads: the sources of folded shapes, outputs of an expansion nobody wants. */
function removeUnread(graph: Graph): void {
  const nodes: Node[] = [...graph.nodes()].reverse();
  for (const node of nodes) {
    const isRead = node.outputs.some((v) => v.uses.length > 0 || graph.isOutput(v));
    if (!isRead && node.op !== 'CUSTOM' && !findOp(node.op)?.impure) graph.remove(node);
  }
}
