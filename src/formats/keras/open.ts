import { type Hdf5File, isHdf5, loadHdf5, needsLibrary, openHdf5 } from '../../bytes/hdf5.js';
import { type ByteSource, bytesSource, type FileTree, isTree } from '../../bytes/source.js';
import { isZip, loadZip, unzip } from '../../bytes/zip.js';
import { ModelError } from '../../errors.js';
import { type JsonObject, parseKerasJson, plainObject } from './json.js';
import {
  CONFIG,
  type Configuration,
  configNames,
  configurationAmong,
  configurationIn,
  isKerasFolder,
  METADATA,
  onlyWeightsIn,
  type Parts,
  partsIn,
  textOf,
  versionOf,
  WEIGHTS,
  weightNames,
  weightsIn,
} from './parts.js';
import { readTopology, type Topology } from './topology.js';
import { giveVocabularies, isVocabulary } from './vocabularies.js';
import { type LayerWeights, type NamedArray, readWeights, weightsByName } from './weights.js';

/** A Keras model as its file has it. */
export interface KerasModel {
  readonly topology: Topology;
  readonly weights: LayerWeights;
  /** Major version of Keras that wrote it: layers of one name differ. */
  readonly version: number;
}

const startOf = (source: ByteSource): Uint8Array => source.read(0, Math.min(64, source.size));

/** True for HDF5 files, zip archives, and folders of a configuration and HDF5 files. */
export const looksLikeKeras = (input: ByteSource | FileTree): boolean =>
  isTree(input) ? isKerasFolder(input) : isHdf5(startOf(input)) || isZip(input);

/** Tells a `.keras` archive, by the names of its files, from others. */
export const isKerasArchive = (names: readonly string[]): boolean => names.includes(CONFIG);

/** Loads the libraries that reading needs. */
export async function prepareKeras(input: ByteSource | FileTree): Promise<void> {
  if (isTree(input)) {
    const weights = partsIn(input)?.weights ?? onlyWeightsIn(input);
    return weights && needsLibrary(weights) ? loadHdf5() : undefined;
  }
  if (!isZip(input)) return needsLibrary(input) ? loadHdf5() : undefined;
  await loadZip();
  const weights = unzip(input, (name) => name === WEIGHTS).get(WEIGHTS);
  if (weights && needsLibrary(bytesSource(weights))) await loadHdf5();
}

/**
 * Reads a `.keras` archive (Keras 3, and 2 from 2.12 on), a whole-model `.h5` file (Keras 1 to 3), or weights in a `.h5`
 * file with the configuration in a JSON file beside them: in a folder, or found from either file.
 * @throws {ModelError} `malformed-file` for damaged files, `unsupported` for other archives and weights without a model,
 *   `not-found` for a configuration without weights.
 */
export function openKeras(input: ByteSource | FileTree): KerasModel {
  if (isTree(input)) return openFolder(input);
  return isZip(input) ? openArchive(input) : openFile(input);
}

function openArchive(source: ByteSource): KerasModel {
  const files = unzip(source, (name) => [CONFIG, METADATA, WEIGHTS].includes(name) || isVocabulary(name));
  const fileOf = (name: string): ByteSource | undefined => {
    const bytes = files.get(name);
    return bytes && bytesSource(bytes, `${source.name}/${name}`);
  };
  const [config, weights] = [fileOf(CONFIG), fileOf(WEIGHTS)];
  if (!config) throw new ModelError('unsupported', `a .keras archive with ${CONFIG} expected.`, { where: source.name });
  if (!weights)
    throw new ModelError('unsupported', `${WEIGHTS} expected in the archive; weights of other kinds are not read.`, {
      where: source.name,
    });
  const object = parseKerasJson(textOf(config), config.name);
  const version = versionOf(object, fileOf(METADATA)) ?? '3';
  const model = join({ config: { object, where: config.name, version }, weights });
  giveVocabularies(model.topology, files);
  return model;
}

function openFolder(tree: FileTree): KerasModel {
  const parts = partsIn(tree);
  if (parts) return join(parts);
  const weights = onlyWeightsIn(tree);
  if (weights) return openFile(weights);
  const config = configurationIn(tree);
  if (config && tree.main !== undefined)
    throw new ModelError(
      'not-found',
      `weights expected beside the configuration: ${weightNames(config.where).join(', ')}. There is no such file.`,
      { where: config.where },
    );
  throw new ModelError(
    'unsupported',
    `one file of weights expected, there are ${weightsIn(tree).slice(0, 5).join(', ')}. Give one of them by its path; ` +
      'weights that were saved in several files are not read.',
    { where: tree.name },
  );
}

/** A model in a configuration and a file of weights. */
function join({ config, weights }: Parts): KerasModel {
  const file = openHdf5(weights);
  return modelOf(config, file, weights.name, config.version ?? versionIn(file) ?? '2');
}

const versionIn = (file: Hdf5File): string | undefined =>
  (file.texts('', 'keras_version') ?? file.texts('model_weights', 'keras_version'))?.[0];

function openFile(source: ByteSource): KerasModel {
  const file = openHdf5(source);
  const [text] = file.texts('', 'model_config') ?? [];
  if (text === undefined) return openWeights(source);
  const where = `${source.name} model_config`;
  return modelOf({ object: parseKerasJson(text, where), where }, file, source.name, versionIn(file) ?? '1');
}

function modelOf(
  { object, where }: Pick<Configuration, 'object' | 'where'>,
  file: Hdf5File,
  name: string,
  version: string,
): KerasModel {
  const topology = located(where, () => readTopology(object));
  return { topology, weights: located(name, () => readWeights(topology, file, name)), version: majorOf(version) };
}

/** Weights, whose configuration is a file beside them. */
function openWeights(source: ByteSource): KerasModel {
  const names = configNames(source.name);
  const config = configurationAmong(names, (name) => source.beside?.(name));
  if (config) return join({ config, weights: source });
  throw new ModelError(
    'unsupported',
    'weights without a model (no model_config). Save the whole model: model.save("model.keras"); or put the text of ' +
      `model.to_json() beside the weights, as ${names.join(' or ')}.`,
    { where: source.name },
  );
}

/**
 * A Keras model of a configuration and weights by name, as TensorFlow.js stores it: `conv2d_1/kernel`, in the order in
 * which each layer lists its own.
 * @throws {ModelError} `malformed-file`, `unsupported`
 */
export function kerasOfParts(
  config: JsonObject,
  weights: readonly NamedArray[],
  version: string | undefined,
  where: string,
): KerasModel {
  return located(where, () => {
    const object = plainObject(config, where);
    const topology = readTopology(object);
    const weightsOf = weightsByName(topology, weights);
    return { topology, weights: weightsOf, version: majorOf(version ?? versionOf(object, undefined) ?? '2') };
  });
}

const majorOf = (version: string): number => Number.parseInt(version, 10) || 2;

function located<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ModelError && error.where === undefined)
      throw new ModelError(error.code, error.message, { where, cause: error });
    throw error;
  }
}
