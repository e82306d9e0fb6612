import { definePass, type Pass } from './define.js';
import { scalarOf } from './match.js';
import { applyRules, type Found, hasRootShape, parseRules, type Rule, reducesLastAxis } from './rules.js';

/** A guard against division by zero of this size or more would be part of the meaning. */
const LARGEST_GUARD = 1e-3;
const sameAsX = hasRootShape('x');

function hasSmallGuard({ value }: Found): boolean {
  const guard = scalarOf(value('guard'));
  return guard !== undefined && guard >= 0 && guard < LARGEST_GUARD;
}

const sums = ['MUL(x, x)', 'SQUARE(x)'].map((square) => `s=SUM(${square}, axes)`);
const guarded = sums.flatMap((sum) => [`MAXIMUM(${sum}, guard)`, `ADD(${sum}, guard)`]);

const normalization = (sum: string, when: (found: Found) => boolean): Rule[] =>
  [`MUL(x, RSQRT(${sum}))`, `DIV(x, SQRT(${sum}))`].map((find) => ({
    find,
    when: (found) => sameAsX(found) && reducesLastAxis(found.node('s')) && when(found),
    replace: ({ value }) => ({ op: 'L2_NORMALIZATION', inputs: [value('x')] }),
  }));

const rules = parseRules([
  ...sums.flatMap((sum) => normalization(sum, () => true)),
  ...guarded.flatMap((sum) => normalization(sum, hasSmallGuard)),
]);

/**
 * Replaces `x / sqrt(sum(x^2))` over the last axis by L2_NORMALIZATION, also with the reciprocal root, and with a guard
 * below 0.001 that is added to the sum or bounds it from below (the operator has its own).
 */
export function recognizeL2Normalization(): Pass {
  return definePass('recognize-l2-normalization', (graph) => applyRules(graph, rules));
}
