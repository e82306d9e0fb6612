export { recipeForTfjs } from './for-tfjs.js';
export { presetNames } from './presets.js';
export { type QuantizedConstants, quantizeModel } from './quantize-model.js';
export {
  parseRecipe,
  type Recipe,
  type RecipeOverrides,
  type Rule,
  recipeWith,
  resolveRecipe,
  type Scheme,
} from './recipe.js';
export type { Decision } from './report.js';
