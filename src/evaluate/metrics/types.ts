import type { Tensor } from '../../ir/tensor.js';
import type { Interval } from './intervals.js';

/** What is true of a sample: a class, a text, or an array such as a mask, a target or the next tokens. */
export type Label = number | string | Tensor | DetectionLabel;

/** Objects of an image: boxes as `[top, left, bottom, right]` in 0..1. */
export interface DetectionLabel {
  readonly boxes: readonly (readonly number[])[];
  readonly classes: readonly number[];
}

/** What a metric adds up: plain JSON, so that workers can send it and files can keep it. */
export type MetricState = Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;

/** A figure of a task: the first one is what a table shows. */
export interface Figure extends Interval {
  readonly metric: string;
  /** `share` is 0..1; others are in the unit of the metric. */
  readonly kind: 'share' | 'number';
  /** Higher is better. */
  readonly isGain: boolean;
}

/** Adds up what a model makes of samples. States of parts of the data join to that of the whole, in the order of samples. */
export interface Metric {
  /**
   * The state of one sample.
   * @throws {ModelError} `invalid-data` for outputs or labels that the task cannot have.
   */
  measure(outputs: Readonly<Record<string, Tensor>>, label: Label): MetricState;
  result(state: MetricState): readonly Figure[];
  /** For each sample whether the model is right; undefined when the task has no right and wrong. */
  correct?(state: MetricState): readonly boolean[];
}

/** States one after the other. */
export function joinStates(states: readonly MetricState[]): MetricState {
  const joined: Record<string, (number | readonly number[])[]> = {};
  for (const state of states)
    for (const [key, values] of Object.entries(state)) {
      const list = joined[key] ?? [];
      joined[key] = list;
      for (const value of values) list.push(value);
    }
  return joined as MetricState;
}
