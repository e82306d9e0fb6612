import { isLfsPointer, kindOf } from '../bytes/file-kinds.js';
import type { FileTree } from '../bytes/source.js';
import { ModelError } from '../errors.js';
import type { Model } from '../ir/graph.js';
import { kerasOfParts, looksLikeKeras, lowerKeras, openKeras, prepareKeras } from './keras/index.js';
import { locateModel } from './locate.js';
import { lowerTensorFlow } from './tensorflow/lower/lower.js';
import { readGraphDef } from './tensorflow/read/graph-def.js';
import { readSavedModel } from './tensorflow/read/saved-model.js';
import { sniffTensorFlow } from './tensorflow/read/sniff.js';
import { kerasPartsOf } from './tensorflow/tfjs/keras-parts.js';
import { isGraphModel, looksLikeTfjs, type ModelFile, readModelJson } from './tensorflow/tfjs/model-json.js';
import { readGraphModel, readSplitGraph } from './tensorflow/tfjs/read-graph-model.js';
import { looksLikeTflite, readTflite, writeTflite, writeTfliteParts } from './tflite/index.js';
import { type Format, isFolder, type ModelInput, type ReadOptions } from './types.js';

const lowerOptions = ({ allowCustomOps, onWarning }: ReadOptions) => ({
  ...(allowCustomOps !== undefined && { allowCustomOps }),
  ...(onWarning && { onWarning }),
});

/** The signatures of a SavedModel that are asked for; when nobody asks, those that can be converted. */
function readSignatures(folder: FileTree, options: ReadOptions): Model {
  const read = (more: ReadOptions) => lowerTensorFlow(readSavedModel(folder, more), lowerOptions(more));
  try {
    return read(options);
  } catch (error) {
    const keys = readSavedModel(folder, { ...(options.tags && { tags: options.tags }), signatures: [] }).signatureKeys;
    if (options.signatures || keys.includes('serving_default') || keys.length < 2) throw error;
    const { onWarning, ...quiet } = options;
    const good = keys.filter((key) => isReadable(() => read({ ...quiet, signatures: [key] })));
    if (good.length === 0) throw error;
    const bad = keys.filter((key) => !good.includes(key));
    onWarning?.(`left out, for they cannot be converted: signatures ${bad.join(', ')}. Name one to see why.`);
    return read({ ...options, signatures: good });
  }
}

function isReadable(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof ModelError) return false;
    throw error;
  }
}

/** A TensorFlow.js graph model. */
const readGraph = (file: ModelFile, tree: FileTree, options: ReadOptions): Model =>
  lowerTensorFlow(readGraphModel(file, tree, options), lowerOptions(options));

/** A TensorFlow.js layers model: a Keras model in another container. */
function readLayers(file: ModelFile, tree: FileTree, options: ReadOptions): Model {
  for (const name of ['inputs', 'outputs', 'allowCustomOps'] as const)
    if (options[name] !== undefined)
      throw new ModelError('invalid-option', `a layers model has no use for ${name}. Leave it out.`, {
        where: file.where,
      });
  const { config, weights, version } = kerasPartsOf(file, tree);
  const { inputShapes, onWarning, customLayers } = options;
  return lowerKeras(kerasOfParts(config, weights, version, file.where), { inputShapes, onWarning, customLayers });
}

