import { didYouMean } from '../ir/nearest-name.js';
import { builtins } from '../schema/tflite.gen.js';
import type { WeightKind } from './algorithms/index.js';
import { checkPattern } from './name-pattern.js';
import { optionError as fail } from './option-error.js';
import { presetNames, presets } from './presets.js';
import { checkRecipe } from './recipe-check.js';

/** What is done with the constants that a rule selects. */
export interface Scheme {
  /** Element type of the weights in the file; `none` leaves them in float32. */
  readonly weights: WeightKind | 'none';
  /** One scale for each output channel where the operator allows it, or one for each tensor. For integers only. */
  readonly granularity: 'per-channel' | 'per-tensor';
  /** `hybrid`: kernels that can take the integers directly do; `weight-only`: all are dequantized to float32. */
  readonly mode: 'hybrid' | 'weight-only';
  /** Smaller constants stay in float32. Counted in elements; 1024 for integers and 0 for float16 when absent. */
  readonly minElements?: number;
  /** Hybrid kernels that can choose quantize their inputs with a zero point. */
  readonly asymmetricInputs: boolean;
}

/** Which constants a rule is about: those for which every selector given matches. */
export interface Selector {
  /** Found in the name of the constant or of the node that reads it. */
  readonly regex?: string;
  /** The exact name of the constant or of the node that reads it. */
  readonly name?: string;
  /** Operator that reads the constant, such as `CONV_2D`. */
  readonly op?: string;
}

/** A selector and the fields of the scheme that it changes. */
export type Rule = Selector & Partial<Scheme>;

/**
 * Says which constants are stored how. For each constant and each node that reads it the rules apply in order on top of
 * the defaults: the last match wins, field by field. This is also the JSON form.
 */
export interface Recipe {
  readonly version: 1;
  /** Path of docs/recipe.schema.json, for editors. */
  readonly $schema?: string;
  /** For reports. */
  readonly name?: string;
  /** Fields not given are those of {@link standardScheme}. */
  readonly defaults: Partial<Scheme>;
  readonly rules?: readonly Rule[];
}

/** A scheme that leaves everything as it is, with the reference converter's choices for what a recipe does not say. */
export const standardScheme: Scheme = {
  weights: 'none',
  granularity: 'per-channel',
  mode: 'hybrid',
  asymmetricInputs: true,
};

/**
 * The recipe of that name (`none`, `dynamic`, `float16`, `weight-only`), or a recipe object, checked.
 * @throws {ModelError} `invalid-option`.
 */
export function resolveRecipe(recipe: string | Recipe): Recipe {
  if (typeof recipe !== 'string') return checkRecipe(recipe, 'recipe');
  const preset = presets.find(({ names }) => names.includes(recipe));
  if (preset) return preset.recipe;
  const remedy = /int8|i8|uint8/i.test(recipe)
    ? " Weights of 8 bits are 'dynamic'."
    : didYouMean(recipe, presetNames) || ' A recipe file ends in .json.';
  throw fail('quantize', `expected one of ${presetNames.join(', ')}, got '${recipe}'`, remedy.trim());
}

/**
 * A recipe from its JSON text. `where` names it in messages, usually the file's name.
 * @throws {ModelError} `invalid-option`, naming the place in the recipe.
 */
export function parseRecipe(text: string, where = 'recipe'): Recipe {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw fail(where, 'expected JSON', cause instanceof Error ? `${cause.message}.` : '');
  }
  return checkRecipe(value, where);
}

/** Changes on top of a recipe, as flags of a command give them. */
export interface RecipeOverrides {
  /** Everywhere: smaller constants stay in float32, in elements. */
  readonly minElements?: number;
  /** Everywhere. */
  readonly granularity?: Scheme['granularity'];
  /** Everywhere. */
  readonly mode?: Scheme['mode'];
  /** Everywhere. */
  readonly asymmetricInputs?: boolean;
  /** Stay in float32: the name of a constant or node, `/regular expression/`, or `OP_TYPE`. */
  readonly exclude?: readonly string[];
}

/**
 * A recipe with changes on top; they win over its own rules.
 * @throws {ModelError} `invalid-option`.
 */
export function recipeWith(recipe: Recipe, { exclude = [], ...fields }: RecipeOverrides): Recipe {
  const given = pick(fields, (name) => fields[name as keyof typeof fields] !== undefined);
  const rules: Rule[] = [
    ...(recipe.rules ?? []).map((rule) => ({ ...rule, ...pick(given, (name) => name in rule) })),
    ...exclude.map((pattern) => ({ ...selectorOf(pattern), weights: 'none' as const })),
  ];
  return checkRecipe({ ...recipe, defaults: { ...recipe.defaults, ...given }, rules }, 'recipe');
}

function pick<T extends object>(fields: T, wanted: (name: string) => boolean): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => wanted(name))) as Partial<T>;
}

/** `/text/` is a regular expression, the name of an operator selects its type, anything else is a name. */
function selectorOf(pattern: string): Selector {
  if (pattern.length > 2 && pattern.startsWith('/') && pattern.endsWith('/')) {
    const regex = pattern.slice(1, -1);
    checkPattern(regex, `exclude ${pattern}`);
    return { regex };
  }
  return Object.hasOwn(builtins, pattern) ? { op: pattern } : { name: pattern };
}
