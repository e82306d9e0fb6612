import { isFloat, type Tensor } from '../ir/tensor.js';
import { floats } from './floats.js';
import { quantizeRows } from './hybrid-rows.js';
import { centered } from './integers.js';

/** A weight matrix `[O, I]` as recurrent kernels multiply it: floats, or integers with one scale. */
export interface WeightMatrix {
  readonly data: ArrayLike<number>;
  /** Of integer weights, whose rows are multiplied as integers. */
  readonly scale?: number;
}

/** A row of inputs, in both forms that weights may need. */
export interface InputRow {
  readonly x: Float32Array;
  /** Quantized without its zero point; absent when no weights are integers. */
  readonly centered?: Int16Array;
  readonly scale?: number;
}

export function weightMatrix(weights: Tensor): WeightMatrix {
  const { quantization, dtype } = weights;
  if (isFloat(dtype) || quantization?.scale.length !== 1) return { data: floats(weights) };
  return { data: centered(weights), scale: quantization.scale[0]! };
}

/** A row as float inputs are prepared for weights, of which some may be integers. */
export function inputRow(x: Float32Array, isHybrid: boolean, isSymmetric: boolean): InputRow {
  if (!isHybrid || x.length === 0) return { x };
  const { centered, scales } = quantizeRows(x, x.length, isSymmetric);
  return { x, centered, scale: scales[0]! };
}

/** The product of row `k` of the weights with the inputs. */
export function rowProduct({ data, scale }: WeightMatrix, k: number, row: InputRow): number {
  const x = scale === undefined ? row.x : row.centered!;
  const start = k * x.length;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += data[start + i]! * x[i]!;
  return scale === undefined ? sum : Math.fround(sum * Math.fround(scale * row.scale!));
}
