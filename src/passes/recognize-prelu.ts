import { Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { floatsOf } from './match.js';
import { applyRules, type Found, hasRootShape, parseRules, type Rule } from './rules.js';
import { mapFloats } from './weights.js';

const sameAsX = hasRootShape('x');

/** The kernel takes one slope for each element of a sample, broadcast within it. */
function hasSampleRank({ value }: Found): boolean {
  const slopes = floatsOf(value('slopes'));
  return slopes !== undefined && value('slopes').shape?.length === (value('x').shape?.length ?? 0) - 1;
}

/** The option says whether the expression subtracts, so that its constant is the slope itself. */
const prelu = (find: string, subtracts: boolean): Rule => ({
  find,
  when: (found) => sameAsX(found) && hasSampleRank(found),
  replace: ({ value }) => ({
    op: 'PRELU',
    inputs: [value('x'), subtracts ? value('slopes') : negated(value('slopes'))],
  }),
});

const negated = (value: Value): Value =>
  Value.constant(
    value.name,
    mapFloats(value, (x) => -x),
  );

const rules = parseRules([
  prelu('ADD(RELU(x), MUL(RELU(NEG(x)), slopes))', false),
  prelu('SUB(RELU(x), MUL(RELU(NEG(x)), slopes))', true),
]);

/** Replaces `relu(x) - slopes * relu(-x)`, where the slopes are constants of one rank less than `x`, by PRELU. */
export function recognizePrelu(): Pass {
  return definePass('recognize-prelu', (graph) => applyRules(graph, rules));
}
