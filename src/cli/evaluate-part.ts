import { pathToFileURL } from 'node:url';
import { bytesSource } from '../bytes/source.js';
import { ModelError } from '../errors.js';
import { openDataset } from '../evaluate/data/dataset.js';
import type { DataSpec } from '../evaluate/data/spec.js';
import type { Dataset } from '../evaluate/data/types.js';
import { evaluatePart, type PartResult, type RunningModel } from '../evaluate/evaluate.js';
import { metricOf, type TaskOptions } from '../evaluate/metrics/index.js';
import type { Metric } from '../evaluate/metrics/types.js';
import { pickSignature } from '../evaluate/pick-signature.js';
import { REPRODUCIBLE } from '../evaluate/reproducible.js';
import { readTflite } from '../formats/tflite/index.js';
import { seededRandom } from '../ir/seeded.js';
import { pathTree } from '../node/path-tree.js';
import { runnable } from '../node/runtime.js';
import type { NumericsMode } from '../runtime/api.js';

/** What is to be evaluated: plain data, which threads can be told. */
export interface EvaluationJob {
  readonly models: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  readonly signature?: string | undefined;
  readonly numerics: NumericsMode;
  readonly folder: string;
  readonly data: DataSpec;
  readonly task: string;
  readonly options: TaskOptions;
  /** A module that exports `measure` and `result`, instead of a task. */
  readonly metric?: string | undefined;
  readonly shuffle?: number | undefined;
  readonly skipBad: boolean;
}

/** A job that is ready to measure parts. */
export interface OpenJob {
  readonly dataset: Dataset;
  readonly metric: Metric;
  measure(from: number, to: number): Promise<PartResult>;
}

/** Opens data and models. @throws {ModelError} for what cannot be. */
export async function openJob(job: EvaluationJob): Promise<OpenJob> {
  const { source } = job.data;
  if (source.kind === 'arrays' && source.labels === undefined && job.metric === undefined)
    throw new ModelError('invalid-option', 'labels expected beside the arrays. Name their file with --labels.');
  const dataset = await openDataset(pathTree(job.folder), job.data);
  const metric = job.metric === undefined ? metricOf(job.task, withClasses(job, dataset)) : await ownMetric(job.metric);
  const models = job.models.map(({ bytes, name }): RunningModel => {
    const model = runnable(readTflite(bytesSource(bytes, name)), { ...REPRODUCIBLE, numerics: job.numerics });
    const signature = pickSignature(model.signatures, job.signature, name);
    return { model, signature };
  });
  const places = orderOf(dataset.size, job.shuffle);
  const order = (place: number) => places?.[place] ?? place;
  return {
    dataset,
    metric,
    measure: (from, to) => evaluatePart(models, dataset, metric, { from, to, order, skipBad: job.skipBad }),
  };
}

const withClasses = ({ options }: EvaluationJob, { classes }: Dataset): TaskOptions => ({
  ...options,
  ...(options.alphabet === undefined && classes && { alphabet: classes }),
});

/** A seeded order of all samples; undefined for that of the data. */
function orderOf(size: number, seed: number | undefined): Uint32Array | undefined {
  if (seed === undefined) return undefined;
  const random = seededRandom(`order ${seed}`);
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

async function ownMetric(path: string): Promise<Metric> {
  let found: Partial<Metric>;
  try {
    found = (await import(pathToFileURL(path).href)) as Partial<Metric>;
  } catch (cause) {
    throw new ModelError('invalid-option', `a module with a metric expected: ${(cause as Error).message}`, {
      where: path,
      cause,
    });
  }
  if (typeof found.measure !== 'function' || typeof found.result !== 'function')
    throw new ModelError(
      'invalid-option',
      'a module that exports the functions measure(outputs, label) and result(state) expected.',
      { where: path },
    );
  return found as Metric;
}
