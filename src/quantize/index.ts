export type { WeightKind } from './algorithms/index.js';
export { constantsOf, type Plan, type PlannedConstant, type PlannedGroup, planModel, type ReasonCode } from './plan.js';
export { presetNames } from './presets.js';
export { type QuantizeOptions, quantizeModel } from './quantize-model.js';
export {
  parseRecipe,
  type Recipe,
  type RecipeOverrides,
  type Rule,
  recipeWith,
  resolveRecipe,
  type Scheme,
  type Selector,
} from './recipe.js';
export type { Consumer, Decision, QuantizationReport } from './report.js';
