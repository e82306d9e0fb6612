import { ModelError } from '../../errors.js';
import { Config } from './config.js';
import { entry, isObject, type Json, type JsonObject } from './json.js';

/** Output `index` of call `node` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly node: number;
  readonly index: number;
}

/** An argument of a call: a tensor, a list of arguments, or a plain value. */
export type Argument =
  | { readonly tensor: TensorRef }
  | { readonly list: readonly Argument[] }
  | { readonly value: Json };

/** One call of a layer. */
export interface Call {
  readonly args: readonly Argument[];
  readonly kwargs: Readonly<Record<string, Argument>>;
}

/** A layer of a model, or a model that is a layer of another. */
export interface Layer {
  readonly className: string;
  /** True for a function of `keras.ops`, which a functional model of Keras 3 has among its layers. */
  readonly isOperation: boolean;
  /** True for a class that is not Keras's, though its name may be one of Keras's. */
  readonly isOwn: boolean;
  readonly name: string;
  readonly config: Config;
  /** Its calls within the model, in order. */
  readonly calls: readonly Call[];
  /** The layers of a layer that is a model. */
  readonly model: Topology | undefined;
  /** The layer that a wrapper is around, where that is a model or wraps one. */
  readonly wrapped: Layer | undefined;
}

/** The model that a layer is, or wraps. */
export const modelWithin = (layer: Layer): Topology | undefined =>
  layer.model ?? (layer.wrapped && modelWithin(layer.wrapped));

