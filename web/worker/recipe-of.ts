import { type Recipe, type Rule, resolveRecipe } from '../../src/quantize/recipe.js';
import type { Choice, Storage } from '../protocol.js';

const WEIGHTS: Readonly<Record<Storage, NonNullable<Rule['weights']>>> = {
  float32: 'none',
  float16: 'f16',
  int8: 'i8',
};

/** The recipe of a choice; one without exceptions is the technique's own, so that both give the same bytes. */
export function recipeOf({ technique, storage }: Choice): Recipe {
  const recipe = resolveRecipe(technique);
  const rules = Object.entries(storage).map(
    ([name, kind]): Rule => ({ name, weights: WEIGHTS[kind], ...(kind === 'int8' && { minElements: 0 }) }),
  );
  return rules.length === 0 ? recipe : { ...recipe, name: `${technique} with exceptions`, rules };
}
