import { definePass, type Pass } from './define.js';
import { applyRules, hasRootShape, parseRules, type Rule, reducesLastAxis } from './rules.js';

const sameAsX = hasRootShape('x');

/** `exp(x) / sum(exp(x))`. */
const softmax: Rule = {
  find: 'DIV(e=EXP(x), s=SUM(e, axes))',
  when: (found) => sameAsX(found) && reducesLastAxis(found.node('s')),
  replace: ({ value }) => ({ op: 'SOFTMAX', inputs: [value('x')], options: { beta: 1 } }),
};

/** Softmax does not change when each row moves by a number: the maximum was there for the range of `exp`. */
const withoutMaximum: Rule = {
  find: 'SOFTMAX(SUB(x, m=REDUCE_MAX(x, axes)))',
  when: (found) => sameAsX(found) && reducesLastAxis(found.node('m')),
  replace: ({ value, root }) => ({ op: 'SOFTMAX', inputs: [value('x')], options: root.producer?.options ?? {} }),
};

/** `s - log(sum(exp(s)))` with `s = x - max(x)`. */
const logSoftmax: Rule = {
  find: 'SUB(s=SUB(x, m=REDUCE_MAX(x, top)), LOG(t=SUM(EXP(s), axes)))',
  when: (found) => sameAsX(found) && reducesLastAxis(found.node('m')) && reducesLastAxis(found.node('t')),
  replace: ({ value }) => ({ op: 'LOG_SOFTMAX', inputs: [value('x')] }),
};

const rules = parseRules([softmax, withoutMaximum, logSoftmax]);

/**
 * Recognizes softmax over the last axis written out:
 *
 * 1. `exp(x) / sum(exp(x))` becomes SOFTMAX
 * 2. `softmax(x - max(x))` becomes `softmax(x)`
 * 3. `s - log(sum(exp(s)))` with `s = x - max(x)` becomes LOG_SOFTMAX
 */
export function recognizeSoftmax(): Pass {
  return definePass('recognize-softmax', (graph) => applyRules(graph, rules));
}
