import type { Model, Quantization, Value } from '../../ir/graph.js';
import { bitsOf, elementCount } from '../../ir/tensor.js';
import { constantsOf } from '../../quantize/plan.js';
import { numbersOf } from '../numbers.js';
import { HistogramSum } from './histogram.js';
import { ErrorSum } from './tensor-error.js';
import type { ConstantDifference } from './types.js';

/** Constants below this number of elements, of the same type on both sides, are not listed. */
const LEAST_ELEMENTS = 2;

/** Compares the constants of the same name and shape, in the order of B's readers. Each is read once and let go. */
export function compareConstants(a: Model, b: Model): ConstantDifference[] {
  const byName = new Map(a.graphs.flatMap(constantsOf).map((value) => [value.name, value]));
  const seen = new Set<string>();
  return b.graphs.flatMap(constantsOf).flatMap((value) => {
    const same = byName.get(value.name);
    if (!same || seen.has(value.name) || !isComparable(same, value)) return [];
    seen.add(value.name);
    return [compareConstant(same, value)];
  });
}

const isNumber = ({ dtype, quantization }: Value): boolean =>
  /^b?f\d/.test(dtype) || (/^[iu]\d+$/.test(dtype) && (quantization?.scale.length ?? 0) > 0);

function isComparable(a: Value, b: Value): boolean {
  if (String(a.constant?.shape) !== String(b.constant?.shape) || !isNumber(a) || !isNumber(b)) return false;
  return elementCount(b.constant?.shape ?? []) >= LEAST_ELEMENTS || a.dtype !== b.dtype;
}

function compareConstant(a: Value, b: Value): ConstantDifference {
  const numbers = (v: Value) => numbersOf({ ...v.constant!.tensor(), quantization: v.quantization });
  const error = new ErrorSum();
  const histogram = new HistogramSum();
  const [x, y] = [numbers(a), numbers(b)];
  error.add(x, y);
  histogram.add(x, y);
  const shape = b.constant?.shape ?? [];
  const bytes = ({ dtype }: Value) => Math.ceil((elementCount(shape) * bitsOf(dtype)) / 8);
  return {
    name: b.name,
    shape,
    dtypeA: a.dtype,
    dtypeB: b.dtype,
    bytesA: bytes(a),
    bytesB: bytes(b),
    quantization: quantizationText(b.quantization),
    error: error.result(),
    histogram: histogram.result(),
  };
}

function quantizationText(quantization: Quantization | undefined): string {
  if (!quantization || quantization.scale.length === 0) return 'none';
  return quantization.scale.length === 1 ? 'per-tensor' : `per-channel (axis ${quantization.axis})`;
}
