import { ModelError, type Obstacle } from '../../errors.js';
import { Constant } from '../../ir/constant.js';
import { Graph, type Model, type Signature, Value } from '../../ir/graph.js';
import { didYouMean } from '../../ir/nearest-name.js';
import type { DType, Shape } from '../../ir/tensor.js';
import { addNode, withNode } from '../../ops/build.js';
import type { CustomLayer, CustomLayerCall } from '../types.js';
import { isObject } from './json.js';
import { type CallFacts, LayerCall, type Lower, type ModelState, type Operand, uniqueName } from './layers/context.js';
import { passMask } from './layers/masks.js';
import { operations } from './layers/operations.js';
import { layers } from './layers/table.js';
import type { KerasModel } from './open.js';
import {
  type Argument,
  type Call,
  declaredShape,
  type Layer,
  refsOfCall,
  type TensorRef,
  type Topology,
} from './topology.js';
import type { LayerWeights } from './weights.js';

/** How to lower a Keras model. */
export interface LowerKerasOptions {
  /** Input name -> shape; replaces the declared one. */
  readonly inputShapes?: Readonly<Record<string, Shape>> | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
  /** Layers that the caller knows, by class; they go before those that are known here. */
  readonly customLayers?: Readonly<Record<string, CustomLayer>> | undefined;
}

/** What the models within a model share while they are lowered. */
interface Context {
  readonly state: ModelState;
  readonly weights: LayerWeights;
  readonly problems: Map<string, Obstacle>;
}

/**
 * A Keras model as a model of TFLite operators, with one signature: inputs and outputs have the names of their layers.
 * @throws {ModelError} `unsupported` naming every layer that cannot be lowered, with the reason.
 */
export function lowerKeras(model: KerasModel, options: LowerKerasOptions = {}): Model {
  const graph = new Graph('main');
  const graphs = [graph];
  const warn = options.onWarning ?? (() => undefined);
  const problems = new Map<string, Obstacle>();
  const state: ModelState = {
    graphs,
    names: new Set(),
    version: model.version,
    constants: new Map(),
    derived: new Map(),
    masks: new Map(),
    warn,
    customLayers: options.customLayers ?? {},
    lowerLayer,
  };
  const { topology } = model;
  checkShapeNames(topology, Object.keys(options.inputShapes ?? {}));
  const inputs = topology.inputs.map((ref) => inputValue(topology, ref, options.inputShapes ?? {}));
  graph.inputs.push(...inputs);
  for (const v of inputs) state.names.add(v.name);
  const context = { state, weights: model.weights, problems };
  const results = reporting(problems, () => lowerTopology(context, topology, inputs, ''));
  const names = placeOutputs(graph, topology, results);
  return { graphs, signatures: [signatureOf(inputs, names)], description: 'Converted from Keras.', metadata: [] };
}

/** Behind a layer that cannot be lowered others may not fit: then that layer is the error. */
function reporting<T>(problems: ReadonlyMap<string, Obstacle>, work: () => T): T {
  let result: T;
  try {
    result = work();
  } catch (error) {
    if (error instanceof ModelError) report(problems);
    throw error;
  }
  report(problems);
  return result;
}

const REMEDY = 'Make the model without, or export it as a SavedModel (model.export) and convert that.';

function report(problems: ReadonlyMap<string, Obstacle>): void {
  if (problems.size === 0) return;
  const lines = [...problems].map(([where, { reason }]) => `  ${where}: ${reason}`);
  if (
    ![...problems.values()].some(({ reason }) =>
      /model\.(export|quantize)|--input-shape|in front of the model/.test(reason),
    )
  )
    lines.push(REMEDY);
  const head = `${problems.size === 1 ? 'a layer' : `${problems.size} layers`} cannot be converted:`;
  throw new ModelError('unsupported', [head, ...lines].join('\n'), { obstacles: [...problems.values()] });
}

const DTYPES: Readonly<Record<string, DType>> = {
  bfloat16: 'f32',
  bool: 'bool',
  float16: 'f32',
  float32: 'f32',
  float64: 'f32',
  int16: 'i16',
  int32: 'i32',
  int64: 'i64',
  int8: 'i8',
  uint8: 'u8',
};

