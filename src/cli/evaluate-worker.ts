/** What a thread of an evaluation runs. */
import { workerData } from 'node:worker_threads';
import type { PartResult } from '../evaluate/evaluate.js';
import { type EvaluationJob, type OpenJob, openJob } from './evaluate-part.js';

let opened: Promise<OpenJob> | undefined;

/** Measures one part. What a thread needs is opened once, from the data that it began with. */
export async function measurePart({ from, to }: { readonly from: number; readonly to: number }): Promise<PartResult> {
  // The pool puts its own data in front of what it was given.
  opened ??= openJob((workerData as readonly [unknown, EvaluationJob])[1]);
  return (await opened).measure(from, to);
}
