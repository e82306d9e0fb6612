export { type ByteSource, bytesSource, type FileTree, memoryTree } from './bytes/source.js';
export { convert } from './convert/convert.js';
export type { Conversion, ConvertOptions, Progress } from './convert/types.js';
export { type ErrorCode, ModelError } from './errors.js';
export { type ComparedModel, type CompareOptions, compareModels } from './evaluate/compare/compare.js';
export { type Baseline, baselineOf, checkGates, type Gate, type GateLimits } from './evaluate/compare/gates.js';
export type * from './evaluate/compare/types.js';
export { openDataset } from './evaluate/data/dataset.js';
export { type DataSpec, parseDataSpec } from './evaluate/data/spec.js';
export type { Dataset, Sample } from './evaluate/data/types.js';
export { type Evaluation, evaluatePart, joinParts } from './evaluate/evaluate.js';
export { metricOf, taskNames } from './evaluate/metrics/index.js';
export type { Figure, Label, Metric, MetricState } from './evaluate/metrics/types.js';
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
export type { CustomLayer, CustomLayerCall, Format, ModelInput, ReadOptions } from './formats/types.js';
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
