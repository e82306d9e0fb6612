import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ruleMatcher } from './match-rules.js';
import { parseRecipe, type Recipe, recipeWith, resolveRecipe } from './recipe.js';

const message = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};
const parse = (recipe: unknown) => message(() => parseRecipe(JSON.stringify(recipe), 'my.json'));
const rule = (fields: unknown) => parse({ version: 1, defaults: {}, rules: [fields] });
const conv = { constant: 'block1/conv/w', node: 'block1/conv', op: 'CONV_2D' };
const schemeOf = (recipe: Recipe, subject = conv) => ruleMatcher(recipe).schemeFor(subject);

describe('resolveRecipe', () => {
  it('knows techniques by short and long names', () => {
    expect(resolveRecipe('dynamic')).toEqual({
      version: 1,
      name: 'dynamic',
      defaults: { weights: 'i8', mode: 'hybrid' },
    });
    expect(resolveRecipe('dynamic_wi8_afp32')).toBe(resolveRecipe('dynamic'));
    expect(resolveRecipe('weight_only_wi8_afp32')).toBe(resolveRecipe('weight-only'));
    expect(resolveRecipe('float16').defaults.weights).toBe('f16');
    expect(resolveRecipe('none').defaults.weights).toBe('none');
  });

  it('says which names there are', () => {
    expect(message(() => resolveRecipe('int8'))).toBe(
      "quantize: expected one of none, dynamic, weight-only, float16, got 'int8'. Weights of 8 bits are 'dynamic'.",
    );
  });

  it('checks recipe objects', () => {
    expect(message(() => resolveRecipe({ version: 1, defaults: { weights: 'i9' } } as unknown as Recipe))).toContain(
      'recipe: defaults: weights: expected "i8", "u8", "f16" or "none", got "i9". Did you mean "i8"?',
    );
  });
});

describe('parseRecipe', () => {
  it('takes a recipe with rules', () => {
    const recipe = {
      version: 1,
      name: 'mine',
      defaults: { weights: 'i8' },
      rules: [{ op: 'GATHER', weights: 'none' }],
    };
    expect(parseRecipe(JSON.stringify(recipe))).toEqual(recipe);
  });

  it('names the place, the expectation and what was probably meant', () => {
    expect(message(() => parseRecipe('{', 'my.json'))).toMatch(/^my\.json: expected JSON\. .+\.$/);
    expect(parse([])).toBe('my.json: expected an object, got [].');
    expect(parse({ version: 2, defaults: {} })).toBe(
      'my.json: version: expected 1, got 2. Recipes of later versions need a later program.',
    );
    expect(parse({ version: 1 })).toContain('my.json: expected the field "defaults".');
    expect(parse({ version: 1, default: {} })).toBe('my.json: unknown field "default". Did you mean "defaults"?');
    expect(rule({ op: 'CONV2D', weights: 'none' })).toBe(
      'my.json: rules[0]: op: expected an operator, got "CONV2D". Did you mean "CONV_2D"?',
    );
    expect(rule({ regx: 'a', weights: 'none' })).toBe('my.json: rules[0]: unknown field "regx". Did you mean "regex"?');
    expect(rule({ weights: 'none' })).toContain(
      'rules[0]: expected a selector. Give it one of "regex", "name" or "op".',
    );
    expect(rule({ name: 'a' })).toContain('rules[0]: expected something to change.');
    expect(rule({ name: 'a', minElements: -1 })).toContain('minElements: expected a whole number of elements, got -1.');
    expect(rule({ name: 'a', asymmetricInputs: 1 })).toContain('asymmetricInputs: expected true or false, got 1.');
    expect(parse({ version: 1, defaults: {}, rules: {} })).toContain('rules: expected a list of rules, got {}.');
  });

  it('does not take inherited names for fields', () => {
    expect(message(() => parseRecipe('{"version": 1, "defaults": {}, "__proto__": {}}'))).toContain('unknown field');
    expect(rule({ op: 'constructor', weights: 'none' })).toContain('expected an operator');
  });
});

