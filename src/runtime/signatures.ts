import { ModelError } from '../errors.js';
import type { Model, Signature, Value } from '../ir/graph.js';
import type { Shape } from '../ir/tensor.js';
import type { SignatureFacts, TensorFacts } from './api.js';

/** What a caller sees of an input or output. */
export const factsOf = (name: string, { dtype, shape, quantization }: Value): TensorFacts => ({
  name,
  dtype,
  shape: shape ?? [],
  ...(!shape && { isUnranked: true }),
  ...(quantization && { quantization }),
});

/** The first graph under the names of its tensors, for models that have no signatures. */
export function defaultSignature({ graphs: [graph] }: Model): Signature {
  const named = (values: readonly Value[] = []) => {
    const seen = new Set<string>();
    return values.map(({ name }, index) => {
      const own = seen.has(name) || name === '' ? `${name}:${index}` : name;
      seen.add(own);
      return { name: own, index };
    });
  };
  return { key: '', graph: 0, inputs: named(graph?.inputs), outputs: named(graph?.outputs) };
}

/** @throws {ModelError} `not-found` for shapes of inputs that do not exist. */
export function checkNames(shapes: Readonly<Record<string, Shape>>, signatures: readonly SignatureFacts[]): void {
  const known = new Set(signatures.flatMap((s) => s.inputs.map((i) => i.name)));
  for (const name of Object.keys(shapes))
    if (!known.has(name)) throw new ModelError('not-found', `no input '${name}'. There are: ${[...known].join(', ')}.`);
}
