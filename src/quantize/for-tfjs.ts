import { type Recipe, type Rule, recipeWith, type Scheme } from './recipe.js';

/**
 * A recipe as TensorFlow.js can store it: all weights are turned back into floats when the model is loaded, and a tensor
 * has one scale, with uint8 in place of int8. With `perChannel`, convolutions and dense layers keep a scale for each
 * channel, which then costs a multiplication behind the layer.
 */
export function recipeForTfjs(recipe: Recipe, perChannel = false): Recipe {
  const granularity = perChannel ? ('per-channel' as const) : ('per-tensor' as const);
  const whole = recipeWith(recipe, { granularity, mode: 'weight-only' });
  if (perChannel) return whole;
  return {
    ...whole,
    defaults: unsigned(whole.defaults),
    rules: (whole.rules ?? []).map((rule): Rule => unsigned(rule)),
  };
}

const unsigned = <T extends Partial<Scheme>>(scheme: T): T =>
  scheme.weights === 'i8' ? { ...scheme, weights: 'u8' } : scheme;
