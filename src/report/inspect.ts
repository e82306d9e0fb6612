import { modelExtra } from '../formats/tflite/index.js';
import type { Graph, Model, Quantization, Value } from '../ir/graph.js';
import { bitsOf, type DType, elementCount, isStatic, type Shape } from '../ir/tensor.js';
import { constantsOf } from '../quantize/plan.js';
import { countOperators, type SignatureSummary, summarizeSignatures } from './summary.js';

/** One constant of a model. */
export interface ConstantSummary {
  readonly name: string;
  readonly graph: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Bytes in a file; 0 for strings, whose size needs reading. */
  readonly bytes: number;
  /** `none`, `per-tensor`, or `per-channel (axis 3)`. */
  readonly quantization: string;
  /** Who reads it: `CONV_2D 'conv1' input 1`. */
  readonly readers: readonly string[];
}

/** What a model is made of, as plain data: what `inspect --json` prints. Sizes in bytes. */
export interface ModelSummary {
  readonly format: string;
  readonly description: string;
  readonly graphs: readonly { readonly name: string; readonly nodes: number; readonly constants: number }[];
  readonly signatures: readonly SignatureSummary[];
  readonly operators: Readonly<Record<string, number>>;
  /** Element type -> bytes of all constants of that type. */
  readonly weightBytes: Readonly<Record<string, number>>;
  readonly metadata: readonly { readonly name: string; readonly bytes: number }[];
  /** Fields of a newer schema in a `.tflite` file: `kept` when they are written back. */
  readonly unknownFields: readonly { readonly where: string; readonly kept: boolean }[];
  /** All constants, largest first. */
  readonly constants: readonly ConstantSummary[];
}

/** How a value is quantized, in words. */
export function describeQuantization(quantization: Quantization | undefined): string {
  if (!quantization || quantization.scale.length === 0) return 'none';
  return quantization.scale.length === 1 ? 'per-tensor' : `per-channel (axis ${quantization.axis})`;
}

function summarizeConstant(graph: Graph, value: Value): ConstantSummary {
  const shape = value.constant?.shape ?? [];
  return {
    name: value.name,
    graph: graph.name,
    dtype: value.dtype,
    shape,
    bytes: isStatic(shape) ? Math.ceil((elementCount(shape) * bitsOf(value.dtype)) / 8) : 0,
    quantization: describeQuantization(value.quantization),
    readers: value.uses.map(({ node, index }) => `${node.op} '${node.name}' input ${index}`),
  };
}

/** What a model is made of, as plain data. */
export function inspect(model: Model, format = 'tflite'): ModelSummary {
  const constants = model.graphs.flatMap((g) => constantsOf(g).map((v) => summarizeConstant(g, v)));
  const weightBytes: Record<string, number> = {};
  for (const c of constants) weightBytes[c.dtype] = (weightBytes[c.dtype] ?? 0) + c.bytes;
  return {
    format,
    description: model.description,
    graphs: model.graphs.map((g) => ({ name: g.name, nodes: [...g.nodes()].length, constants: constantsOf(g).length })),
    signatures: summarizeSignatures(model),
    operators: countOperators(model.graphs),
    weightBytes,
    metadata: model.metadata.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength })),
    unknownFields: (modelExtra(model).unknownFields ?? []).map(({ table, slot, kept }) => ({
      where: `${table}.${slot}`,
      kept,
    })),
    constants: constants.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1)),
  };
}
