import { fixedExp, fixedLog, fixedReciprocalOf } from '../numerics/fixed-functions.js';
import { doubledHighProduct, fixedFactor, multiplyByFactor, roundingShift } from '../numerics/fixed-point.js';
import { clamp } from '../numerics/round.js';
import type { Affine } from './integers.js';
import { table16 } from './lookup-table.js';

/** A row of stored integers to a row of results; both are views of whole tensors. */
export type RowFunction = (x: ArrayLike<number>, out: { [index: number]: number }) => void;

/** Differences from the maximum have 5 integer bits, sums of exponentials 12. */
const INTEGER_BITS = 5;
const SUM_BITS = 12;

/** Factor to 5 integer bits, and the least difference that has an exponential. */
function differenceScale(realScale: number) {
  const fixed = fixedFactor(Math.min(realScale * 2 ** (31 - INTEGER_BITS), 2 ** 31 - 1));
  const least = -Math.floor((31 * 2 ** 26) / 2 ** fixed.exponent);
  return { fixed, least };
}

/** A function of how far 8-bit integers are below the greatest one, 0 to -255, computed once for each. */
function byDistance(compute: (difference: number) => number): (difference: number) => number {
  const entries = Int32Array.from({ length: 256 }, (_, distance) => compute(-distance));
  return (difference) => entries[-difference]!;
}

const largest = (x: ArrayLike<number>): number => {
  let max = -Infinity;
  for (let i = 0; i < x.length; i++) max = Math.max(max, x[i]!);
  return max;
};

/** `exp(beta x) / Σ exp(beta x)` of 8-bit integers, as integers from 0 to 1 over the output's whole range. */
export function softmax8(from: Affine, to: Affine, beta: number): RowFunction {
  const { fixed, least } = differenceScale(beta * from.scale);
  const bits = to.dtype === 'i16' ? 16 : 8;
  const exponential = byDistance((d) => (d < least ? 0 : fixedExp(multiplyByFactor(d, fixed), INTEGER_BITS)));
  return (x, out) => {
    const max = largest(x);
    let sum = 0;
    for (let i = 0; i < x.length; i++)
      if (x[i]! - max >= least) sum = (sum + roundingShift(exponential(x[i]! - max), SUM_BITS)) | 0;
    const { value, shift } = fixedReciprocalOf(sum, SUM_BITS);
    for (let i = 0; i < x.length; i++) {
      const isPresent = x[i]! - max >= least;
      const share = isPresent
        ? roundingShift(doubledHighProduct(value, exponential(x[i]! - max)), shift + 31 - bits)
        : 0;
      out[i] = clamp(share + to.low, to.low, to.high);
    }
  };
}

/** The softmax of 16-bit integers, by tables of the exponential and of `1 / (1 + x)`. */
export function softmax16(from: Affine, beta: number): RowFunction {
  const exact = (x: number) => x;
  const steps = (scale: number, zeroPoint: number) => ({ scale, zeroPoint });
  const exponential = table16(Math.exp, steps(10 / 65535, 32767), steps(2 / 65535, 0), exact);
  const reciprocal = table16((x) => 1 / (1 + x), steps(1 / 65535, -32768), steps(2 / 65535, 0), exact);
  const fixed = fixedFactor((from.scale * beta) / (10 / 65535));
  return (x, out) => {
    const max = largest(x);
    const terms = Int16Array.from(x, (q) =>
      exponential(clamp(multiplyByFactor(q - max, fixed) + 32767, -32768, 32767)),
    );
    const sum = terms.reduce((a, b) => a + b, 0);
    const zeros = Math.clz32(sum);
    const scaled = Math.floor((sum * 2 ** (zeros - 1) + 2 ** 13) / 2 ** 14);
    const inverse = reciprocal(clamp(scaled - (2 ** 15 + 2 ** 16), -32768, 32767));
    const shift = 31 - zeros;
    for (let i = 0; i < x.length; i++)
      out[i] = clamp(Math.floor((terms[i]! * inverse + 2 ** (shift - 1)) / 2 ** shift), 0, 32767);
  };
}

/** `x - log Σ exp(x)` of 8-bit integers, in sixteenths below the greatest output. */
export function logSoftmax8(from: Affine, to: Affine): RowFunction {
  const { fixed, least } = differenceScale(from.scale);
  const back = fixedFactor(2 ** (31 - fixed.exponent) / fixed.multiplier);
  const difference = byDistance((d) => multiplyByFactor(d, fixed));
  const exponential = byDistance((d) => (d < least ? 0 : fixedExp(difference(d), INTEGER_BITS)));
  return (x, out) => {
    const max = largest(x);
    let sum = 0;
    for (let i = 0; i < x.length; i++)
      if (x[i]! - max >= least) sum = (sum + roundingShift(exponential(x[i]! - max), SUM_BITS)) | 0;
    const log = fixedLog(sum);
    const adjusted = Math.max(least - 1, multiplyByFactor((log - 2 ** 31) | 0, back));
    for (let i = 0; i < x.length; i++) {
      const isPresent = x[i]! - max > adjusted;
      const value = isPresent
        ? roundingShift((difference(x[i]! - max) - log) | 0, 31 - INTEGER_BITS - 4) + to.high
        : to.low;
      out[i] = clamp(value, to.low, to.high);
    }
  };
}

/** Runs a function over all rows of `size` elements. */
export function eachRow(x: Int8Array, out: Int8Array, size: number, run: RowFunction): void {
  for (let at = 0; at < x.length; at += size) run(x.subarray(at, at + size), out.subarray(at, at + size));
}
