import type { HistogramPair } from './types.js';

const BINS = 48;

/** Counts elements of two tensors over one range, which the first sample of A sets. */
export class HistogramSum {
  #low = 0;
  #high = 0;
  #isSet = false;
  readonly #a = new Array<number>(BINS).fill(0);
  readonly #b = new Array<number>(BINS).fill(0);

  add(a: ArrayLike<number>, b: ArrayLike<number>): void {
    if (!this.#isSet) [this.#low, this.#high] = rangeOf(a);
    this.#isSet = true;
    this.#count(a, this.#a);
    this.#count(b, this.#b);
  }

  #count(values: ArrayLike<number>, bins: number[]): void {
    const scale = this.#high > this.#low ? BINS / (this.#high - this.#low) : 0;
    for (let i = 0; i < values.length; i++) {
      const x = values[i] as number;
      if (Number.isNaN(x)) continue;
      const bin = Math.min(Math.max(Math.floor((x - this.#low) * scale), 0), BINS - 1);
      bins[bin] = (bins[bin] as number) + 1;
    }
  }

  /** Null when there was nothing to count. */
  result(): HistogramPair | null {
    return this.#isSet ? { low: this.#low, high: this.#high, a: this.#a, b: this.#b } : null;
  }
}

function rangeOf(values: ArrayLike<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    if (!Number.isFinite(x)) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return low <= high ? [low, high] : [0, 0];
}
