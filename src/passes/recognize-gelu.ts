import { definePass, type Pass } from './define.js';
import { applyRules, hasRootShape, parseRules, type Rule } from './rules.js';

/** `x / sqrt(2)` and `-x / sqrt(2)`. */
const SCALED = ['MUL(x, 0.70710677)', 'DIV(x, 1.4142135)'];
const NEGATED = [
  'MUL(x, -0.70710677)',
  'MUL(NEG(x), 0.70710677)',
  'NEG(MUL(x, 0.70710677))',
  'DIV(NEG(x), 1.4142135)',
  'DIV(x, -1.4142135)',
];

/** `1 + erf(x / sqrt(2))`. */
const EXACT = [
  ...SCALED.map((u) => `ADD(Erf(${u}), 1)`),
  ...NEGATED.flatMap((u) => [`Erfc(${u})`, `SUB(1, Erf(${u}))`]),
];

/** `0.044715 x^3`. */
const CUBIC = [
  'MUL(POW(x, 3), 0.044715)',
  ...['MUL(x, x)', 'SQUARE(x)', 'POW(x, 2)'].flatMap((square) => [
    `MUL(MUL(x, ${square}), 0.044715)`,
    `MUL(x, MUL(${square}, 0.044715))`,
    `MUL(MUL(x, 0.044715), ${square})`,
  ]),
  'MUL(MUL(MUL(x, 0.044715), x), x)',
];

/** `1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))`. */
const APPROXIMATE = [
  ...CUBIC.map((cubic) => `MUL(ADD(x, ${cubic}), 0.7978846)`),
  ...['MUL(x, x)', 'SQUARE(x)', 'POW(x, 2)'].flatMap((square) => [
    `MUL(MUL(x, 0.7978846), ADD(MUL(${square}, 0.044715), 1))`,
    `MUL(x, MUL(ADD(MUL(${square}, 0.044715), 1), 0.7978846))`,
    `MUL(x, ADD(MUL(${square}, 0.035677407), 0.7978846))`,
  ]),
].map((inner) => `ADD(TANH(${inner}), 1)`);

/** `0.5 * x * gate`. */
const arrangements = (gate: string): string[] => [
  `MUL(MUL(x, 0.5), ${gate})`,
  `MUL(MUL(x, ${gate}), 0.5)`,
  `MUL(x, MUL(${gate}, 0.5))`,
  `DIV(MUL(x, ${gate}), 2)`,
];

const gelu = (gates: readonly string[], approximate: boolean): Rule[] =>
  gates.flatMap(arrangements).map((find) => ({
    find,
    when: hasRootShape('x'),
    replace: ({ value }) => ({ op: 'GELU', inputs: [value('x')], options: { approximate } }),
  }));

const rules = parseRules([...gelu(EXACT, false), ...gelu(APPROXIMATE, true)]);

/**
 * Replaces the Gaussian error linear unit by GELU:
 *
 * 1. `0.5 x (1 + erf(x / sqrt(2)))`, also through `erfc(-x / sqrt(2))`
 * 2. `0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`, with the option `approximate`
 *
 * The error function has no builtin operator; lowering leaves it as a `CUSTOM` node `Erf` for this pass, and
 * `expand-erf` writes out what remains.
 */
export function recognizeGelu(): Pass {
  return definePass('recognize-gelu', (graph) => applyRules(graph, rules));
}
