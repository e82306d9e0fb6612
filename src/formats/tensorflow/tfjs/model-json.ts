import { parsePythonJson } from '../../../bytes/python-json.js';
import { type ByteSource, type FileTree, isTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';

/** A `model.json`, parsed so far: which fields there are depends on the program that wrote it. */
export interface ModelJson {
  readonly format?: unknown;
  readonly generatedBy?: unknown;
  readonly convertedBy?: unknown;
  readonly modelTopology: Readonly<Record<string, unknown>>;
  readonly weightsManifest?: unknown;
  readonly weightSpecs?: unknown;
  readonly weightData?: unknown;
  readonly signature?: unknown;
  readonly userDefinedMetadata?: unknown;
  readonly modelInitializer?: unknown;
  readonly initializerSignature?: unknown;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Name of the JSON file of a TensorFlow.js model in a folder: the one that was named, or `model.json`. */
export function modelFileOf(tree: FileTree): string | undefined {
  if (tree.main !== undefined) return tree.main.endsWith('.json') ? tree.main : undefined;
  return tree.open('model.json') ? 'model.json' : undefined;
}

/** True for a folder with a `model.json` in it, and for a folder that was opened by a JSON file. */
export const looksLikeTfjs = (input: ByteSource | FileTree): boolean =>
  isTree(input) && modelFileOf(input) !== undefined;

/** A parsed `model.json`, and its name for messages. */
export interface ModelFile {
  readonly json: ModelJson;
  readonly where: string;
}

/** @throws {ModelError} `malformed-file` for text that is no JSON, `unsupported` for JSON that is no model */
export function readModelJson(tree: FileTree): ModelFile {
  const name = modelFileOf(tree);
  const file = name === undefined ? undefined : tree.open(name);
  if (!file) throw new ModelError('not-found', 'a file model.json expected, there is none.', { where: tree.name });
  const json = readJson(file);
  if (!isObject(json) || !isObject(json.modelTopology)) {
    const isKeras = isObject(json) && typeof json.class_name === 'string' && isObject(json.config);
    const got = isKeras
      ? 'the configuration of a Keras model found. Put its weights (.h5) beside it'
      : 'other JSON found';
    throw new ModelError('unsupported', `a TensorFlow.js model with a modelTopology expected, ${got}.`, {
      where: file.name,
    });
  }
  return { json: json as unknown as ModelJson, where: file.name };
}

/** @throws {ModelError} `malformed-file` for text that is no JSON */
export function readJson(file: ByteSource): unknown {
  try {
    return parsePythonJson(new TextDecoder().decode(file.read(0, file.size)));
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError('malformed-file', `JSON expected, ${(cause as Error).message}.`, { where: file.name, cause });
  }
}

/** Which of the two kinds of TensorFlow.js models it is. */
export const isGraphModel = ({ format, modelTopology }: ModelJson): boolean =>
  format === 'graph-model' || (format === undefined && Array.isArray(modelTopology.node));
