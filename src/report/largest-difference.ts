import type { DType, TensorData } from '../ir/tensor.js';
import { floats } from '../ops/floats.js';

/**
 * Largest difference of two lists of elements of one type, in their own unit (steps for integers). NaN when they differ in
 * length, or where only one of two elements is a number; 0 for texts, which are not compared.
 */
export function largestDifference(dtype: DType, a: TensorData, b: TensorData): number {
  if (a.length !== b.length) return Number.NaN;
  if (dtype === 'string') return 0;
  const [x, y] = [numbers(dtype, a), numbers(dtype, b)];
  let largest = 0;
  for (let i = 0; i < x.length; i++) {
    const [p, q] = [Number(x[i]), Number(y[i])];
    if (Object.is(p, q) || p === q) continue;
    const difference = Math.abs(p - q);
    if (Number.isNaN(difference)) return Number.NaN;
    if (difference > largest) largest = difference;
  }
  return largest;
}

/** 16-bit floats are held as bits. */
const numbers = (dtype: DType, data: TensorData): ArrayLike<number | bigint> =>
  dtype === 'f16' || dtype === 'bf16' ? floats({ dtype, shape: [], data }) : (data as ArrayLike<number | bigint>);
