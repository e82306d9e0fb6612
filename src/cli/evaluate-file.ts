import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ModelError } from '../errors.js';
import { type Evaluation, joinParts, type PartResult } from '../evaluate/evaluate.js';
import { readText, writeFileAtomically } from '../node/files.js';
import { dataOf } from './data-of.js';
import { type EvaluationJob, openJob } from './evaluate-part.js';
import type { LoadFlags } from './load-options.js';
import { bytesOf, modelFile } from './model-file.js';
import { counting, warn } from './progress.js';
import { quantizedForm, techniquesOf } from './quantized-form.js';
import { evaluationText } from './show-evaluation.js';

/** What commander makes of the flags of `evaluate`. */
export interface EvaluateFlags extends Omit<LoadFlags, 'threads'> {
  readonly data: string;
  readonly labels?: string;
  readonly task: string;
  readonly metric?: string;
  readonly quantize?: string;
  readonly top: number;
  readonly labelOffset: number;
  readonly output?: string;
  readonly limit?: number;
  readonly shuffle?: number;
  readonly workers: number;
  readonly resume?: string;
  readonly skipBad?: boolean;
  readonly minValue?: number;
  readonly json?: boolean;
}

/** Samples that are measured at a time, between two looks at the clock. */
const PART = 16;
/** How often the state is written, ms. */
const SAVE_EVERY = 3000;

/** Evaluates models on labelled data and prints what was found. */
export async function runEvaluate(paths: readonly string[], flags: EvaluateFlags): Promise<void> {
  const quiet = flags.json ?? false;
  const job = await jobOf(paths, flags, quiet);
  const { dataset, metric, measure } = await openJob(job);
  const total = Math.min(flags.limit ?? Infinity, dataset.size);
  const parts = await allParts(job, total, flags, quiet, measure);
  const evaluation = joinParts(
    flags.metric ?? flags.task,
    job.models.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength })),
    metric,
    parts,
  );
  process.stdout.write(
    flags.json ? `${JSON.stringify(evaluation, null, 1)}\n` : `${evaluationText(evaluation).join('\n')}\n`,
  );
  if (evaluation.bad.length > 0)
    warn(`${evaluation.bad.length} samples were left out; the first: ${evaluation.bad[0]?.error}`);
  checkValue(evaluation, flags.minValue);
}

function checkValue({ models }: Evaluation, least: number | undefined): void {
  if (least === undefined) return;
  const low = models.filter((m) => !(m.value >= least));
  if (low.length === 0) return;
  const list = low.map((m) => `${m.name}: ${m.metric} ${m.value}`).join('; ');
  throw new ModelError('check-failed', `at least ${least} wanted, got ${list}.`);
}

async function jobOf(paths: readonly string[], flags: EvaluateFlags, quiet: boolean): Promise<EvaluationJob> {
  const models: { name: string; bytes: Uint8Array }[] = [];
  for (const path of paths) {
    const bytes = bytesOf(await modelFile(path, flags, quiet));
    models.push({ name: path, bytes });
    for (const technique of techniquesOf(flags.quantize ?? '')) {
      const form = await quantizedForm(bytes, technique);
      models.push({ name: `${path}, ${form.name}`, bytes: form.bytes });
    }
  }
  const { folder, data } = dataOf(flags);
  const { task, top, labelOffset, output, signature, shuffle } = flags;
  return {
    models,
    folder,
    data,
    task,
    options: { top, labelOffset, output },
    metric: flags.metric === undefined ? undefined : resolve(flags.metric),
    signature,
    numerics: flags.numerics ?? 'fast',
    shuffle,
    skipBad: flags.skipBad ?? false,
  };
}

type Measure = (from: number, to: number) => Promise<PartResult>;

/** All parts: those that a file holds from before, and the others by this thread or by several. */
async function allParts(
  job: EvaluationJob,
  total: number,
  flags: EvaluateFlags,
  quiet: boolean,
  measure: Measure,
): Promise<PartResult[]> {
  const key = keyOf(job, total);
  const parts = flags.resume === undefined ? [] : readParts(flags.resume, key);
  const done = new Set(parts.map((p) => p.from));
  const left: number[] = [];
  for (let from = 0; from < total; from += PART) if (!done.has(from)) left.push(from);
  let saved = performance.now();
  const save = () => {
    if (flags.resume !== undefined)
      writeFileAtomically(flags.resume, [new TextEncoder().encode(JSON.stringify({ key, parts }))]);
  };
  const take = async (work: Measure, show: (done: number) => void) => {
    for (let from = left.shift(); from !== undefined; from = left.shift()) {
      parts.push(await work(from, Math.min(from + PART, total)));
      show(Math.min(parts.length * PART, total));
      if (performance.now() - saved < SAVE_EVERY) continue;
      save();
      saved = performance.now();
    }
  };
  try {
    await counting('evaluating', total, quiet, (show) =>
      flags.workers > 1 ? withThreads(job, flags.workers, (work) => take(work, show)) : take(measure, show),
    );
  } finally {
    save();
  }
  return parts;
}

async function withThreads(job: EvaluationJob, threads: number, take: (work: Measure) => Promise<void>): Promise<void> {
  const { evaluationThreads } = await import('./evaluation-threads.js');
  const { measure, close } = evaluationThreads(job, threads);
  try {
    await Promise.all(Array.from({ length: threads }, () => take(measure)));
  } finally {
    await close();
  }
}

/** What a file of parts belongs to: other models, data or tasks have another. */
function keyOf({ models, folder, ...rest }: EvaluationJob, total: number): string {
  const sizes = models.map(({ name, bytes }) => `${name} ${bytes.byteLength} ${sumOf(bytes)}`);
  return JSON.stringify({ sizes, folder: resolve(folder), total, ...rest });
}

/** A sum over all bytes that tells models apart. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
  return sum;
}

function readParts(path: string, key: string): PartResult[] {
  if (!existsSync(path)) return [];
  try {
    const json = JSON.parse(readText(path)) as { readonly key?: string; readonly parts?: PartResult[] };
    if (json.key === key && Array.isArray(json.parts)) return json.parts;
  } catch (error) {
    if (error instanceof ModelError) throw error;
  }
  throw new ModelError('invalid-option', 'the state of another evaluation, or none. Name another file, or remove it.', {
    where: path,
  });
}
