import { elementCount, type Shape, type Tensor } from '../../ir/tensor.js';
import { highest, numbersOf } from '../numbers.js';
import { ErrorSum } from './tensor-error.js';
import type { OutputDifference } from './types.js';

/** How far the rows of a distribution may be from a sum of 1. */
const SUM_TOLERANCE = 1e-2;
/** Least probability that counts, so that a zero does not make the divergence infinite. */
const LEAST = 1e-9;

/** Adds up how two models differ in one output. */
export class OutputSum {
  readonly #error = new ErrorSum();
  readonly #limit: number;
  #rows = 0;
  #same = 0;
  #divergence = 0;
  #areDistributions = true;
  #first: { readonly a: Tensor; readonly b: Tensor } | undefined;

  /** @param limit Most elements of the first sample to keep. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  add(a: Tensor, b: Tensor): void {
    this.#first ??= { a, b };
    const [x, y] = [numbersOf(a), numbersOf(b)];
    if (x.length !== y.length) return;
    this.#error.add(x, y);
    const size = a.shape.at(-1) ?? 1;
    if (size < 2) return;
    for (let at = 0; at < elementCount(a.shape); at += size)
      this.#addRow(x.subarray(at, at + size), y.subarray(at, at + size));
  }

  #addRow(x: Float32Array, y: Float32Array): void {
    this.#rows++;
    if (highest(x) === highest(y)) this.#same++;
    this.#areDistributions &&= isDistribution(x) && isDistribution(y);
    if (!this.#areDistributions) return;
    for (let i = 0; i < x.length; i++) {
      const p = x[i] as number;
      if (p > LEAST) this.#divergence += p * Math.log(p / Math.max(y[i] as number, LEAST));
    }
  }

  result(name: string): OutputDifference | undefined {
    if (!this.#first) return undefined;
    const { a, b } = this.#first;
    const keep = (tensor: Tensor) => Array.from(numbersOf(tensor).subarray(0, this.#limit), rounded);
    return {
      name,
      shape: a.shape as Shape,
      dtypeA: a.dtype,
      dtypeB: b.dtype,
      error: this.#error.result(),
      top1Agreement: this.#rows > 0 ? this.#same / this.#rows : null,
      klDivergence: this.#rows > 0 && this.#areDistributions ? Math.max(this.#divergence / this.#rows, 0) : null,
      sample: { a: keep(a), b: keep(b) },
    };
  }
}

/** Five digits are enough for looking; NaN and infinities become 0, which JSON can hold. */
const rounded = (x: number): number => (Number.isFinite(x) ? Number(x.toPrecision(5)) : 0);

function isDistribution(row: Float32Array): boolean {
  let sum = 0;
  for (const x of row) {
    if (!(x >= 0)) return false;
    sum += x;
  }
  return Math.abs(sum - 1) <= SUM_TOLERANCE;
}
