import type { Graph, Model, Value } from '../ir/graph.js';
import type { DType, Shape } from '../ir/tensor.js';
import { type LiteRtKernel, reportKernels } from './kernels.js';
import { operatorName } from './summary.js';

/** A node of a graph, with its constants folded into it. */
export interface GraphNodeData {
  readonly id: number;
  /** Operator; `input` and `output` for what enters and leaves. */
  readonly op: string;
  readonly name: string;
  readonly shape: Shape | null;
  readonly dtype: DType;
  /** Kernel here, and in LiteRT. */
  readonly kernel: string;
  readonly litert: LiteRtKernel | null;
  readonly constants: readonly { readonly name: string; readonly dtype: DType; readonly shape: Shape }[];
  /** Options that a reader may want to see: numbers and names. */
  readonly options: Readonly<Record<string, string>>;
}

/** A graph for drawing. */
export interface GraphData {
  readonly name: string;
  readonly nodes: readonly GraphNodeData[];
  /** From node to node. */
  readonly edges: readonly (readonly [number, number])[];
}

/** The main graph of a model as plain data. Nodes that only prepare constants are folded into their readers. */
export function graphData(model: Model): GraphData {
  const graph = model.graphs[0] as Graph;
  const kernels = reportKernels(model).nodes.filter((n) => n.graph === graph.name);
  const all = [...graph.nodes()];
  const kernelOf = new Map(all.map((node, i) => [node, kernels[i]]));
  const isPrepared = (value: Value): boolean =>
    value.constant !== undefined || (value.producer?.inputs.every((v) => !v || isPrepared(v)) ?? false);
  const shown = all.filter((node) => node.inputs.length === 0 || !node.outputs.every(isPrepared));
  const nodes: GraphNodeData[] = [];
  const edges: (readonly [number, number])[] = [];
  const makers = new Map<Value, number>();
  const add = (data: Omit<GraphNodeData, 'id'>): number => nodes.push({ ...data, id: nodes.length }) - 1;
  const typeOf = (value: Value | undefined) => ({
    shape: value?.shape ?? null,
    dtype: value?.dtype ?? ('f32' as const),
  });
  const plain = { kernel: '', litert: null, constants: [], options: {} };
  for (const value of graph.inputs)
    makers.set(value, add({ op: 'input', name: value.name, ...typeOf(value), ...plain }));
  for (const node of shown) {
    const kernel = kernelOf.get(node);
    const id = add({
      op: operatorName(node),
      name: node.outputs[0]?.name ?? node.name,
      ...typeOf(node.outputs[0]),
      kernel: kernel?.kernel ?? '',
      litert: kernel?.litert ?? null,
      constants: node.inputs.flatMap((v) => constantsBehind(v)),
      options: Object.fromEntries(Object.entries(node.options).flatMap(([key, value]) => optionText(key, value))),
    });
    for (const value of new Set(node.inputs))
      if (value && makers.has(value)) edges.push([makers.get(value) as number, id]);
    for (const value of node.outputs) makers.set(value, id);
  }
  for (const value of graph.outputs) {
    const id = add({ op: 'output', name: value.name, ...typeOf(value), ...plain });
    if (makers.has(value)) edges.push([makers.get(value) as number, id]);
  }
  return { name: graph.name, nodes, edges };
}

/** The constant that a value is, or that a chain of one-input nodes makes it from. */
function constantsBehind(value: Value | undefined): { name: string; dtype: DType; shape: Shape }[] {
  if (!value) return [];
  if (value.constant) return [{ name: value.name, dtype: value.dtype, shape: value.constant.shape }];
  const { producer } = value;
  return producer?.inputs.length === 1 && producer.op === 'DEQUANTIZE' ? constantsBehind(producer.inputs[0]) : [];
}

function optionText(key: string, value: unknown): [string, string][] {
  if (typeof value === 'number' || typeof value === 'boolean') return [[key, String(value)]];
  return typeof value === 'string' && value !== 'NONE' ? [[key, value]] : [];
}
