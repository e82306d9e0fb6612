import type { Conversion } from '../convert/types.js';
import type { Graph, Model, Value } from '../ir/graph.js';
import type { DType, Shape } from '../ir/tensor.js';
import type { QuantizationReport } from '../quantize/report.js';

/** A tensor that enters or leaves a model. */
export interface PortSummary {
  readonly name: string;
  readonly dtype: DType;
  /** Unknown sizes are -1; null for unknown rank. */
  readonly shape: Shape | null;
}

/** The interface of a signature, by logical names. */
export interface SignatureSummary {
  readonly key: string;
  readonly inputs: readonly PortSummary[];
  readonly outputs: readonly PortSummary[];
}

/** Everything a conversion did, as plain data: what `--json` prints. Sizes in bytes. */
export interface ConversionSummary {
  readonly input: { readonly name: string; readonly format: string; readonly bytes: number };
  readonly output: { readonly name: string; readonly bytes: number };
  readonly signatures: readonly SignatureSummary[];
  /** Operator -> how many nodes, most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
  readonly passes: Readonly<Record<string, number>>;
  readonly quantization: QuantizationReport;
  /** Milliseconds from start to written file. */
  readonly ms: number;
}

/** The name of a node's operator, with the code of custom ones. */
export const operatorName = (node: { op: string; customCode?: string | undefined }): string =>
  node.op === 'CUSTOM' ? `CUSTOM:${node.customCode ?? '?'}` : node.op;

/** Operator -> how many nodes of all graphs, most frequent first. */
export function countOperators(graphs: readonly Graph[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const graph of graphs)
    for (const node of graph.nodes()) counts.set(operatorName(node), (counts.get(operatorName(node)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

const port = (name: string, value: Value | undefined): PortSummary => ({
  name,
  dtype: value?.dtype ?? 'f32',
  shape: value?.shape ?? null,
});

/** The interfaces of a model; one without signatures shows its first graph as `main`. */
export function summarizeSignatures(model: Model): SignatureSummary[] {
  const main = model.graphs[0];
  if (model.signatures.length === 0 && main)
    return [
      {
        key: 'main',
        inputs: main.inputs.map((v) => port(v.name, v)),
        outputs: main.outputs.map((v) => port(v.name, v)),
      },
    ];
  return model.signatures.map(({ key, graph, inputs, outputs }) => ({
    key,
    inputs: inputs.map(({ name, index }) => port(name, model.graphs[graph]?.inputs[index])),
    outputs: outputs.map(({ name, index }) => port(name, model.graphs[graph]?.outputs[index])),
  }));
}

/** What a conversion did, as plain data. */
export function summarizeConversion(
  conversion: Conversion,
  files: Pick<ConversionSummary, 'output' | 'ms'> & {
    readonly input: { readonly name: string; readonly bytes: number };
  },
): ConversionSummary {
  const { model, format, passes, quantization } = conversion;
  return {
    input: { ...files.input, format },
    output: files.output,
    signatures: summarizeSignatures(model),
    operators: countOperators(model.graphs),
    passes,
    quantization,
    ms: files.ms,
  };
}