/** @throws {ModelError} `invalid-option` for a shape of an input that the model does not have. */
function checkShapeNames({ inputs }: Topology, given: readonly string[]): void {
  const names = inputs.map((ref) => ref.layer);
  for (const name of given)
    if (!names.includes(name))
      throw new ModelError(
        'invalid-option',
        `a name of an input expected. Inputs: ${names.join(', ') || 'none'}.${didYouMean(name, names)}`,
        { where: `shape of '${name}'` },
      );
}

/** The graph input that an InputLayer stands for. */
function inputValue(topology: Topology, ref: TensorRef, inputShapes: Readonly<Record<string, Shape>>): Value {
  const layer = topology.layers.find((l) => l.name === ref.layer);
  if (!layer) throw new ModelError('malformed-file', `input layer '${ref.layer}' is not there`);
  return withNode(layer.className, layer.name, () => {
    const declared = declaredShape(layer.config);
    const shape = Array.isArray(declared) ? declared.map((d) => (typeof d === 'number' ? d : -1)) : undefined;
    const given = Object.hasOwn(inputShapes, layer.name) ? inputShapes[layer.name] : undefined;
    if (!shape && !given)
      throw new ModelError('unsupported', `has no shape. Give one: --input-shape ${layer.name}=1,...`);
    if (shape && given && shape.length !== given.length)
      throw new ModelError('invalid-option', `--input-shape: ${shape.length} sizes expected, got [${given}].`);
    if (given?.some((d) => d === 0)) throw new ModelError('invalid-option', `--input-shape: sizes of at least 1, or -1 for unknown, expected, got [${given}].`); // biome-ignore format: long
    const dtype = layer.config.get('dtype') ?? 'float32';
    const name = typeof dtype === 'string' && !dtype.startsWith('mixed_') ? dtype : 'float32';
    const type = Object.hasOwn(DTYPES, name) ? DTYPES[name] : undefined;
    if (!type) throw new ModelError('unsupported', `takes ${name}, which no operator here does. ${remedyFor(topology, name)}`); // biome-ignore format: long
    return new Value(layer.name, type, given ?? shape);
  });
}

/** Texts are for the layers that read them, which belong in front of the model. */
function remedyFor({ layers }: Topology, dtype: string): string {
  if (dtype !== 'string') return 'Make the model with inputs of float32 or int32.';
  const reader = layers.find(({ className }) => TEXT_LAYERS.has(className));
  const what = reader ? `${reader.className} '${reader.name}'` : 'The layers that read text';
  return (
    `${what} belongs in front of the model: make one of the layers behind it, which takes the numbers that it gives ` +
    '(keras.Input of int32, and the same layers), and convert that.'
  );
}

const TEXT_LAYERS: ReadonlySet<string> = new Set(['Hashing', 'HashedCrossing', 'StringLookup', 'TextVectorization']);

const keyOf = ({ layer, node }: { readonly layer: string; readonly node: number }): string => `${node}:${layer}`;

/** The calls that the outputs need. Losses that a model adds to itself, and what is computed for them, are not among them. */
function neededCalls({ layers, outputs }: Topology): Set<string> {
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const needed = new Set<string>();
  const open = [...outputs];
  for (let ref = open.pop(); ref; ref = open.pop()) {
    if (needed.has(keyOf(ref))) continue;
    needed.add(keyOf(ref));
    const call = byName.get(ref.layer)?.calls[ref.node];
    if (call) open.push(...refsOfCall(call));
  }
  return needed;
}

/** Lowers every call of a model's layers that is needed, as soon as what it reads is known. */
function lowerTopology(context: Context, topology: Topology, inputs: readonly Value[], prefix: string): Value[] {
  const values = new Map<string, readonly Value[]>();
  const needed = neededCalls(topology);
  const pending: { layer: Layer; node: number; missing: Set<string> }[] = [];
  const waiting = new Map<string, typeof pending>();
  for (const [i, ref] of topology.inputs.entries()) if (inputs[i]) values.set(keyOf(ref), [inputs[i]]);
  for (const layer of topology.layers)
    for (const [node, call] of layer.calls.entries()) {
      const key = keyOf({ layer: layer.name, node });
      if (values.has(key) || !needed.has(key)) continue;
      const missing = new Set(
        refsOfCall(call)
          .map(keyOf)
          .filter((k) => !values.has(k)),
      );
      const item = { layer, node, missing };
      if (missing.size === 0 && refsOfCall(call).length > 0) pending.push(item);
      for (const key of missing) waiting.set(key, [...(waiting.get(key) ?? []), item]);
    }
  for (let item = pending.shift(); item; item = pending.shift()) {
    const { layer, node } = item;
    const key = keyOf({ layer: layer.name, node });
    values.set(key, lowerCall(context, layer, node, values, prefix));
    for (const next of waiting.get(key) ?? []) {
      next.missing.delete(key);
      if (next.missing.size === 0) pending.push(next);
    }
  }
  return topology.outputs.map((ref) => tensorAt(values, ref));
}

