import { Tinypool } from 'tinypool';
import type { PartResult } from '../evaluate/evaluate.js';
import type { EvaluationJob } from './evaluate-part.js';

/** Threads that measure parts of an evaluation. */
export function evaluationThreads(job: EvaluationJob, threads: number) {
  const pool = new Tinypool({
    filename: new URL('./evaluate-worker.mjs', import.meta.url).href,
    name: 'measurePart',
    minThreads: threads,
    maxThreads: threads,
    workerData: job,
  });
  return {
    measure: (from: number, to: number): Promise<PartResult> => pool.run({ from, to }) as Promise<PartResult>,
    close: () => pool.destroy(),
  };
}
