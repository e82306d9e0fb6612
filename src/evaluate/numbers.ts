import type { Tensor } from '../ir/tensor.js';
import { floats } from '../ops/floats.js';

/** The numbers that a tensor stands for. */
export const numbersOf = (tensor: Tensor): Float32Array =>
  tensor.quantization?.scale.length || isFloat(tensor)
    ? floats(tensor)
    : Float32Array.from(tensor.data as ArrayLike<number>, Number);

const isFloat = ({ dtype }: Tensor): boolean =>
  dtype === 'f32' || dtype === 'f16' || dtype === 'bf16' || dtype === 'f64';

/** Place of the highest element: the first one of equals, 0 when none is above the first. */
export function highest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}

export const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);
