import type { ByteSource, FileTree } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { type JsonObject, parseKerasJson } from './json.js';

/** The configuration of a model, as `model.to_json()` gives it. */
export interface Configuration {
  readonly object: JsonObject;
  /** Its file, for messages. */
  readonly where: string;
  /** Version of Keras, `3.8.0`, where it is known. */
  readonly version: string | undefined;
}

/** A configuration and its weights, in files of their own. */
export interface Parts {
  readonly config: Configuration;
  readonly weights: ByteSource;
}

type Open = (name: string) => ByteSource | undefined;

export const CONFIG = 'config.json';
export const METADATA = 'metadata.json';
export const WEIGHTS = 'model.weights.h5';
const MODEL = 'model.json';

const isWeights = (name: string): boolean => /\.(h5|hdf5)$/i.test(name);
const stemOf = (name: string): string => name.replace(/([._]weights)?\.\w+$/i, '');

/** Names that the configuration of a file of weights may have, the likeliest first. */
export const configNames = (weights: string): string[] => [...new Set([`${stemOf(weights)}.json`, CONFIG, MODEL])];

/** Names that the weights of a configuration may have, the likeliest first. */
export const weightNames = (config: string): string[] => {
  const stem = stemOf(config);
  return [...new Set([`${stem}.weights.h5`, `${stem}_weights.h5`, `${stem}.h5`, WEIGHTS, 'weights.h5', 'model.h5'])];
};

/** The first of the named files that is the configuration of a Keras model. */
export function configurationAmong(names: readonly string[], open: Open): Configuration | undefined {
  for (const where of names) {
    const file = open(where);
    const object = file && configurationOf(file);
    if (object) return { object, where, version: versionOf(object, open(METADATA)) };
  }
  return undefined;
}

/** Undefined for a file that is something else, such as a TensorFlow.js model, which holds a configuration too. */
function configurationOf(file: ByteSource): JsonObject | undefined {
  const text = textOf(file);
  if (!text.includes('"class_name"') || text.includes('"modelTopology"')) return undefined;
  try {
    const object = parseKerasJson(text, file.name);
    return typeof object.class_name === 'string' && typeof object.config === 'object' ? object : undefined;
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

/** The version that a configuration names, or a file beside it. Keras 3 names none, and writes what Keras 2 does not. */
export function versionOf(object: JsonObject, metadata: ByteSource | undefined): string | undefined {
  const beside = metadata ? parseKerasJson(textOf(metadata), metadata.name).keras_version : undefined;
  const version = object.keras_version ?? beside;
  if (typeof version === 'string') return version;
  return Object.hasOwn(object, 'registered_name') ? '3' : undefined;
}

export const textOf = (file: ByteSource): string => new TextDecoder().decode(file.read(0, file.size));

const topLevel = (tree: FileTree): string[] => tree.list().filter((name) => !name.includes('/'));

/** The `.h5` files of a folder. */
export const weightsIn = (tree: FileTree): string[] => topLevel(tree).filter(isWeights);

/** The configuration in a folder: the file by which it was opened, or one of its top level. */
export function configurationIn(tree: FileTree): Configuration | undefined {
  const open: Open = (name) => tree.open(name);
  if (tree.main !== undefined) return tree.main.endsWith('.json') ? configurationAmong([tree.main], open) : undefined;
  const others = topLevel(tree).filter((name) => name.endsWith('.json') && name !== METADATA);
  return configurationAmong([...new Set([CONFIG, MODEL, ...others])], open);
}

/** A model in two files of a folder; undefined where one of them is not there, or nobody can tell which weights are its. */
export function partsIn(tree: FileTree): Parts | undefined {
  const config = configurationIn(tree);
  if (!config) return undefined;
  const likely = weightNames(config.where).find((name) => tree.open(name));
  const weights = likely === undefined ? onlyWeightsIn(tree) : tree.open(likely);
  return weights && { config, weights };
}

/** The `.h5` file of a folder that has only one, and that was not opened by another file. */
export function onlyWeightsIn(tree: FileTree): ByteSource | undefined {
  const [name, ...more] = tree.main === undefined ? weightsIn(tree) : [];
  return name === undefined || more.length > 0 ? undefined : tree.open(name);
}

/** Name of the weights of a folder that was opened by a configuration. */
export const kerasWeightsOf = (tree: FileTree): string | undefined => partsIn(tree)?.weights.name;

/** True for a folder of Keras files, and for one that was opened by a configuration. */
export function isKerasFolder(tree: FileTree): boolean {
  if (tree.main !== undefined) return configurationIn(tree) !== undefined;
  if (tree.open('saved_model.pb') ?? tree.open('saved_model.pbtxt')) return false;
  return weightsIn(tree).length > 0 && (!tree.open(MODEL) || configurationIn(tree) !== undefined);
}