/** Every format that can be read. The first whose `sniff` says yes is taken. */
export const formats: readonly Format[] = [
  {
    name: 'tflite',
    title: 'TFLite',
    looks: 'a .tflite file',
    options: [],
    sniff: (input) => !isFolder(input) && looksLikeTflite(input),
    read: (input) => readTflite(input as Exclude<ModelInput, { open: unknown }>),
  },
  {
    name: 'keras',
    title: 'Keras .keras or .h5',
    looks: 'a .keras or .h5 file (weights with their configuration as .json)',
    options: ['inputShapes', 'customLayers'],
    sniff: looksLikeKeras,
    prepare: prepareKeras,
    read: (input, { inputShapes, onWarning, customLayers }) =>
      lowerKeras(openKeras(input), { inputShapes, onWarning, customLayers }),
  },
  {
    name: 'tfjs',
    title: 'TensorFlow.js',
    looks: 'a model.json with its .bin files',
    options: ['inputs', 'outputs', 'inputShapes', 'allowCustomOps', 'customLayers'],
    sniff: looksLikeTfjs,
    read: (input, options) => {
      if (!isFolder(input)) throw new ModelError('unsupported', 'a folder expected', { where: input.name });
      const file = readModelJson(input);
      return isGraphModel(file.json) ? readGraph(file, input, options) : readLayers(file, input, options);
    },
  },
  {
    name: 'savedmodel',
    title: 'TensorFlow SavedModel',
    looks: 'a folder with saved_model.pb',
    options: ['tags', 'signatures', 'inputs', 'outputs', 'inputShapes', 'allowCustomOps'],
    sniff: isFolder,
    read: (input, options) => {
      if (!isFolder(input)) throw new ModelError('unsupported', 'a folder expected', { where: input.name });
      return readSignatures(input, options);
    },
  },
  {
    name: 'graphdef',
    title: 'TensorFlow GraphDef or MetaGraphDef',
    looks: 'a frozen .pb file (or the .meta of a checkpoint)',
    options: ['tags', 'signatures', 'inputs', 'outputs', 'inputShapes', 'allowCustomOps'],
    sniff: (input) => !isFolder(input) && sniffTensorFlow(input) !== undefined,
    read: (input, options) => {
      if (isFolder(input)) throw new ModelError('unsupported', 'a file expected', { where: input.name });
      return lowerTensorFlow(readSplitGraph(input, options) ?? readGraphDef(input, options), lowerOptions(options));
    },
  },
];

function unknown(input: ModelInput): ModelError {
  const kind = isFolder(input) ? undefined : kindOf(input);
  const known = formats.map((f) => f.looks).join(', ');
  return new ModelError(
    'unsupported',
    `a model expected, this is ${kind ?? 'none that is known'}. Known are ${known}.`,
    {
      where: input.name,
    },
  );
}

/** Names the cause where a file of the input is none yet, since reading one can fail in any way. */
function explained(error: unknown, input: ModelInput): unknown {
  if (!(error instanceof ModelError)) return error;
  const files = isFolder(input) ? input.list().map((path) => input.open(path)) : [input];
  const pointer = files.find((file) => file && isLfsPointer(file));
  if (!pointer) return error;
  return new ModelError('unsupported', `this is ${kindOf(pointer)}.`, { where: pointer.name, cause: error });
}

/**
 * Reads a model of any known format, and says which it was.
 * @throws {ModelError} `unsupported` for other formats, `invalid-option` for an option that the format has no use for,
 *   `malformed-file` for broken bytes.
 */
export function readModelFormat(input: ModelInput, options: ReadOptions = {}): { format: string; model: Model } {
  const format = formats.find((f) => f.sniff(input));
  if (!format) throw explained(unknown(input), input);
  for (const [name, value] of Object.entries(options)) {
    const isReadOption = formats.some((f) => f.options.includes(name as keyof ReadOptions));
    if (value !== undefined && isReadOption && !format.options.includes(name as keyof ReadOptions))
      throw new ModelError('invalid-option', `${format.title} has no use for ${name}. Leave it out.`, {
        where: input.name,
      });
  }
  try {
    return { format: format.name, model: format.read(input, options) };
  } catch (error) {
    throw explained(error, input);
  }
}

/**
 * Gives what {@link readModel} and `convert` take, which are synchronous: finds the model in an archive or deeper in a
 * folder, and loads libraries that only some formats use. Of other input it is the input itself.
 * @throws {ModelError} as {@link locateModel}
 */
export async function prepare(input: ModelInput): Promise<ModelInput> {
  const model = await locateModel(input);
  try {
    await formats.find((f) => f.sniff(model))?.prepare?.(model);
  } catch (error) {
    throw explained(error, model);
  }
  return model;
}

/** Reads a model of any known format as a graph of TFLite operators; nothing is optimized yet. See {@link readModelFormat}. */
export const readModel = (input: ModelInput, options: ReadOptions = {}): Model => readModelFormat(input, options).model;

/** The bytes of a `.tflite` file. The same model gives the same bytes, everywhere. */
export const writeModel = (model: Model): Uint8Array => writeTflite(model);

export { type Fetch, fetchTfjs } from './tensorflow/tfjs/fetch.js';
export { type ModelFilePart, tfjsFiles } from './tensorflow/tfjs/write.js';

/** The same bytes in parts, for models too large for one array: constants are read one at a time as the parts are taken. */
export const writeModelParts = (model: Model): Iterable<Uint8Array> => writeTfliteParts(model);
