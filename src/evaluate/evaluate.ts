import { ModelError } from '../errors.js';
import type { RunnableModel, SignatureFacts } from '../runtime/api.js';
import type { Dataset } from './data/types.js';
import { mcNemar } from './metrics/intervals.js';
import { type Figure, joinStates, type Metric, type MetricState } from './metrics/types.js';

/** A sample that could not be measured. */
export interface BadSample {
  readonly index: number;
  readonly error: string;
}

/** What came out of a part of the samples: plain JSON. */
export interface PartResult {
  readonly from: number;
  readonly to: number;
  /** One state for each model. */
  readonly states: readonly MetricState[];
  readonly bad: readonly BadSample[];
}

/** One model of an evaluation. */
export interface EvaluatedModel {
  readonly name: string;
  readonly bytes: number;
  /** The first figure, for those who want one. */
  readonly metric: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly samples: number;
  readonly figures: readonly Figure[];
  /** Against the first model, by the samples on which exactly one is right; null for the first, or without right and wrong. */
  readonly pair: { readonly onlyFirst: number; readonly onlyThis: number; readonly p: number } | null;
}

/** Everything that an evaluation found: what `evaluate --json` prints. */
export interface Evaluation {
  readonly task: string;
  readonly samples: number;
  readonly models: readonly EvaluatedModel[];
  readonly bad: readonly BadSample[];
}

export interface RunningModel {
  readonly model: RunnableModel;
  readonly signature: SignatureFacts;
}

/**
 * Measures the samples `from` to `to - 1` of a data set, in an order that `order` gives, on all models.
 * @throws {ModelError} for the first bad sample, with its name; with `skipBad` it is noted and left out instead.
 */
export async function evaluatePart(
  models: readonly RunningModel[],
  dataset: Dataset,
  metric: Metric,
  { from, to, order, skipBad }: { from: number; to: number; order: (place: number) => number; skipBad: boolean },
): Promise<PartResult> {
  const states: MetricState[][] = models.map(() => []);
  const bad: BadSample[] = [];
  for (let place = from; place < to; place++) {
    const index = order(place);
    try {
      const own: MetricState[] = [];
      for (const { model, signature } of models) {
        const { name, inputs, label } = await dataset.sample(index, signature.inputs);
        // A state that a model keeps belongs to one sample.
        model.reset();
        own.push(atSample(name, () => metric.measure(model.run(inputs, { signature: signature.key }), label)));
      }
      for (const [i, state] of own.entries()) states[i]?.push(state);
    } catch (error) {
      if (!skipBad || !(error instanceof ModelError)) throw error;
      bad.push({ index, error: error.message });
    }
  }
  return { from, to, states: states.map(joinStates), bad };
}

function atSample<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ModelError) || error.where === name) throw error;
    throw new ModelError(error.code, error.message, { where: name, cause: error });
  }
}

/** The parts of all samples, in any order, as one result. */
export function joinParts(
  task: string,
  models: readonly { readonly name: string; readonly bytes: number }[],
  metric: Metric,
  parts: readonly PartResult[],
): Evaluation {
  const sorted = [...parts].sort((a, b) => a.from - b.from);
  const bad = sorted.flatMap((p) => p.bad);
  const samples = sorted.reduce((n, p) => n + p.to - p.from, 0) - bad.length;
  if (samples === 0)
    throw new ModelError('invalid-data', `no sample could be measured; the first: ${bad[0]?.error ?? 'none'}`);
  const states = models.map((_, i) => joinStates(sorted.map((p) => p.states[i] ?? {})));
  const correct = states.map((state) => metric.correct?.(state));
  return {
    task,
    samples,
    bad,
    models: models.map(({ name, bytes }, i) => {
      const figures = metric.result(states[i] as MetricState);
      const { metric: main = '', value = Number.NaN, low = value, high = value } = figures[0] ?? {};
      const pair = i > 0 ? pairOf(correct[0], correct[i]) : null;
      return { name, bytes, metric: main, value, low, high, samples, figures, pair };
    }),
  };
}

function pairOf(first: readonly boolean[] | undefined, other: readonly boolean[] | undefined): EvaluatedModel['pair'] {
  if (!first || !other) return null;
  const onlyFirst = first.filter((right, i) => right && !other[i]).length;
  const onlyThis = first.filter((right, i) => !right && other[i]).length;
  return { onlyFirst, onlyThis, p: mcNemar(onlyFirst, onlyThis) };
}
