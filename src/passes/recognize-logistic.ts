import { definePass, type Pass } from './define.js';
import { applyRules, hasRootShape, parseRules, type Rule } from './rules.js';

const rules = parseRules(
  ['NEG(x)', 'MUL(x, -1)', 'SUB(0, x)'].map(
    (minus): Rule => ({
      find: `DIV(1, ADD(EXP(${minus}), 1))`,
      when: hasRootShape('x'),
      replace: ({ value }) => ({ op: 'LOGISTIC', inputs: [value('x')] }),
    }),
  ),
);

/** Replaces `1 / (1 + exp(-x))` by LOGISTIC. */
export function recognizeLogistic(): Pass {
  return definePass('recognize-logistic', (graph) => applyRules(graph, rules));
}
