import { operandRules } from '../schema/operand-types.gen.js';
import { definePass, type Pass } from './define.js';
import { sameShape } from './match.js';
import { applyRules, type Found, parseRules } from './rules.js';

/** The operator takes operands of different shapes up to a rank. */
function fits({ value }: Found): boolean {
  const [x, y] = [value('x').shape, value('y').shape];
  const rank = Math.max(x?.length ?? Infinity, y?.length ?? Infinity);
  return sameShape(x, y) || rank <= (operandRules.SQUARED_DIFFERENCE?.broadcastRank ?? 0);
}

const rules = parseRules([
  {
    find: 'SQUARE(SUB(x, y))',
    when: fits,
    replace: ({ value }) => ({ op: 'SQUARED_DIFFERENCE', inputs: [value('x'), value('y')] }),
  },
]);

/** Replaces SQUARE of a SUB by SQUARED_DIFFERENCE. */
export function recognizeSquaredDifference(): Pass {
  return definePass('recognize-squared-difference', (graph) => applyRules(graph, rules));
}