function tensorAt(values: ReadonlyMap<string, readonly Value[]>, ref: TensorRef): Value {
  const value = values.get(keyOf(ref))?.[ref.index];
  if (value) return value;
  throw new ModelError('malformed-file', `output ${ref.index} of '${ref.layer}' is read but not computed`);
}

function lowerCall(
  context: Context,
  layer: Layer,
  node: number,
  values: ReadonlyMap<string, readonly Value[]>,
  prefix: string,
): readonly Value[] {
  const { state, problems } = context;
  const call = layer.calls[node] as Call;
  const inputs = refsOfCall(call).map((ref) => tensorAt(values, ref));
  const name = `${prefix}${layer.name}`;
  if (layer.model) return lowerTopology(context, layer.model, inputs, `${name}/`);
  const operand = (a: Argument): Operand => {
    if ('tensor' in a) return { tensor: tensorAt(values, a.tensor) };
    return 'list' in a ? { list: a.list.map(operand) } : a;
  };
  const facts = {
    className: layer.className,
    isOperation: layer.isOperation,
    isOwn: layer.isOwn,
    name,
    config: layer.config,
    weights: context.weights.get(layer) ?? [],
    args: call.args.map(operand),
    kwargs: Object.fromEntries(Object.entries(call.kwargs).map(([k, v]) => [k, operand(v)])),
    wrapped: wrappedBy(context, layer, name),
  };
  try {
    const lowered = new LayerCall(state, facts);
    const outputs = lowerLayer(lowered);
    checkWeights(lowered);
    nameOutputs(state, outputs, inputs, name);
    passMask(lowered, outputs);
    return outputs;
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'unsupported' || problems.size > 100) throw error;
    const { className: op } = layer;
    const reason = error.where === undefined ? error.message : error.message.replace(`${error.where}: `, '');
    problems.set(`${op} '${name}'`, { op, nodes: [name], reason, remedy: null });
    // Whatever stands here, the search for such layers ends where its shape matters.
    return inputs.length > 0 ? new Array<Value>(8).fill(inputs[0] as Value) : [];
  }
}

/** What a wrapper around a model, or around such a wrapper, runs. */
function wrappedBy(context: Context, { wrapped }: Layer, prefix: string): CallFacts['wrapped'] {
  if (!wrapped) return undefined;
  const { className, isOperation, config, model } = wrapped;
  const name = `${prefix}/${wrapped.name}`;
  if (model) return (inputs) => lowerTopology(context, model, inputs, `${name}/`);
  const facts = {
    className,
    isOperation,
    name,
    config,
    weights: [],
    kwargs: {},
    wrapped: wrappedBy(context, wrapped, name),
  };
  return (inputs) => lowerLayer(new LayerCall(context.state, { ...facts, args: inputs.map((tensor) => ({ tensor })) }));
}

function lowerLayer(call: LayerCall): readonly Value[] {
  const { className, isOperation, isOwn, name } = call.facts;
  const { customLayers } = call.state;
  // A registered class has its package in front in `.h5` files: `Custom>Sampling`.
  const key = [className, className.replace(/^.*>/, '')].find((k) => Object.hasOwn(customLayers, k));
  const custom = key === undefined ? undefined : customLayers[key];
  if (isQuantized(call) && !custom) throw new ModelError('unsupported', QUANTIZED);
  const tables = isOwn ? [] : isOperation ? [operations, layers] : [layers, operations];
  const known = tables.find((table) => Object.hasOwn(table, className))?.[className];
  const lower: Lower | undefined = custom ? (c) => custom(customCall(c)) : known;
  if (!lower)
    throw new ModelError(
      'unsupported',
      `the class ${className} is not one of Keras's that are known here${isOwn ? ', but the model’s own' : ''}. ${OWN_CLASS}`,
    );
  return withNode(className, name, () => {
    const result = lower(call);
    return Array.isArray(result) ? (result as readonly Value[]) : [result as Value];
  });
}

