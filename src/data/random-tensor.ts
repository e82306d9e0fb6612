import { seededData } from '../ir/seeded.js';
import { elementCount, type Tensor } from '../ir/tensor.js';
import type { Wanted } from './fit-tensor.js';

/**
 * Random elements for an input, which depend on the seed, the input's name and the number of the sample only; unknown
 * sizes are 1.
 */
export function randomTensor({ name, dtype, shape, quantization }: Wanted, seed: number, sample = 0): Tensor {
  const sizes = shape.map((d) => (d < 0 ? 1 : d));
  const text = sample === 0 ? `${seed}:${name}` : `${seed}:${name}:${sample}`;
  return { dtype, shape: sizes, data: seededData(dtype, elementCount(sizes), text), quantization };
}

/** A random tensor for every input. */
export const randomInputs = (inputs: readonly Wanted[], seed: number, sample = 0): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(inputs.map((wanted) => [wanted.name, randomTensor(wanted, seed, sample)]));
