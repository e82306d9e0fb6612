export { type ByteSource, bytesSource, type FileTree, memoryTree } from './bytes/source.js';
export { convert } from './convert/convert.js';
export type { Conversion, ConvertOptions, Progress } from './convert/types.js';
export { type ErrorCode, ModelError } from './errors.js';
export {
  type Fetch,
  fetchTfjs,
  formats,
  type ModelFilePart,
  prepare,
  readModel,
  tfjsFiles,
  writeModel,
  writeModelParts,
} from './formats/index.js';
export type { Format, ModelInput, ReadOptions } from './formats/types.js';
export { Constant } from './ir/constant.js';
export { copyModel } from './ir/copy.js';
export { Graph, type Model, Node, type Quantization, type Signature, Value } from './ir/graph.js';
export { printGraph } from './ir/print.js';
export type { DType, Shape, Tensor, TensorData } from './ir/tensor.js';
export {
  parseRecipe,
  type QuantizedConstants,
  quantizeModel as quantize,
  type Recipe,
  type RecipeOverrides,
  type Rule,
  recipeForTfjs,
  recipeWith,
  type Scheme,
} from './quantize/index.js';
export type { Consumer, Decision, QuantizationReport } from './quantize/report.js';
export { type ConstantSummary, inspect, type ModelSummary } from './report/inspect.js';
export { type ConversionSummary, summarizeConversion } from './report/summary.js';
