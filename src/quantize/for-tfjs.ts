import { type Recipe, type Rule, recipeWith, type Scheme, standardScheme } from './recipe.js';

/**
 * A recipe as TensorFlow.js can store it: all weights are turned back into floats when the model is loaded. A tensor with
 * one scale becomes uint8 in place of int8, for the wider range of integers. The scales of channels stay: a multiplication
 * behind the layer applies them.
 */
export function recipeForTfjs(recipe: Recipe): Recipe {
  const whole = recipeWith(recipe, { mode: 'weight-only' });
  const fallback = whole.defaults.granularity ?? standardScheme.granularity;
  const unsigned = <T extends Partial<Scheme>>(scheme: T): T =>
    scheme.weights === 'i8' && (scheme.granularity ?? fallback) === 'per-tensor'
      ? { ...scheme, weights: 'u8' }
      : scheme;
  return { ...whole, defaults: unsigned(whole.defaults), rules: (whole.rules ?? []).map((r): Rule => unsigned(r)) };
}
