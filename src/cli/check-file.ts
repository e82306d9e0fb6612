import { convert } from '../convert/convert.js';
import { ModelError, type Obstacle } from '../errors.js';
import { formats, prepare, writeModel } from '../formats/index.js';
import { openModel } from '../node/files.js';
import type { CheckReport, TechniqueForecast } from '../report/check.js';
import { reportKernels } from '../report/kernels.js';
import { countOperators, summarizeSignatures } from '../report/summary.js';
import { type ReadFlags, readOptions } from './options.js';
import { progressBar } from './progress.js';
import { recipeFrom } from './quantize-options.js';
import { quantizedForm, techniquesOf } from './quantized-form.js';
import { bar, columns, formatBytes, styled } from './terminal.js';

/** What commander makes of the flags of `check`. */
export interface CheckFlags extends ReadFlags {
  readonly quantize: string;
  readonly json?: boolean;
}

/** Tries a conversion with every technique, writes nothing, and says how it would go. */
export async function runCheck(path: string, flags: CheckFlags): Promise<void> {
  const techniques = ['none', ...techniquesOf(flags.quantize)];
  // A technique that does not exist is no fault of the model's.
  for (const technique of techniques) await recipeFrom({ quantize: technique });
  const report = await checked(path, flags, techniques);
  process.stdout.write(flags.json ? `${JSON.stringify(report, null, 1)}\n` : `${checkText(report).join('\n')}\n`);
  if (report.error !== null)
    throw new ModelError('check-failed', report.obstacles.length > 0 ? 'the model does not convert.' : report.error);
}

async function checked(path: string, flags: CheckFlags, names: readonly string[]): Promise<CheckReport> {
  const warnings: string[] = [];
  const progress = await progressBar(flags.json ?? false);
  let format: string | null = null;
  const nothing = { input: path, obstacles: [], warnings, signatures: [], operators: {}, techniques: [] };
  try {
    const input = await prepare(openModel(path));
    format = formats.find((f) => f.sniff(input))?.name ?? null;
    const { model } = convert(input, {
      ...readOptions(flags),
      onProgress: progress.show,
      onWarning: (text) => void warnings.push(text),
    });
    const bytes = writeModel(model);
    const techniques: TechniqueForecast[] = [];
    for (const technique of names) techniques.push(await forecast(bytes, technique));
    const signatures = summarizeSignatures(model);
    const operators = countOperators(model.graphs);
    return { ...nothing, format, converts: true, error: null, signatures, operators, techniques };
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { ...nothing, format, converts: false, error: error.message, obstacles: error.obstacles };
  } finally {
    progress.stop();
  }
}

async function forecast(file: Uint8Array, technique: string): Promise<TechniqueForecast> {
  const { model, bytes, report } = await quantizedForm(file, technique);
  return {
    technique,
    bytes: bytes.byteLength,
    changed: report.decisions.filter((d) => d.action !== 'kept').length,
    constants: report.decisions.length,
    warnings: reportKernels(model).warnings,
  };
}

function obstacleLines({ op, nodes, reason, remedy }: Obstacle): string[] {
  return [
    `  ${styled('bold', op)}${nodes.length > 1 ? ` ×${nodes.length}` : ''} ${reason}${remedy === null ? '' : ` ${remedy}`}`,
    ...nodes.map((name) => `    ${name}`),
  ];
}

function checkText(report: CheckReport): string[] {
  const { input, format, converts, obstacles, warnings, operators, signatures, techniques } = report;
  if (!converts)
    return [
      `${input} (${format ?? 'no known format'}): ${styled('red', 'does not convert')}`,
      ...obstacles.flatMap(obstacleLines),
    ];
  const most = Math.max(...techniques.map((t) => t.bytes));
  const ports = (list: readonly { name: string; dtype: string; shape: readonly number[] | null }[]) =>
    list
      .map(({ name, dtype, shape }) => `${name} ${dtype} [${shape?.map((d) => (d < 0 ? '?' : d)).join(', ') ?? '…'}]`)
      .join(', ');
  const slow = new Map<string, string[]>();
  for (const { technique, warnings: found } of techniques)
    for (const text of found) slow.set(text, [...(slow.get(text) ?? []), technique]);
  return [
    `${input} (${format}): ${styled('green', 'converts')}`,
    ...signatures.map((s) => `  ${s.key}: ${ports(s.inputs)} → ${ports(s.outputs)}`),
    `  ${Object.entries(operators)
      .map(([op, n]) => `${n} ${op}`)
      .join(', ')}`,
    '',
    ...columns(
      techniques.map((t) => [
        t.technique,
        bar(t.bytes / most, 30),
        formatBytes(t.bytes),
        `${t.changed} of ${t.constants} constants change`,
      ]),
      [2],
    ),
    ...[...slow].map(([text, where]) => `${styled('yellow', 'slow in LiteRT')} (${where.join(', ')}): ${text}`),
    ...warnings.map((text) => `warning: ${text}`),
  ];
}
