import type { Wanted } from '../../data/fit-tensor.js';
import { ModelError } from '../../errors.js';

/** The only input of a model that is given one thing. */
export function onlyInput(wanted: readonly Wanted[], where: string): Wanted {
  const [first, ...others] = wanted;
  if (first && others.length === 0) return first;
  const names = wanted.map((w) => `'${w.name}'`).join(', ') || 'none';
  throw new ModelError(
    'invalid-data',
    `a model of one input expected, it has ${names}. Describe the data with an array for each: {"kind": "arrays", "inputs": {…}}.`,
    { where },
  );
}
