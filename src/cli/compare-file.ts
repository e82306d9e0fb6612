import { ModelError } from '../errors.js';
import { compareModels } from '../evaluate/compare/compare.js';
import { type Baseline, baselineOf, checkGates, type Gate, type GateLimits } from '../evaluate/compare/gates.js';
import { readText, writeFileAtomically } from '../node/files.js';
import { runnable } from '../node/runtime.js';
import { comparisonMarkdown } from '../report/comparison-markdown.js';
import { junitText } from '../report/junit.js';
import { givenSamples } from './given-samples.js';
import type { LoadFlags } from './load-options.js';
import { bytesOf, modelFile } from './model-file.js';
import { counting } from './progress.js';
import { quantizedForm } from './quantized-form.js';
import { comparisonText } from './show-comparison.js';
import { UsageError } from './usage.js';

/** What commander makes of the flags of `compare`. */
export interface CompareFlags extends Omit<LoadFlags, 'threads'> {
  readonly quantize?: string;
  readonly input?: string[];
  readonly samples: number;
  readonly seed: number;
  readonly normalize?: string;
  readonly layers: boolean;
  readonly all?: boolean;
  readonly maxSize?: GateLimits['maxSize'];
  readonly minSqnr?: number;
  readonly maxDrop?: number;
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly markdown?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

/** Compares two models, prints and writes what was found. @throws {ModelError} `check-failed` when a check fails. */
export async function runCompare(pathA: string, pathB: string | undefined, flags: CompareFlags): Promise<void> {
  const quiet = flags.json ?? false;
  const limits = limitsOf(flags);
  const [a, b] = await twoModels(pathA, pathB, flags, quiet);
  const run: typeof runnable = (model, options = {}) =>
    runnable(model, { ...options, numerics: flags.numerics ?? 'fast' });
  const inputs = await givenSamples(a.bytes, flags);
  const options = {
    ...inputs,
    signature: flags.signature,
    ...(a.format === 'tflite' && { inputShapes: flags.inputShape }),
    samples: flags.samples,
    seed: flags.seed,
    layers: flags.layers,
  };
  const comparison = await counting('comparing', 1, quiet, (onProgress) =>
    compareModels(a, b, run, { ...options, onProgress }),
  );
  const gates = checkGates(comparison, limits);
  if (flags.writeBaseline !== undefined)
    writeText(flags.writeBaseline, `${JSON.stringify(baselineOf(comparison), null, 1)}\n`);
  if (flags.markdown !== undefined) writeText(flags.markdown, comparisonMarkdown(comparison, gates));
  if (flags.junit !== undefined) writeText(flags.junit, junitText(`tersor compare ${b.name}`, gates));
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ ...comparison, gates }, null, 1)}\n`
      : `${comparisonText(comparison, gates, flags.all ?? false).join('\n')}\n`,
  );
  failIfAny(gates, b.name);
}

function limitsOf({ maxSize, minSqnr, maxDrop, baseline }: CompareFlags): GateLimits {
  return { maxSize, minSqnr, maxDrop, baseline: baseline === undefined ? undefined : readBaseline(baseline) };
}

function failIfAny(gates: readonly Gate[], name: string): void {
  const failed = gates.filter((g) => !g.passed);
  if (failed.length === 0) return;
  const list = failed.map((g) => `${g.name}: ${g.text}`).join('; ');
  throw new ModelError('check-failed', `${failed.length} of ${gates.length} checks failed: ${list}.`, { where: name });
}

async function twoModels(pathA: string, pathB: string | undefined, flags: CompareFlags, quiet: boolean) {
  if ((pathB === undefined) === (flags.quantize === undefined))
    throw new UsageError('two models expected, or one model and --quantize TECHNIQUE.');
  const file = await modelFile(pathA, flags, quiet);
  const a = { name: pathA, bytes: bytesOf(file), format: file.format };
  if (pathB !== undefined) return [a, { name: pathB, bytes: bytesOf(await modelFile(pathB, flags, quiet)) }] as const;
  const { name, bytes } = await quantizedForm(a.bytes, flags.quantize as string);
  return [a, { name: `${pathA}, ${name}`, bytes }] as const;
}

const writeText = (path: string, text: string): void =>
  void writeFileAtomically(path, [new TextEncoder().encode(text)]);

function readBaseline(path: string): Baseline {
  const wrong = (what: string) =>
    new ModelError('malformed-file', `a file of --write-baseline expected, got ${what}.`, { where: path });
  let json: unknown;
  try {
    json = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw wrong('text that is not JSON');
  }
  const { bytes, outputs } = (json ?? {}) as Partial<Baseline>;
  if (typeof bytes !== 'number' || typeof outputs !== 'object' || outputs === null) throw wrong('other JSON');
  const isFigure = (x: unknown) => x === null || typeof x === 'number';
  for (const o of Object.values(outputs))
    if (!isFigure(o?.sqnrDb) || !isFigure(o?.top1Agreement)) throw wrong('outputs without figures');
  return { bytes, outputs };
}
