import { type ByteSource, bytesSource } from '../bytes/source.js';
import { convert } from '../convert/convert.js';
import type { ConvertOptions } from '../convert/types.js';
import { ModelError } from '../errors.js';
import { prepare, writeModel } from '../formats/index.js';
import { byteAccount } from '../formats/tflite/index.js';
import type { ModelInput } from '../formats/types.js';
import type { Graph, Model, Value } from '../ir/graph.js';
import { didYouMean } from '../ir/nearest-name.js';
import { printGraph } from '../ir/print.js';
import { openModel } from '../node/files.js';
import { findOp } from '../ops/registry.js';
import type { Decision } from '../quantize/report.js';
import { inspect, type ModelSummary } from '../report/inspect.js';
import { reportKernels } from '../report/kernels.js';
import { errorText } from './explain.js';
import { progressBar, warn } from './progress.js';
import { accountText } from './show-account.js';
import { kernelLines } from './show-kernels.js';
import { operatorsText, signatureText } from './show-summary.js';
import { columns, formatBytes, styled } from './terminal.js';

interface Show {
  readonly graph: boolean;
  readonly tensors: boolean;
  readonly kernels: boolean;
  readonly bytes: boolean;
  readonly json: boolean;
  /** Name of a value to explain. */
  readonly why?: string;
}

/** Shows what a model is made of, on standard output: the answer is the data here. */
export async function runInspect(path: string, options: ConvertOptions, show: Show): Promise<void> {
  const bar = await progressBar(show.json);
  const input = await prepare(openModel(path));
  const converted = () => {
    try {
      return convert(input, { ...options, onProgress: bar.show, onWarning: warn });
    } finally {
      bar.stop();
    }
  };
  const { format, model, quantization } = converted();
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (show.why !== undefined) {
    const decisions = findDecisions(model.graphs, quantization.decisions, show.why);
    print(show.json ? JSON.stringify(decisions, null, 1) : decisions.map(whyText).join('\n\n'));
    return;
  }
  const summary = inspect(model, format);
  const kernels = show.kernels ? reportKernels(model) : undefined;
  const defaultsOf = (op: string) => findOp(op)?.defaults ?? {};
  const bytes = show.bytes ? byteAccount(writtenFile(input, format, model, quantization.decisions)) : undefined;
  const more = {
    ...(bytes && { bytes }),
    ...(kernels && { kernels }),
    ...(show.graph && { text: graphText(model.graphs) }),
  };
  if (show.json) print(JSON.stringify({ ...summary, ...more }, null, 1));
  else if (show.graph) print(model.graphs.map((g) => printGraph(g, defaultsOf)).join('\n'));
  else
    print(
      [
        ...overview(path, summary),
        ...(show.tensors ? tensorLines(summary) : []),
        ...(kernels ? ['', ...kernelLines(kernels)] : []),
        ...(bytes ? ['', ...accountText(bytes)] : []),
      ].join('\n'),
    );
}

/** The file itself when it is a `.tflite` that stays as it is, else what `convert` would write. */
const writtenFile = (input: ModelInput, format: string, model: Model, decisions: readonly Decision[]): ByteSource =>
  format === 'tflite' && decisions.every((d) => d.action === 'kept') && !('open' in input)
    ? input
    : bytesSource(writeModel(model));

const graphText = (graphs: readonly Graph[]): string =>
  graphs.map((g) => printGraph(g, (op) => findOp(op)?.defaults ?? {})).join('\n');

/** The decisions on a constant of that name, or on one whose name ends so. */
function findDecisions(graphs: readonly Graph[], decisions: readonly Decision[], name: string): Decision[] {
  const exact = decisions.filter((d) => d.value === name);
  const found = exact.length > 0 ? exact : decisions.filter((d) => d.value.includes(name));
  if (found.length > 0) return found;
  const computed = computedValue(graphs, name);
  const values = decisions.map((d) => d.value);
  const text = computed
    ? `'${name}' is computed by ${computed.producer?.op ?? 'nobody: it is an input'}; only constants are quantized.`
    : `no constant is called '${name}'.${didYouMean(name, values) || ' "inspect MODEL --tensors" lists them.'}`;
  throw new ModelError('not-found', text);
}

function computedValue(graphs: readonly Graph[], name: string): Value | undefined {
  for (const graph of graphs)
    for (const value of [...graph.inputs, ...[...graph.nodes()].flatMap((n) => n.outputs)])
      if (value.name === name) return value;
  return undefined;
}

function whyText(d: Decision): string {
  const rows = [
    ['constant', `${d.value} ${d.dtype} [${d.shape}], ${d.elements} elements`],
    ['read by', d.consumers.map((c) => `${c.op} '${c.node}' ${c.argument ?? c.operand}`).join(', ') || 'graph output'],
    ['what', d.action],
    ['rule', d.rule || '—'],
    ['recipe', d.recipeEntry || '—'],
    ['bytes', `${formatBytes(d.bytesBefore)} → ${formatBytes(d.bytesAfter)}`],
    ['error', errorText(d.sqnrDb) || 'none'],
    ['why', d.reason],
  ];
  return columns(rows.map(([k, v]) => [styled('bold', k as string), v as string])).join('\n');
}

function overview(path: string, summary: ModelSummary): string[] {
  const bytes = Object.entries(summary.weightBytes).map(([dtype, n]) => `${formatBytes(n)} ${dtype}`);
  return [
    `${styled('bold', path)}  ${summary.format}${summary.description ? `, "${summary.description}"` : ''}`,
    ...summary.signatures.map((s) => `  ${signatureText(s)}`),
    ...summary.graphs.map((g) => `  graph ${g.name}: ${g.nodes} nodes, ${g.constants} constants`),
    `  operators: ${operatorsText(summary.operators)}`,
    `  constants: ${bytes.join(', ') || 'none'}`,
    ...(summary.unknownFields.length > 0
      ? [
          `  fields of a newer schema: ${summary.unknownFields.map((f) => `${f.where}${f.kept ? '' : ' (lost)'}`).join(', ')}`,
        ]
      : []),
    ...(summary.metadata.length > 0 ? [`  metadata: ${summary.metadata.map((m) => m.name).join(', ')}`] : []),
  ];
}

function tensorLines({ constants }: ModelSummary): string[] {
  const head = ['constant', 'type', 'shape', 'bytes', 'quantized', 'read by'].map((t) => styled('bold', t));
  const rows = constants.map((c) => [
    c.name,
    c.dtype,
    `[${c.shape}]`,
    formatBytes(c.bytes),
    c.quantization,
    c.readers[0] ?? 'graph output',
  ]);
  return ['', ...columns([head, ...rows], [3])];
}
