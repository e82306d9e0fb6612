import { definePass, type Pass } from './define.js';
import { applyRules, hasRootShape, parseRules, type Rule } from './rules.js';

const rules = parseRules(
  ['SELECT', 'SELECT_V2'].flatMap((select) =>
    ['GREATER', 'GREATER_EQUAL'].flatMap((compare) =>
      ['SUB(EXP(x), 1)', 'ADD(EXP(x), -1)'].map(
        (below): Rule => ({
          find: `${select}(${compare}(x, 0), x, ${below})`,
          when: hasRootShape('x'),
          replace: ({ value }) => ({ op: 'ELU', inputs: [value('x')] }),
        }),
      ),
    ),
  ),
);

/** Replaces `x > 0 ? x : exp(x) - 1` by ELU. */
export function recognizeElu(): Pass {
  return definePass('recognize-elu', (graph) => applyRules(graph, rules));
}
