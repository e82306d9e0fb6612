import { ModelError } from '../errors.js';
import { didYouMean } from '../ir/nearest-name.js';
import type { Shape } from '../ir/tensor.js';
import { accepts, type Wanted } from './fit-tensor.js';

/**
 * Inputs with the sizes that are given for them, by name: for those that a model leaves open.
 * @throws {ModelError} `invalid-option` for a name that no input has, and for sizes that do not fit.
 */
export function withGivenShapes<W extends Wanted>(
  inputs: readonly W[],
  shapes: Readonly<Record<string, Shape>> = {},
): readonly W[] {
  const names = inputs.map((i) => i.name);
  for (const [name, given] of Object.entries(shapes)) {
    const wanted = inputs.find((i) => i.name === name);
    const fail = (text: string) => new ModelError('invalid-option', text, { where: `shape of '${name}'` });
    if (!wanted)
      throw fail(`a name of an input expected. Inputs: ${names.join(', ') || 'none'}.${didYouMean(name, names)}`);
    if (!accepts(wanted, given))
      throw fail(`[${wanted.shape.map((d) => (d < 0 ? '?' : d))}] expected, got [${given}].`);
  }
  return inputs.map((input) => {
    const shape = shapes[input.name];
    return shape ? { ...input, shape, isUnranked: false } : input;
  });
}
