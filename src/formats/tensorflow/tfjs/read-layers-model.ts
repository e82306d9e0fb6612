import type { FileTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { Model } from '../../../ir/graph.js';
import { isObject, type ModelFile } from './model-json.js';
import { readWeights } from './weights.js';

/** What a Keras model is made of, wherever it was stored. */
export interface KerasParts {
  /** `{ class_name, config }` of the model. */
  readonly config: Readonly<Record<string, unknown>>;
  /** By name, such as `conv2d_1/kernel`. */
  readonly weights: ReadonlyMap<string, Constant>;
}

/** Configuration and weights of a layers model. @throws {ModelError} `malformed-file`, `not-found` */
export function kerasPartsOf({ json, where }: ModelFile, tree: FileTree): KerasParts {
  const { modelTopology } = json;
  const config = isObject(modelTopology.model_config) ? modelTopology.model_config : modelTopology;
  if (typeof config.class_name !== 'string')
    throw new ModelError('malformed-file', 'a model_config with a class_name expected, there is none.', { where });
  return { config, weights: readWeights(json.weightsManifest, tree, where) };
}

/** @throws {ModelError} `unsupported`: layers are not built yet */
export function readLayersModel(file: ModelFile, tree: FileTree): Model {
  kerasPartsOf(file, tree);
  throw new ModelError(
    'unsupported',
    'this is a TensorFlow.js layers model, which holds Keras layers and no graph. Convert it with ' +
      'tensorflowjs_converter --input_format=tfjs_layers_model --output_format=tfjs_graph_model, or export a SavedModel.',
    { where: file.where },
  );
}