describe('ruleMatcher', () => {
  it('lets the last match win, field by field', () => {
    const scheme = schemeOf({
      version: 1,
      defaults: { weights: 'i8', minElements: 5 },
      rules: [
        { regex: '^block1/', weights: 'f16', granularity: 'per-tensor' },
        { op: 'CONV_2D', weights: 'none' },
        { op: 'GATHER', weights: 'i8' },
      ],
    });
    expect(scheme).toMatchObject({ weights: 'none', granularity: 'per-tensor', minElements: 5 });
    expect(scheme.entry).toBe('rule 2 {"op":"CONV_2D"}');
  });

  it('matches names of constants and of nodes, exactly or by a pattern', () => {
    const matches = (selector: object) =>
      schemeOf({ version: 1, defaults: {}, rules: [{ ...selector, weights: 'i8' }] }).weights === 'i8';
    expect(matches({ name: 'block1/conv/w' })).toBe(true);
    expect(matches({ name: 'block1/conv' })).toBe(true);
    expect(matches({ name: 'block1' })).toBe(false);
    expect(matches({ regex: 'conv$' })).toBe(true);
    expect(matches({ regex: '^conv' })).toBe(false);
    expect(matches({ regex: 'conv', op: 'GATHER' })).toBe(false);
    expect(matches({ regex: 'conv', op: 'CONV_2D' })).toBe(true);
  });

  it('knows the rules that matched nothing', () => {
    const matcher = ruleMatcher({
      version: 1,
      defaults: {},
      rules: [
        { name: 'x', weights: 'i8' },
        { op: 'CONV_2D', weights: 'i8' },
      ],
    });
    matcher.schemeFor(conv);
    expect(matcher.unused()).toEqual(['rule 1 {"name":"x"}']);
  });
});

describe('recipeWith', () => {
  const mine: Recipe = {
    version: 1,
    defaults: { weights: 'i8' },
    rules: [{ op: 'CONV_2D', minElements: 10, granularity: 'per-channel' }],
  };

  it('wins over defaults and rules', () => {
    const scheme = schemeOf(recipeWith(mine, { minElements: 0, granularity: 'per-tensor' }));
    expect(scheme).toMatchObject({ weights: 'i8', minElements: 0, granularity: 'per-tensor' });
  });

  it('changes nothing without changes', () => expect(recipeWith(mine, {})).toEqual(mine));

  it('excludes names, patterns and operators', () => {
    const { rules } = recipeWith(resolveRecipe('dynamic'), { exclude: ['a/b', '/a.*/', 'CONV_2D', 'CONV'] });
    expect(rules).toEqual([
      { name: 'a/b', weights: 'none' },
      { regex: 'a.*', weights: 'none' },
      { op: 'CONV_2D', weights: 'none' },
      { name: 'CONV', weights: 'none' },
    ]);
  });

  it('names the pattern that is no regular expression', () => {
    expect(message(() => recipeWith(mine, { exclude: ['/(/'] }))).toMatch(
      /^exclude \/\(\/: expected a regular expression/,
    );
  });
});

describe('the schema for editors', () => {
  const { properties, $defs } = JSON.parse(
    readFileSync(new URL('../../docs/recipe.schema.json', import.meta.url), 'utf8'),
  );
  /** The fields that an error lists, or the one that is right for a name. */
  const isField = (text: string) => !text.includes('unknown field');

  it('has the fields that a recipe has', () => {
    for (const name of Object.keys(properties)) expect(isField(parse({ [name]: 0 })), name).toBe(true);
    for (const name of Object.keys($defs.rule.properties)) expect(isField(rule({ [name]: 0 })), name).toBe(true);
    for (const name of Object.keys($defs.scheme.properties))
      expect(isField(parse({ defaults: { [name]: 0 } })), name).toBe(true);
    expect(parse({ x1: 0 })).toContain(Object.keys(properties).map((name) => `"${name}"`).slice(0, -1).join(', ')); // biome-ignore format: one line
    expect(Object.keys($defs.rule.properties)).toEqual([
      'regex',
      'name',
      'op',
      ...Object.keys($defs.scheme.properties),
    ]);
  });

  it('has the values that a recipe has', () => {
    const { weights, granularity, mode } = $defs.scheme.properties;
    for (const [field, { enum: values }] of Object.entries({ weights, granularity, mode })) {
      for (const value of values) expect(parse({ version: 1, defaults: { [field]: value } })).toBe('no error');
      expect(parse({ version: 1, defaults: { [field]: '' } })).toContain(values.slice(0, -1).map((v: string) => `"${v}"`).join(', ')); // biome-ignore format: one line
    }
  });
});
