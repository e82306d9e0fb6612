import { type ByteSource, type FileTree, isTree } from '../bytes/source.js';
import type { Model, Options, Value } from '../ir/graph.js';
import type { DType, Shape } from '../ir/tensor.js';

/** A model to read: the bytes of one file, or the files of a folder. */
export type ModelInput = ByteSource | FileTree;

export const isFolder = isTree;

/** How to read a model. Options that a format has no use for are refused, not ignored. */
export interface ReadOptions {
  /** MetaGraph tags of a SavedModel; when absent `['serve']`, or the only graph there is. */
  readonly tags?: readonly string[];
  /** Keys of the signatures to keep; when absent `serving_default`, or all that can be converted where there is none of that name. */
  readonly signatures?: readonly string[] | 'all';
  /** Names of input nodes or tensors of a graph without signatures. */
  readonly inputs?: readonly string[];
  /** Names of output nodes or tensors of a graph without signatures. */
  readonly outputs?: readonly string[];
  /** Input name -> shape; replaces the declared one. */
  readonly inputShapes?: Readonly<Record<string, Shape>>;
  /** Lets operations that have no counterpart through as custom operators. */
  readonly allowCustomOps?: boolean;
  /** How layers of a Keras model become operators, by class name: for classes of your own, and for Lambda. */
  readonly customLayers?: Readonly<Record<string, CustomLayer>>;
  readonly onWarning?: (text: string) => void;
}

/** Makes operators of one call of a layer, and gives its outputs. */
export type CustomLayer = (call: CustomLayerCall) => Value | readonly Value[];

/** What a {@link CustomLayer} is told, and what it builds with. */
export interface CustomLayerCall {
  readonly name: string;
  /** The layer's configuration as it stands in the file: what `get_config` gave. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The tensors that the layer is called with. */
  readonly inputs: readonly Value[];
  /** Weight `index`, in the order in which the layer made them. @throws {ModelError} when the file has fewer. */
  weight(index: number): Value;
  /** A constant; a scalar when given a number. */
  constant(dtype: DType, numbers: number | readonly number[], shape?: Shape): Value;
  /** The first output of a TFLite operator, such as `emit('MUL', [x, w])`. */
  emit(op: string, inputs: readonly (Value | undefined)[], options?: Options): Value;
}

/** What is known of a format: one row of the table in `index.ts`. */
export interface Format {
  readonly name: string;
  /** For people: `TensorFlow SavedModel`. */
  readonly title: string;
  /** What its files or folders look like. */
  readonly looks: string;
  /** Names of the {@link ReadOptions} that mean something here. */
  readonly options: readonly (keyof ReadOptions)[];
  sniff(input: ModelInput): boolean;
  /** Loads what reading needs and cannot be loaded synchronously; absent where there is nothing. */
  prepare?(input: ModelInput): Promise<void>;
  read(input: ModelInput, options: ReadOptions): Model;
}
