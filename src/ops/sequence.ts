import type { Shape } from '../ir/tensor.js';

/** How the steps of a batch of sequences lie in memory. */
export interface StepLayout {
  readonly batches: number;
  readonly steps: number;
  /** The row of features of a batch element at a time. */
  row(batch: number, time: number): number;
  /** The last step first. */
  readonly backward?: boolean;
}

/** The layout of `[N, T, I]`, or `[T, N, I]` when time comes first. */
export function stepLayout(shape: Shape, timeMajor: boolean): StepLayout {
  const [a = 0, b = 0] = shape;
  return timeMajor
    ? { batches: b, steps: a, row: (batch, time) => time * b + batch }
    : { batches: a, steps: b, row: (batch, time) => batch * b + time };
}

/** Calls `step` for each batch element and time, in the order of time. */
export function runSequence(layout: StepLayout, step: (batch: number, row: number) => void): void {
  for (let batch = 0; batch < layout.batches; batch++)
    for (let t = 0; t < layout.steps; t++) step(batch, layout.row(batch, layout.backward ? layout.steps - 1 - t : t));
}

/** Rows of `a` and `b` side by side. */
export function mergeFeatures(a: Float32Array, b: Float32Array, { batches, steps }: StepLayout): Float32Array {
  const rows = batches * steps;
  const [n, m] = [a.length / rows, b.length / rows];
  const out = new Float32Array(a.length + b.length);
  for (let row = 0; row < rows; row++) {
    out.set(a.subarray(row * n, (row + 1) * n), row * (n + m));
    out.set(b.subarray(row * m, (row + 1) * m), row * (n + m) + n);
  }
  return out;
}