/** Layers and how they are connected. */
export interface Topology {
  readonly name: string;
  readonly isSequential: boolean;
  readonly layers: readonly Layer[];
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

const MODELS: ReadonlySet<string> = new Set(['Sequential', 'Functional', 'Model']);
/** True for the classes of Keras, and for one of somebody's own that only adds to a graph of layers. */
const isModelClass = (className: string, config: Json | undefined): boolean =>
  MODELS.has(className) || (isObject(config) && Array.isArray(entry(config, 'layers')) && Array.isArray(entry(config, 'output_layers'))); // biome-ignore format: long
/** Models in models, deeper than any has. */
const DEEPEST = 20;

/**
 * The layers of a model configuration, of Keras 1 to 3.
 * @throws {ModelError} `malformed-file`, or `unsupported` for a model that is written in Python.
 */
export function readTopology(object: JsonObject, depth = 0): Topology {
  const className = String(entry(object, 'class_name'));
  const config = entry(object, 'config');
  if (depth > DEEPEST) throw new ModelError('malformed-file', `models nested deeper than ${DEEPEST}`);
  if (!MODELS.has(className) && !(isObject(config) && Array.isArray(entry(config, 'layers'))))
    throw new ModelError(
      'unsupported',
      `a Sequential or Functional model expected, got ${className}, whose computation is Python code. ` +
        'Export the model as a SavedModel (model.export) and convert that.',
    );
  if (Array.isArray(config)) return sequential('sequential', config, depth);
  if (!isObject(config)) throw new ModelError('malformed-file', 'config: an object expected');
  const layers = entry(config, 'layers');
  if (!Array.isArray(layers)) throw new ModelError('malformed-file', 'layers: a list expected');
  const name = String(entry(config, 'name') ?? className.toLowerCase());
  if (className === 'Sequential') return sequential(name, layers, depth, entry(config, 'build_input_shape'));
  const read = layers.map((l) => layerOf(l, depth, callsOf));
  const [inputs, outputs] = [refsOf(entry(config, 'input_layers')), refsOf(entry(config, 'output_layers'))];
  return numberedFromZero({ name, isSequential: false, layers: read, inputs, outputs });
}

/**
 * A chain of layers; a first layer that is no input has the shape of its input in its own configuration, unless the model
 * was built for the shape of its first data.
 */
function sequential(name: string, list: readonly Json[], depth: number, built?: Json): Topology {
  let last: TensorRef | undefined;
  const layers = list.map((l) => {
    const layer = layerOf(l, depth, () => (last ? [{ args: [{ tensor: last }], kwargs: {} }] : [NO_ARGUMENTS]));
    last = { layer: layer.name, node: 0, index: 0 };
    return layer;
  });
  const [first] = layers;
  if (!first || !last) throw new ModelError('malformed-file', 'layers: at least one expected');
  if (first.className === 'InputLayer') {
    const input = { layer: first.name, node: 0, index: 0 };
    return { name, isSequential: true, layers, inputs: [input], outputs: [last] };
  }
  const input = { layer: `${first.name}_input`, node: 0, index: 0 };
  const taken = takenBy(first);
  const dtype = first.className === 'Embedding' ? 'float32' : (taken.get('dtype') ?? 'float32');
  const config = new Config({ name: input.layer, batch_shape: declaredShape(taken) ?? built ?? null, dtype });
  const made: Layer = { className: 'InputLayer', isOperation: false, isOwn: false, name: input.layer, config, calls: [NO_ARGUMENTS], model: undefined, wrapped: undefined }; // biome-ignore format: long
  const fed: Layer = { ...first, calls: [{ args: [{ tensor: input }], kwargs: {} }] };
  return { name, isSequential: true, layers: [made, fed, ...layers.slice(1)], inputs: [input], outputs: [last] };
}

/** The shape that a layer says its input has. */
export const declaredShape = (config: Config): Json | undefined =>
  config.get('batch_input_shape') ?? config.get('batch_shape');

/** The configuration that says what a first layer takes: its own, or that of the model's input which it is or wraps. */
function takenBy(first: Layer): Config {
  const own = declaredShape(first.config);
  const [ref] = first.model?.inputs ?? [];
  if (own !== undefined || !ref) return first.config;
  return first.model?.layers.find((l) => l.name === ref.layer)?.config ?? first.config;
}

const NO_ARGUMENTS: Call = { args: [], kwargs: {} };

function layerOf(json: Json, depth: number, calls: (object: JsonObject) => readonly Call[]): Layer {
  if (!isObject(json)) throw new ModelError('malformed-file', 'a layer: an object expected');
  const className = String(entry(json, 'class_name'));
  const given = entry(json, 'config');
  const config = isObject(given) ? given : {};
  const name = entry(json, 'name') ?? entry(config, 'name');
  const isModel = isModelClass(className, given);
  return {
    className,
    isOperation: isOperation(json, config),
    isOwn: isOwn(json),
    name: typeof name === 'string' ? name : className.toLowerCase(), // a class of the model's own may leave it out
    config: new Config(config),
    calls: calls(json),
    model: isModel ? readTopology(json, depth + 1) : undefined,
    wrapped: isModel ? undefined : wrappedOf(config, depth),
  };
}

/** Archives name the module of a class of Keras; another's has none, but a name by which it is registered. */
function isOwn(json: JsonObject): boolean {
  const [module, registered] = [entry(json, 'module'), entry(json, 'registered_name')];
  if (typeof module === 'string') return !/^(tf_|tensorflow\.(python\.)?)?keras(\.|$)/.test(module);
  return module === null && typeof registered === 'string';
}

/** Archives name the module of a class; `.h5` files do not, where layers of Keras 3 say more of themselves than functions. */
function isOperation(json: JsonObject, config: JsonObject): boolean {
  const module = entry(json, 'module');
  if (typeof module === 'string') return /(^|\.)ops\./.test(module);
  const nodes = entry(json, 'inbound_nodes');
  return Array.isArray(nodes) && isObject(nodes[0]) && entry(config, 'trainable') === undefined;
}

function wrappedOf(config: JsonObject, depth: number): Layer | undefined {
  const json = entry(config, 'layer');
  if (!isObject(json) || depth > DEEPEST) return undefined;
  const inside = entry(json, 'config');
  const isModel = isModelClass(String(entry(json, 'class_name')), inside);
  if (!isModel && !(isObject(inside) && isObject(entry(inside, 'layer')))) return undefined;
  const layer = layerOf(json, depth + 1, () => [NO_ARGUMENTS]);
  return layer.model || layer.wrapped ? layer : undefined;
}

/** `inbound_nodes` as Keras 1 and 2 wrote them (lists), or as Keras 3 does (objects with args and kwargs). */
function callsOf(json: JsonObject): readonly Call[] {
  const nodes = entry(json, 'inbound_nodes');
  if (!Array.isArray(nodes) || nodes.length === 0) return [NO_ARGUMENTS];
  return nodes.map((node: Json) => {
    if (isObject(node)) return keras3Call(node);
    if (!Array.isArray(node)) throw new ModelError('malformed-file', 'inbound_nodes: a list or an object expected');
    return keras2Call(node);
  });
}

function keras3Call(node: JsonObject): Call {
  const args = entry(node, 'args');
  const kwargs = entry(node, 'kwargs');
  return {
    args: Array.isArray(args) ? args.map(argumentOf) : [],
    kwargs: isObject(kwargs) ? Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, argumentOf(v)])) : {},
  };
}

