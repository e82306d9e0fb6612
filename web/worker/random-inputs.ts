import { seededData } from '../../src/ir/seeded.js';
import { elementCount, type Tensor } from '../../src/ir/tensor.js';
import type { SignatureFacts, TensorFacts } from '../../src/runtime/api.js';

/** Random elements for an input; unknown sizes are 1. */
export function randomTensor({ name, dtype, shape, quantization }: TensorFacts, seed: number): Tensor {
  const sizes = shape.map((d) => Math.max(d, 1));
  return { dtype, shape: sizes, data: seededData(dtype, elementCount(sizes), `${seed}:${name}`), quantization };
}

/** A random tensor for every input of a signature. */
export const randomInputs = ({ inputs }: SignatureFacts, seed: number): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(inputs.map((facts) => [facts.name, randomTensor(facts, seed)]));
