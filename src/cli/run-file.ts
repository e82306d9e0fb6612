import { join } from 'node:path';
import { parseNormalization } from '../data/normalize.js';
import { ModelError } from '../errors.js';
import type { Tensor } from '../ir/tensor.js';
import { readText } from '../node/files.js';
import { writeNpyFile } from '../node/tensor-files.js';
import { summarizeTensor, type TensorSummary, type TopEntry, topEntries } from '../report/tensor-summary.js';
import { loadModel } from './load-model.js';
import type { LoadFlags } from './load-options.js';
import { readInputs, resizeTo } from './model-inputs.js';
import { warn } from './progress.js';
import { columns, formatMs, formatNumber, styled } from './terminal.js';

/** What commander makes of the flags of `run`. */
export interface RunFlags extends LoadFlags {
  readonly input?: string[];
  readonly seed?: number;
  readonly outputDir?: string;
  readonly labels?: string;
  readonly top?: number;
  readonly normalize?: string;
  readonly rate?: number;
  readonly json?: boolean;
}

/** One output: what it is, its highest elements where asked, and the file it was written to. */
interface OutputReport extends TensorSummary {
  readonly top?: readonly (readonly TopEntry[])[];
  readonly file?: string;
}

const TOP = 5;
/** Rows (of a batch, say) whose highest elements are shown. */
const SHOWN_ROWS = 8;

/** Runs a model once: files in, files and a table out. */
export async function runRun(path: string, flags: RunFlags): Promise<void> {
  const normalize = flags.normalize === undefined ? undefined : parseNormalization(flags.normalize);
  const labels = flags.labels === undefined ? undefined : readLabels(flags.labels);
  const { model, signature, format, loadMs } = await loadModel(path, flags, flags.json ?? false);
  try {
    const { tensors, sources } = await readInputs(signature, flags.input ?? [], {
      ...(normalize && { normalize }),
      ...(flags.rate !== undefined && { rate: flags.rate }),
      ...(flags.seed !== undefined && { seed: flags.seed }),
    });
    resizeTo(model, signature, tensors);
    const start = performance.now();
    const results = model.run(tensors, { signature: signature.key });
    const runMs = performance.now() - start;
    const files = flags.outputDir === undefined ? {} : writeOutputs(flags.outputDir, results);
    const outputs = describeOutputs(results, files, labels, flags);
    const inputs = signature.inputs.map(({ name, dtype }) => ({
      name,
      dtype,
      shape: tensors[name]?.shape ?? [],
      source: sources[name],
    }));
    const report = { model: path, format, signature: signature.key, loadMs, runMs, inputs, outputs };
    process.stdout.write(flags.json ? `${JSON.stringify(report, null, 1)}\n` : `${table(report).join('\n')}\n`);
    for (const { name, nans } of outputs) if (nans > 0) warn(`${nans} elements of '${name}' are not a number.`);
  } finally {
    model.dispose();
  }
}

/** One label a line; the line feed at the end is none. */
const readLabels = (path: string): string[] =>
  readText(path)
    .split(/\r?\n/)
    .filter((line, i, lines) => line !== '' || i < lines.length - 1);

function describeOutputs(
  results: Readonly<Record<string, Tensor>>,
  files: Readonly<Record<string, string>>,
  labels: readonly string[] | undefined,
  { top, labels: labelsPath }: RunFlags,
): OutputReport[] {
  const wantsTop = labels !== undefined || top !== undefined;
  const fits = (t: Tensor) => t.dtype !== 'string' && (!labels || t.shape.at(-1) === labels.length);
  if (labels && !Object.values(results).some(fits)) {
    const shapes = Object.values(results).map((t) => `[${t.shape}]`);
    const size = (n: number) => `${n} label${n === 1 ? '' : 's'}`;
    const wanted = Object.values(results).map((t) => size(t.shape.at(-1) ?? 0));
    throw new ModelError(
      'invalid-data',
      `${wanted.join(' or ')} expected for ${shapes.join(', ')}, got ${size(labels.length)}.`,
      {
        ...(labelsPath !== undefined && { where: labelsPath }),
      },
    );
  }
  return Object.entries(results).map(([name, tensor]) => ({
    ...summarizeTensor(name, tensor),
    ...(wantsTop && fits(tensor) && { top: topEntries(tensor, top ?? TOP, labels) }),
    ...(files[name] !== undefined && { file: files[name] }),
  }));
}

/** Writes `<output>.npy` for each; what a file name cannot hold becomes `_`, and a name that is taken gets a number. */
function writeOutputs(folder: string, results: Readonly<Record<string, Tensor>>): Record<string, string> {
  const taken = new Set<string>();
  const files: Record<string, string> = {};
  for (const [name, tensor] of Object.entries(results)) {
    const plain = name.replace(/[^\w.-]+/g, '_').replace(/^\.+/, '_') || 'output';
    let unique = plain;
    for (let n = 2; taken.has(unique.toLowerCase()); n++) unique = `${plain}-${n}`;
    taken.add(unique.toLowerCase());
    files[name] = join(folder, `${unique}.npy`);
    writeNpyFile(files[name] as string, tensor);
  }
  return files;
}

interface RunReport {
  readonly model: string;
  readonly signature: string;
  readonly loadMs: number;
  readonly runMs: number;
  readonly outputs: readonly OutputReport[];
}

function table({ model, signature, loadMs, runMs, outputs }: RunReport): string[] {
  const head = ['output', 'type', 'shape', 'min', 'mean', 'max', ''].map((t) => styled('bold', t));
  const rows = outputs.map((o) => [
    o.name,
    o.dtype,
    `[${o.shape.join(', ')}]`,
    ...[o.min, o.mean, o.max].map((x) => (x === null ? '' : formatNumber(x))),
    o.file ?? '',
  ]);
  return [
    `${styled('bold', model)} ${signature}: loaded in ${formatMs(loadMs)}, ran in ${formatMs(runMs)}`,
    ...columns([head, ...rows], [3, 4, 5]),
    ...outputs.flatMap(topLines),
  ];
}

function topLines({ name, top = [] }: OutputReport): string[] {
  const lines = top.slice(0, SHOWN_ROWS).flatMap((entries, row) => [
    '',
    styled('bold', top.length > 1 ? `${name}, row ${row}` : name),
    ...columns(
      entries.map((e) => [`  ${e.index}`, formatNumber(e.score), e.label ?? '']),
      [0, 1],
    ),
  ]);
  const more = top.length - SHOWN_ROWS;
  return more > 0 ? [...lines, `… and ${more} more rows (--json has all)`] : lines;
}