function argumentOf(json: Json): Argument {
  if (Array.isArray(json)) return { list: json.map(argumentOf) };
  if (!isObject(json)) return { value: json };
  if (json.class_name !== '__keras_tensor__') {
    // The inputs of a model by name, in the order in which it lists them.
    const values = Object.keys(json).sort().map((key) => entry(json, key) as Json); // biome-ignore format: short
    if (values.length > 0 && values.every((v) => isObject(v) && v.class_name === '__keras_tensor__'))
      return { list: values.map(argumentOf) };
    return { value: json };
  }
  const history = isObject(json.config) ? json.config.keras_history : undefined;
  const tensor = refOf(history);
  if (!tensor) throw new ModelError('malformed-file', 'keras_history: [layer, node, tensor] expected');
  return { tensor };
}

/** `[[layer, node, tensor, kwargs], ...]`, or one such entry alone, whose kwargs may hold tensors too. */
function keras2Call(node: readonly Json[]): Call {
  const entries = typeof node[0] === 'string' ? [node] : node;
  const kwargs: Record<string, Argument> = {};
  const argument = (item: Json): Argument => {
    // A list within the list of tensors.
    if (Array.isArray(item) && typeof item[0] !== 'string') return { list: item.map(argument) };
    const tensor = refOf(item);
    const more = Array.isArray(item) ? item[3] : undefined;
    if (isObject(more)) for (const [k, v] of Object.entries(more)) kwargs[k] = keras2Argument(v);
    // A constant in the place of a tensor: ["_CONSTANT_VALUE", -1, value, kwargs]; the tensors are among the kwargs.
    if (Array.isArray(item) && item[0] === '_CONSTANT_VALUE') return { value: item[2] ?? null };
    if (!tensor) throw new ModelError('malformed-file', 'inbound_nodes: [layer, node, tensor, kwargs] expected');
    return { tensor };
  };
  const args = entries.map(argument);
  return { args: args.length === 1 ? args : [{ list: args }], kwargs };
}

function keras2Argument(json: Json): Argument {
  if (!Array.isArray(json)) return { value: json };
  const tensor = refOf(json);
  return tensor ? { tensor } : { list: json.map(keras2Argument) };
}

function refOf(json: Json | undefined): TensorRef | undefined {
  if (!Array.isArray(json)) return undefined;
  const [layer, node = 0, index = 0] = json;
  if (typeof layer !== 'string' || typeof node !== 'number' || typeof index !== 'number') return undefined;
  return node >= 0 && json.length >= 3 ? { layer, node, index } : undefined;
}

/** `input_layers` and `output_layers`: one reference, a list, or an object of them. */
function refsOf(json: Json | undefined): TensorRef[] {
  const one = refOf(json);
  if (one) return [one];
  if (Array.isArray(json)) return json.flatMap(refsOf);
  if (isObject(json)) return Object.keys(json).sort().flatMap((key) => refsOf(json[key])); // biome-ignore format: short
  throw new ModelError('malformed-file', 'input_layers, output_layers: [layer, node, tensor] expected');
}

/**
 * Keras counts the calls that are outside this model too (a model that is a layer has its own creation as call 0), while
 * only those within are listed; they are the last ones.
 */
function numberedFromZero(topology: Topology): Topology {
  const refs = [...topology.outputs, ...topology.layers.flatMap((l) => l.calls.flatMap(refsOfCall))];
  const highest = new Map<string, number>();
  for (const { layer, node } of refs) highest.set(layer, Math.max(highest.get(layer) ?? 0, node));
  const offsets = new Map<string, number>();
  for (const { name, calls } of topology.layers)
    offsets.set(name, Math.max(0, (highest.get(name) ?? 0) - (calls.length - 1)));
  const move = (ref: TensorRef): TensorRef => ({ ...ref, node: Math.max(0, ref.node - (offsets.get(ref.layer) ?? 0)) });
  const moved = (argument: Argument): Argument => {
    if ('tensor' in argument) return { tensor: move(argument.tensor) };
    return 'list' in argument ? { list: argument.list.map(moved) } : argument;
  };
  const layers = topology.layers.map((layer) => ({
    ...layer,
    calls: layer.calls.map(({ args, kwargs }) => ({
      args: args.map(moved),
      kwargs: Object.fromEntries(Object.entries(kwargs).map(([k, v]) => [k, moved(v)])),
    })),
  }));
  return { ...topology, layers, inputs: topology.inputs, outputs: topology.outputs.map(move) };
}

/** Every tensor that a call reads. */
export function refsOfCall({ args, kwargs }: Call): TensorRef[] {
  const inside = (argument: Argument): TensorRef[] => {
    if ('tensor' in argument) return [argument.tensor];
    return 'list' in argument ? argument.list.flatMap(inside) : [];
  };
  return [...args, ...Object.values(kwargs)].flatMap(inside);
}
