import type { FileTree } from '../../../bytes/source.js';
import type { Model } from '../../../ir/graph.js';
import type { ReadGraphDefOptions } from '../graph.js';
import { type LowerTensorFlowOptions, lowerTensorFlow } from '../lower/lower.js';
import { isGraphModel, readModelJson } from './model-json.js';
import { readGraphModel } from './read-graph-model.js';
import { readLayersModel } from './read-layers-model.js';

/** Reads a TensorFlow.js model of either kind. @throws {ModelError} see {@link readGraphModel} */
export function readTfjs(tree: FileTree, options: ReadGraphDefOptions, lowering: LowerTensorFlowOptions): Model {
  const file = readModelJson(tree);
  if (!isGraphModel(file.json)) return readLayersModel(file, tree);
  return lowerTensorFlow(readGraphModel(file, tree, options), lowering);
}
