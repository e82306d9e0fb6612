import type { FileTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import type { Constant } from '../../../ir/constant.js';
import type { NumericArray, Shape } from '../../../ir/tensor.js';
import { isObject, type ModelFile } from './model-json.js';
import { listWeights } from './weights.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An array of a layer. */
interface LayerArray {
  readonly shape: Shape;
  readonly type: 'float32' | 'int32' | 'uint8' | 'other';
  read(): NumericArray;
}

/** What a Keras model is made of, wherever it was stored. */
export interface KerasParts {
  /** `{ class_name, config }` of the model. */
  readonly config: { readonly [key: string]: Json };
  /** With names such as `conv2d_1/kernel`, in the order of the file. Those of one layer may have one name. */
  readonly weights: readonly { readonly name: string; readonly array: LayerArray }[];
  /** Version of Keras, `3.8.0`, where the file names one. */
  readonly version: string | undefined;
}

/** Configuration and weights of a layers model. @throws {ModelError} `malformed-file`, `not-found` */
export function kerasPartsOf({ json, where }: ModelFile, tree: FileTree): KerasParts {
  const { modelTopology } = json;
  const config = isObject(modelTopology.model_config) ? modelTopology.model_config : modelTopology;
  if (typeof config.class_name !== 'string')
    throw new ModelError('malformed-file', 'a model_config with a class_name expected, there is none.', { where });
  const weights = listWeights(json, tree, where).map(({ name, constant }) => ({ name, array: arrayOf(constant) }));
  const { keras_version: version } = modelTopology;
  return {
    config: config as KerasParts['config'],
    weights,
    // TensorFlow.js counts its own versions ("tfjs-layers 4.22.0"); its layers compute what those of Keras 2 do.
    version: typeof version === 'string' && /^\d/.test(version) ? version : undefined,
  };
}

const TYPES = { f32: 'float32', i32: 'int32', bool: 'uint8' } as const;

function arrayOf(constant: Constant): LayerArray {
  const { dtype, shape } = constant;
  const type = dtype === 'f32' || dtype === 'i32' || dtype === 'bool' ? TYPES[dtype] : 'other';
  return { shape, type, read: () => constant.data() as NumericArray };
}
