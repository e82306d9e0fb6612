import type { DType, Shape, Tensor } from '../ir/tensor.js';
import { isFloat } from '../ir/tensor.js';
import { floats } from '../ops/floats.js';

/** A tensor in a few numbers. Quantized integers count as what they stand for. */
export interface TensorSummary {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** Null for texts, complex numbers, and tensors without elements. */
  readonly min: number | null;
  readonly mean: number | null;
  readonly max: number | null;
  /** How many elements are not a number; they count in nothing else. */
  readonly nans: number;
}

/** One of the highest elements of a row. */
export interface TopEntry {
  readonly index: number;
  readonly score: number;
  readonly label?: string;
}

/** The numbers that the elements stand for, or undefined for texts, complex numbers and handles. */
export function realValues(tensor: Tensor): ArrayLike<number> | undefined {
  const { dtype, data, quantization } = tensor;
  if (isFloat(dtype) || dtype.startsWith('f8') || (quantization?.scale.length ?? 0) > 0) {
    return dtype === 'f64' ? (data as Float64Array) : floats(tensor);
  }
  return /^[iu]\d+$|^bool$/.test(dtype) ? Float64Array.from(data as ArrayLike<number | bigint>, Number) : undefined;
}

export function summarizeTensor(name: string, tensor: Tensor): TensorSummary {
  const { dtype, shape } = tensor;
  const values = realValues(tensor) ?? [];
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number;
    if (Number.isNaN(x)) continue;
    count++;
    sum += x;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const isEmpty = count === 0;
  return {
    name,
    dtype,
    shape,
    min: isEmpty ? null : min,
    mean: isEmpty ? null : sum / count,
    max: isEmpty ? null : max,
    nans: values.length - count,
  };
}

/** The `k` highest elements of every row (the last axis), highest first; of equal ones the first. NaN is never high. */
export function topEntries(tensor: Tensor, k: number, labels?: readonly string[]): TopEntry[][] {
  const values = realValues(tensor);
  const size = tensor.shape.at(-1) ?? 1;
  if (!values || size === 0) return [];
  return Array.from({ length: values.length / size }, (_, row) => {
    const scores = Array.from({ length: size }, (_, i) => values[row * size + i] as number);
    return scores
      .map((score, index) => ({ index, score }))
      .filter(({ score }) => !Number.isNaN(score))
      .sort((a, b) => b.score - a.score || a.index - b.index)
      .slice(0, k)
      .map((entry) => ({ ...entry, ...(labels && { label: labels[entry.index] ?? '' }) }));
  });
}
