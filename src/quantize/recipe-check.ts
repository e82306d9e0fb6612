import { nearestName } from '../ir/nearest-name.js';
import { builtins } from '../schema/tflite.gen.js';
import { weightAlgorithms } from './algorithms/index.js';
import { checkPattern } from './name-pattern.js';
import { optionError as fail } from './option-error.js';
import type { Recipe } from './recipe.js';

/** Checks one field; throws what it finds. */
type Check = (value: unknown, where: string) => void;

const schemeFields: Readonly<Record<string, Check>> = {
  weights: oneOf([...Object.keys(weightAlgorithms), 'none']),
  granularity: oneOf(['per-channel', 'per-tensor']),
  mode: oneOf(['hybrid', 'weight-only']),
  minElements: (value, where) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0)
      throw fail(where, `expected a whole number of elements, got ${show(value)}`);
  },
  asymmetricInputs: (value, where) => {
    if (typeof value !== 'boolean') throw fail(where, `expected true or false, got ${show(value)}`);
  },
};

const selectorFields: Readonly<Record<string, Check>> = {
  regex: (value, where) => checkPattern(text(value, where), where),
  name: text,
  op: (value, where) => {
    const name = text(value, where);
    if (Object.hasOwn(builtins, name)) return;
    const near = nearestName(name, Object.keys(builtins));
    throw fail(where, `expected an operator, got ${show(name)}`, near ? `Did you mean "${near}"?` : '');
  },
};

const recipeFields: Readonly<Record<string, Check>> = {
  version: (value, where) => {
    if (value !== 1)
      throw fail(where, `expected 1, got ${show(value)}`, 'Recipes of later versions need a later program.');
  },
  $schema: text,
  name: text,
  defaults: (value, where) => checkFields(value, where, schemeFields),
  rules: (value, where) => {
    if (!Array.isArray(value)) throw fail(where, `expected a list of rules, got ${show(value)}`);
    for (const [i, rule] of value.entries()) checkRule(rule, `${where}[${i}]`);
  },
};

/**
 * Checks that a value is a recipe: every field known and of its type.
 * @throws {ModelError} `invalid-option`, naming the place, what was expected, and what was probably meant.
 */
export function checkRecipe(value: unknown, where: string): Recipe {
  const fields = checkFields(value, where, recipeFields);
  for (const name of ['version', 'defaults'])
    if (fields[name] === undefined)
      throw fail(
        where,
        `expected the field "${name}"`,
        'The shortest recipe is {"version": 1, "defaults": {"weights": "i8"}}.',
      );
  return value as Recipe;
}

function checkRule(value: unknown, where: string): void {
  const fields = checkFields(value, where, { ...selectorFields, ...schemeFields });
  const has = (checks: Readonly<Record<string, Check>>) =>
    Object.keys(checks).some((name) => fields[name] !== undefined);
  if (!has(selectorFields))
    throw fail(where, 'expected a selector', `Give it one of ${list(Object.keys(selectorFields))}.`);
  if (!has(schemeFields))
    throw fail(where, 'expected something to change', `Give it one of ${list(Object.keys(schemeFields))}.`);
}

function checkFields(value: unknown, where: string, checks: Readonly<Record<string, Check>>): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fail(where, `expected an object, got ${show(value)}`);
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) {
      const near = nearestName(name, Object.keys(checks));
      throw fail(
        where,
        `unknown field ${show(name)}`,
        near ? `Did you mean "${near}"?` : `Known are ${list(Object.keys(checks))}.`,
      );
    }
    if (field !== undefined) check(field, `${where}: ${name}`);
  }
  return fields;
}

function oneOf(allowed: readonly string[]): Check {
  return (value, where) => {
    if (typeof value === 'string' && allowed.includes(value)) return;
    const near = typeof value === 'string' ? nearestName(value, allowed) : undefined;
    throw fail(where, `expected ${list(allowed)}, got ${show(value)}`, near ? `Did you mean "${near}"?` : '');
  };
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string' && value.length > 0) return value;
  throw fail(where, `expected a text, got ${show(value)}`);
}

const list = (words: readonly string[]): string =>
  words
    .map((w) => `"${w}"`)
    .join(', ')
    .replace(/, ([^,]*)$/, ' or $1');

function show(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
