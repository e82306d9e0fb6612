import { definePass, type Pass } from './define.js';
import { applyRules, hasRootShape, parseRules, type Rule } from './rules.js';

const GATE = 'RELU6(ADD(x, 3))';

/** The six ways in which `x * relu6(x + 3) / 6` is written. */
const rules = parseRules(
  [
    `MUL(MUL(x, ${GATE}), 0.16666667)`,
    `MUL(x, MUL(${GATE}, 0.16666667))`,
    `MUL(MUL(x, 0.16666667), ${GATE})`,
    `DIV(MUL(x, ${GATE}), 6)`,
    `MUL(x, DIV(${GATE}, 6))`,
    `MUL(DIV(x, 6), ${GATE})`,
  ].map(
    (find): Rule => ({
      find,
      when: hasRootShape('x'),
      replace: ({ value }) => ({ op: 'HARD_SWISH', inputs: [value('x')] }),
    }),
  ),
);

/** Replaces `x * relu6(x + 3) / 6`, in any arrangement, by HARD_SWISH. */
export function recognizeHardSwish(): Pass {
  return definePass('recognize-hard-swish', (graph) => applyRules(graph, rules));
}
