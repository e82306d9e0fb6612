import { namePattern } from './name-pattern.js';
import { type Recipe, type Rule, type Scheme, standardScheme } from './recipe.js';

/** One constant as one node reads it. `node` and `op` are absent where a constant leaves its graph unread. */
export interface Subject {
  readonly constant: string;
  readonly node: string;
  readonly op: string;
}

/** A scheme, and the recipe entry that set its `weights` or was the last to change it. */
export interface ChosenScheme extends Scheme {
  /** `defaults`, or the rule as text: `rule 2 {"op":"GATHER"}`. */
  readonly entry: string;
}

/** Finds schemes by a recipe, and remembers which of its rules were of any use. */
export interface RuleMatcher {
  schemeFor(subject: Subject): ChosenScheme;
  /** The rules that matched nothing so far, as text. */
  unused(): string[];
}

/** Compiles the rules of a checked recipe. */
export function ruleMatcher(recipe: Recipe): RuleMatcher {
  const rules = (recipe.rules ?? []).map(({ regex, name, op, ...changes }, i) => ({
    matches: selects({ regex, name, op } as Rule),
    entry: `rule ${i + 1} ${JSON.stringify({ regex, name, op })}`,
    changes,
    used: false,
  }));
  return {
    schemeFor(subject) {
      let chosen: ChosenScheme = { ...standardScheme, ...recipe.defaults, entry: 'defaults' };
      for (const rule of rules) {
        if (!rule.matches(subject)) continue;
        rule.used = true;
        chosen = { ...chosen, ...rule.changes, entry: rule.entry };
      }
      return chosen;
    },
    unused: () => rules.filter((rule) => !rule.used).map((rule) => rule.entry),
  };
}

function selects({ regex, name, op }: Rule): (subject: Subject) => boolean {
  const found = regex === undefined ? undefined : namePattern(regex);
  return (subject) => {
    const names = [subject.constant, subject.node];
    if (found && !names.some(found)) return false;
    if (name !== undefined && !names.includes(name)) return false;
    return op === undefined || op === subject.op;
  };
}
