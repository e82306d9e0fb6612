import { openDataset } from '../../src/evaluate/data/dataset.js';
import { type Evaluation, evaluatePart, joinParts, type PartResult } from '../../src/evaluate/evaluate.js';
import { metricOf } from '../../src/evaluate/metrics/index.js';
import { REPRODUCIBLE } from '../../src/evaluate/reproducible.js';
import { load } from '../../src/load.js';
import type { AccuracyRequest } from '../protocol.js';
import { labelledData } from './labelled-data.js';
import { ready } from './loaded-model.js';

/** Samples that are measured between two looks at what is done. */
const PART = 16;

/** How often both models are right on labelled data: the figures that `tersor evaluate` gives. */
export async function measureAccuracy(
  { float, quantized, files, scaling }: AccuracyRequest,
  onProgress: (done: number, total: number) => void,
): Promise<Evaluation> {
  const blobs = [float, quantized];
  const models = await Promise.all(
    blobs.map(async (blob) => ready(await load(new Uint8Array(await blob.arrayBuffer()), REPRODUCIBLE))),
  );
  try {
    const { tree, spec } = labelledData(files, scaling, models[0]?.signature.inputs ?? []);
    const dataset = await openDataset(tree, spec);
    const metric = metricOf('classification', {});
    const parts: PartResult[] = [];
    for (let from = 0; from < dataset.size; from += PART) {
      const to = Math.min(from + PART, dataset.size);
      parts.push(await evaluatePart(models, dataset, metric, { from, to, order: (i) => i, skipBad: false }));
      onProgress(to, dataset.size);
    }
    const sizes = blobs.map(({ size }, i) => ({ name: i === 0 ? 'float' : 'quantized', bytes: size }));
    return joinParts('classification', sizes, metric, parts);
  } finally {
    for (const { model } of models) model.dispose();
  }
}