const OWN_CLASS =
  'Export the model as a SavedModel (model.export) and convert that, or give customLayers to the library.';

/** A class that has weights, none of which Keras's of that name reads, is another one: `.h5` files do not say whose it is. */
function checkWeights({ facts, state }: LayerCall): void {
  const { className, weights } = facts;
  const floats = weights.filter(({ type }) => type.startsWith('float'));
  const isRead = weights.some((array) => state.constants.has(array)) || Object.hasOwn(state.customLayers, className);
  if (floats.length === 0 || isRead || className === 'Normalization') return;
  throw new ModelError(
    'unsupported',
    `has ${floats.length} weights, which Keras's class ${className} has not: the class is the model’s own. ${OWN_CLASS}`,
  );
}

const QUANTIZED =
  'was quantized by Keras, which computes with other numbers. Save the model before model.quantize, and convert that ' +
  'with --quantize dynamic.';

/** True where the policy by which a layer computes names what it was made of: `int8_from_float32`. */
function isQuantized({ facts }: LayerCall): boolean {
  const dtype = facts.config.get('dtype');
  const config = isObject(dtype) && isObject(dtype.config) ? dtype.config : {};
  const name = typeof dtype === 'string' ? dtype : config.name;
  return typeof config.source_name === 'string' || (typeof name === 'string' && name.includes('_from_'));
}

/** A call of a layer as those see it who know its class. */
const customCall = (call: LayerCall): CustomLayerCall => ({
  name: call.name,
  config: call.config.object,
  inputs: call.inputs,
  weight: (index) => call.weight(index, `weight_${index}`),
  constant: (dtype, numbers, shape) => call.make(dtype, numbers, shape),
  emit: (op, inputs, options) => call.emit(op, inputs, options),
});

/** The tensors that leave a layer have its name. */
function nameOutputs(state: ModelState, outputs: readonly Value[], inputs: readonly Value[], name: string): void {
  for (const [i, value] of outputs.entries()) {
    if (inputs.includes(value) || !value.name.startsWith(`${name}/`) || value.constant) continue;
    value.name = uniqueName(state.names, i === 0 ? name : `${name}:${i}`);
    if (value.producer?.outputs[0] === value) value.producer.name = value.name;
  }
}

/**
 * Makes the graph's outputs. Each becomes a tensor of its own that a node writes; one that is an input or another output
 * already is copied.
 */
function placeOutputs(graph: Graph, topology: Topology, results: readonly Value[]): string[] {
  const layers = results.map((_, i) => topology.outputs[i]?.layer ?? `output_${i}`);
  const taken = new Set<string>();
  return results.map((result, i) => {
    const layer = layers[i] as string;
    let name = layer;
    for (let n = 1; taken.has(name) || (n > 1 && layers.includes(name)); n++) name = `${layer}_${n}`;
    taken.add(name);
    const isOwn = result.producer !== undefined && !graph.isOutput(result) && !result.constant;
    graph.outputs.push(isOwn ? result : copyOf(graph, result, name));
    return name;
  });
}

function copyOf(graph: Graph, value: Value, name: string): Value {
  const unknown = value.shape?.filter((d) => d < 0).length ?? 2;
  const shape =
    unknown <= 1
      ? Value.constant(`${name}/shape`, Constant.i32(value.shape ?? []))
      : addNode(graph, undefined, { op: 'SHAPE', name: `${name}/shape`, inputs: [value] })[0];
  const [copy] = addNode(graph, undefined, { op: 'RESHAPE', name: `${name}/copy`, inputs: [value, shape] });
  const result = copy as Value;
  result.shape = value.shape;
  return result;
}

function signatureOf(inputs: readonly Value[], outputs: readonly string[]): Signature {
  return {
    key: 'serving_default',
    graph: 0,
    inputs: inputs.map(({ name }, index) => ({ name, index })),
    outputs: outputs.map((name, index) => ({ name, index })),
  };
}
