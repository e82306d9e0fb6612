import type { Hdf5Array, Hdf5File } from '../../bytes/hdf5.js';
import { ModelError } from '../../errors.js';
import { innerLayers, numberedNames } from './inner-layers.js';
import type { JsonObject } from './json.js';
import { withoutLora } from './lora.js';
import { type Layer, modelWithin, type Topology } from './topology.js';
import { weightsInOrder } from './weights-in-order.js';

/** The weights of a layer, in the order in which Keras lists them: trainable ones, then the others. */
export type LayerWeights = ReadonlyMap<Layer, readonly Hdf5Array[]>;

/** Groups deeper than any model has, and more objects than any has. */
const DEEPEST = 40;
const MOST = 200_000;

/**
 * The weights of every layer of a model, from either layout: by class and position (Keras 3), or by the layers' names
 * (`.h5` files).
 */
export function readWeights(topology: Topology, file: Hdf5File, where: string): LayerWeights {
  const found = new Map<Layer, readonly Hdf5Array[]>();
  const root = file.names('').includes('model_weights') ? 'model_weights' : '';
  if (file.texts(root, 'layer_names') ?? file.texts(root, 'layer_names0')) readByName(topology, file, root, found);
  else readByClass(topology, pathsOf(file, where), '', found);
  return found;
}

/** The layout by names: a group for each layer, whose `weight_names` say where its arrays are. */
function readByName(topology: Topology, file: Hdf5File, root: string, found: Map<Layer, readonly Hdf5Array[]>): void {
  for (const layer of topology.layers) {
    const group = root === '' ? layer.name : `${root}/${layer.name}`;
    const names = joinedTexts(file, group, 'weight_names');
    const arrays = names.map((name) => ({ name, array: file.array(`${group}/${name}`) }));
    for (const { name, array } of arrays)
      if (!array) throw new ModelError('malformed-file', `weight '${group}/${name}' is named but not there`);
    const model = modelWithin(layer);
    if (model) divide(model, arrays as NamedArray[], found);
    else found.set(layer, withoutLora(arrays as NamedArray[], layer.config.object));
  }
}

/** An array, and a name that holds the names of its layers: `encoder/conv2d_1/kernel`. */
export interface NamedArray {
  readonly name: string;
  readonly array: Hdf5Array;
}

/** The weights of every layer, found by their names, or by their order where names tell no layer. */
export function weightsByName(topology: Topology, arrays: readonly NamedArray[]): LayerWeights {
  const inOrder = weightsInOrder(topology, arrays);
  if (inOrder) return inOrder;
  const found = new Map<Layer, readonly Hdf5Array[]>();
  divide(topology, arrays, found);
  return found;
}

/** The weights of a model within a model are in one list; their names hold those of the layers. */
function divide(topology: Topology, all: readonly NamedArray[], found: Map<Layer, readonly Hdf5Array[]>): void {
  const arrays = withoutName(topology.name, all);
  for (const layer of topology.layers) {
    const own = ofLayer(layer.name, topology.name, arrays);
    const model = modelWithin(layer);
    if (model) divide(model, own.length > 0 ? own : arrays, found);
    else found.set(layer, withoutLora(own, layer.config.object));
  }
}

/**
 * The arrays with a layer in their name: at its start, or behind the model's name. Layers of other models may have the
 * same name, so that only where there are none it may stand further inside.
 */
function ofLayer(layer: string, model: string, arrays: readonly NamedArray[]): readonly NamedArray[] {
  const starts = [`${layer}/`, `${model}/${layer}/`];
  const own = arrays.filter(({ name }) => starts.some((start) => name.startsWith(start)));
  if (own.length > 0) return own;
  return arrays.filter(({ name }) => name.slice(0, name.lastIndexOf('/') + 1).includes(`/${layer}/`));
}

/** Names of arrays without that of their model in front, which a layer of it may have too. */
function withoutName(model: string, arrays: readonly NamedArray[]): readonly NamedArray[] {
  const rest = arrays.map(({ name, array }) => ({ name: name.slice(model.length + 1), array }));
  const isInFront = arrays.every(({ name }, i) => name.startsWith(`${model}/`) && rest[i]?.name.includes('/'));
  return isInFront ? rest : arrays;
}

/** A list attribute, which is split into numbered ones where it is long. */
function joinedTexts(file: Hdf5File, path: string, attribute: string): string[] {
  const whole = file.texts(path, attribute);
  if (whole) return [...whole];
  const all: string[] = [];
  for (let i = 0; ; i++) {
    const part = file.texts(path, `${attribute}${i}`);
    if (!part) return all;
    all.push(...part);
  }
}

/** Path with `/` between all its parts -> array. Keras on Windows wrote names with backslashes. */
type Paths = ReadonlyMap<string, () => Hdf5Array | undefined>;

function pathsOf(file: Hdf5File, where: string): Paths {
  const paths = new Map<string, () => Hdf5Array | undefined>();
  let count = 0;
  const visit = (path: string, plain: string, depth: number): void => {
    for (const name of file.names(path)) {
      if (++count > MOST || depth > DEEPEST)
        throw new ModelError('malformed-file', 'more groups than any model has', { where });
      if (depth === 0 && /^(optimizer|metrics)/.test(name)) continue;
      const inside = path === '' ? name : `${path}/${name}`;
      const insidePlain = `${plain}/${name}`.replaceAll('\\', '/').replace(/^\//, '');
      if (/(^|\/)vars$/.test(plain)) paths.set(insidePlain, () => file.array(inside));
      else visit(inside, insidePlain, depth + 1);
    }
  };
  visit('', '', 0);
  return paths;
}

/** The layout by classes: `layers/conv2d_1/vars/0` is the first weight of the second Conv2D of the model. */
function readByClass(topology: Topology, paths: Paths, prefix: string, found: Map<Layer, readonly Hdf5Array[]>): void {
  const lists = ['layers', '_layer_checkpoint_dependencies'].map((name) => `${prefix}${name}/`);
  const all = [...paths.keys()];
  const list = lists.find((l) => all.some((path) => path.startsWith(l))) ?? (lists[0] as string);
  const places = numberedNames(topology.layers.map((l) => l.className));
  const visit = (layer: Layer, at: string): void => {
    if (layer.model) readByClass(layer.model, paths, at, found);
    else if (layer.wrapped) visit(layer.wrapped, `${at}layer/`);
    else found.set(layer, arraysOf(layer.className, layer.config.object, paths, at));
  };
  for (const [i, layer] of topology.layers.entries()) visit(layer, `${list}${places[i]}/`);
}

/** The arrays of a layer: its own, and those of layers within it. */
function arraysOf(className: string, config: JsonObject, paths: Paths, at: string): Hdf5Array[] {
  const inner = innerLayers(className, config).flatMap(({ names, className: own, config: more }) => {
    const lists = names.map((name) => arraysOf(own, more, paths, `${at}${name}/`));
    return lists.find((list) => list.length > 0) ?? [];
  });
  return [...varsAt(paths, at), ...inner];
}

function varsAt(paths: Paths, at: string): Hdf5Array[] {
  const arrays: Hdf5Array[] = [];
  for (let i = 0; ; i++) {
    const array = paths.get(`${at}vars/${i}`)?.();
    if (!array) return arrays;
    arrays.push(array);
  }
}
