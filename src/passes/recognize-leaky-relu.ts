import { definePass, type Pass } from './define.js';
import { scalarOf } from './match.js';
import { applyRules, type Found, hasRootShape, parseRules, type Rule } from './rules.js';

const sameAsX = hasRootShape('x');
const slope = ({ value }: Found): number => scalarOf(value('slope')) ?? Number.NaN;

const leakyRelu = (find: string, when: (slope: number) => boolean): Rule => ({
  find,
  when: (found) => sameAsX(found) && when(slope(found)),
  replace: (found) => ({ op: 'LEAKY_RELU', inputs: [found.value('x')], options: { alpha: slope(found) } }),
});

const rules = parseRules([
  leakyRelu('MAXIMUM(x, MUL(x, slope))', (a) => a < 1),
  ...['SELECT', 'SELECT_V2'].flatMap((select) =>
    ['GREATER_EQUAL', 'GREATER'].map((compare) =>
      leakyRelu(`${select}(${compare}(x, 0), x, MUL(x, slope))`, Number.isFinite),
    ),
  ),
]);

/**
 * Recognizes LEAKY_RELU with one slope `a` for all channels:
 *
 * 1. `max(x, a x)` where `a < 1`
 * 2. `x >= 0 ? x : a x`, and the same with `>` (both give 0 for 0)
 */
export function recognizeLeakyRelu(): Pass {
  return definePass('recognize-leaky-relu', (graph) => applyRules(graph, rules));
}
