import { isHdf5, loadHdf5, needsLibrary, openHdf5 } from '../../bytes/hdf5.js';
import { type ByteSource, bytesSource } from '../../bytes/source.js';
import { loadZip, unzip } from '../../bytes/zip.js';
import { ModelError } from '../../errors.js';
import { type JsonObject, parseKerasJson } from './json.js';
import { readTopology, type Topology } from './topology.js';
import { type LayerWeights, type NamedArray, readWeights, weightsByName } from './weights.js';

/** A Keras model as its file has it. */
export interface KerasModel {
  readonly topology: Topology;
  readonly weights: LayerWeights;
  /** Major version of Keras that wrote it: layers of one name differ. */
  readonly version: number;
}

const CONFIG = 'config.json';
const WEIGHTS = 'model.weights.h5';

const startOf = (source: ByteSource): Uint8Array => source.read(0, Math.min(64, source.size));
const isZip = ([p, k, three, four]: Uint8Array): boolean => p === 0x50 && k === 0x4b && three === 3 && four === 4;

/** True for HDF5 files and zip archives. */
export const looksLikeKeras = (source: ByteSource): boolean => isHdf5(startOf(source)) || isZip(startOf(source));

/** Loads the libraries that reading needs. */
export async function prepareKeras(source: ByteSource): Promise<void> {
  if (!isZip(startOf(source))) return needsLibrary(source) ? loadHdf5() : undefined;
  await loadZip();
  const weights = unzip(source, (name) => name === WEIGHTS).get(WEIGHTS);
  if (weights && needsLibrary(bytesSource(weights))) await loadHdf5();
}

/**
 * Reads a `.keras` archive (Keras 3, and 2 from 2.12 on) or a whole-model `.h5` file (Keras 1 to 3).
 * @throws {ModelError} `malformed-file` for damaged files, `unsupported` for other archives and weights without a model.
 */
export function openKeras(source: ByteSource): KerasModel {
  return isZip(startOf(source)) ? openArchive(source) : openLegacy(source);
}

function openArchive(source: ByteSource): KerasModel {
  const files = unzip(source, (name) => [CONFIG, 'metadata.json', WEIGHTS].includes(name));
  const [config, weights] = [files.get(CONFIG), files.get(WEIGHTS)];
  if (!config)
    throw new ModelError(
      'unsupported',
      `a .keras archive with ${CONFIG} expected. For a zipped SavedModel: unzip it.`,
      {
        where: source.name,
      },
    );
  if (!weights)
    throw new ModelError('unsupported', `${WEIGHTS} expected in the archive; weights of other kinds are not read.`, {
      where: source.name,
    });
  const where = `${source.name}/${CONFIG}`;
  const object = parseKerasJson(new TextDecoder().decode(config), where);
  const metadata = files.get('metadata.json');
  const { keras_version: version } = metadata
    ? parseKerasJson(new TextDecoder().decode(metadata), `${source.name}/metadata.json`)
    : {};
  const topology = located(where, () => readTopology(object));
  const file = openHdf5(bytesSource(weights, `${source.name}/${WEIGHTS}`));
  return {
    topology,
    weights: located(source.name, () => readWeights(topology, file, source.name)),
    version: majorOf(typeof version === 'string' ? version : '3'),
  };
}

function openLegacy(source: ByteSource): KerasModel {
  const file = openHdf5(source);
  const [config] = file.texts('', 'model_config') ?? [];
  if (config === undefined)
    throw new ModelError(
      'unsupported',
      'weights without a model (no model_config). Save the whole model: model.save("model.keras").',
      { where: source.name },
    );
  const where = `${source.name} model_config`;
  const topology = located(where, () => readTopology(parseKerasJson(config, where)));
  const [version] = file.texts('', 'keras_version') ?? file.texts('model_weights', 'keras_version') ?? [];
  return {
    topology,
    weights: located(source.name, () => readWeights(topology, file, source.name)),
    version: majorOf(version ?? '1'),
  };
}

/**
 * A Keras model of a configuration and weights by name, as TensorFlow.js stores it: `conv2d_1/kernel`, in the order in
 * which each layer lists its own.
 * @throws {ModelError} `malformed-file`, `unsupported`
 */
export function kerasOfParts(
  config: JsonObject,
  weights: readonly NamedArray[],
  version: string,
  where: string,
): KerasModel {
  return located(where, () => {
    const topology = readTopology(config);
    return { topology, weights: weightsByName(topology, weights), version: majorOf(version) };
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
