import type { TensorError } from './types.js';

/** What noise on silence counts as, so that reports stay plain JSON. */
const LEAST_DB = -300;

/** Adds up how far tensors lie from one another, sample by sample. Sums are in float64. */
export class ErrorSum {
  #elements = 0;
  #signal = 0;
  #noise = 0;
  #other = 0;
  #product = 0;
  #absolute = 0;
  #largest = 0;
  #notFinite = 0;

  /** @param a,b Arrays of the same length. */
  add(a: ArrayLike<number>, b: ArrayLike<number>): void {
    this.#elements += a.length;
    for (let i = 0; i < a.length; i++) {
      const x = a[i] as number;
      const y = b[i] as number;
      const error = Math.abs(x - y);
      if (!(error < Infinity)) {
        if (!Object.is(x, y)) this.#notFinite++;
        continue;
      }
      this.#signal += x * x;
      this.#other += y * y;
      this.#product += x * y;
      this.#noise += error * error;
      this.#absolute += error;
      if (error > this.#largest) this.#largest = error;
    }
  }

  /** Noise divided by signal; 0 when equal, Infinity for noise on silence. */
  get noiseToSignal(): number {
    return this.#noise === 0 ? 0 : this.#noise / this.#signal;
  }

  result(): TensorError {
    const count = Math.max(this.#elements - this.#notFinite, 1);
    const lengths = Math.sqrt(this.#signal * this.#other);
    return {
      elements: this.#elements,
      sqnrDb: this.#noise === 0 ? null : Math.max(10 * Math.log10(this.#signal / this.#noise), LEAST_DB),
      maxAbs: this.#largest,
      meanAbs: this.#absolute / count,
      rms: Math.sqrt(this.#noise / count),
      cosine: lengths === 0 ? null : Math.min(this.#product / lengths, 1),
      notFinite: this.#notFinite,
    };
  }
}
