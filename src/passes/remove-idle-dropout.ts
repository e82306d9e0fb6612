import type { Graph, Node, Value } from '../ir/graph.js';
import { definePass, type Pass } from './define.js';
import { sameShape, scalarOf } from './match.js';
import { findMatch, type Match, pattern } from './pattern.js';
import { replaceOrCopy } from './shape-operand.js';

/** Random numbers are at least 0 and less than 1. */
const keepsAll = (limit: number | undefined): boolean => limit !== undefined && limit <= 0;
const isOne = (keep: number | undefined): boolean => keep === 1;

/** A dropout, and which numbers in `c` make it keep everything. */
const FORMS = [
  ...['SELECT', 'SELECT_V2'].map((op) => ({
    find: `${op}(GREATER_EQUAL(RANDOM_UNIFORM(s), c), x, 0)`,
    idle: keepsAll,
  })),
  { find: 'MUL(x, CAST(GREATER_EQUAL(RANDOM_UNIFORM(s), c)))', idle: keepsAll },
  { find: 'MUL(x, FLOOR(ADD(RANDOM_UNIFORM(s), c)))', idle: isOne },
].map(({ find, idle }) => ({ find: pattern(find), idle }));

/**
 * Removes a dropout that keeps everything, whose rate is a constant 0: TensorFlow 1 leaves it in graphs whose rate is a
 * placeholder with a default.
 *
 * 1. `random >= 0 ? x : 0`
 * 2. `x * (random >= 0)`
 * 3. `x * floor(random + 1)`
 */
export function removeIdleDropout(): Pass {
  return definePass('remove-idle-dropout', (graph) => {
    let changes = 0;
    for (const node of graph.nodes()) if (removeDropout(graph, node)) changes++;
    return changes;
  });
}

function removeDropout(graph: Graph, node: Node): boolean {
  const [output] = node.outputs;
  if (!output || !/^(SELECT(_V2)?|MUL)$/.test(node.op)) return false;
  const match = idleMatch(graph, output);
  const x = match?.values.get('x');
  if (!match || !x || !sameShape(x.shape, output.shape) || !replaceOrCopy(graph, node, x)) return false;
  // Drawing counts as an effect, so that nothing else removes these.
  for (const inner of match.nodes) if (inner.alive) graph.remove(inner);
  return true;
}

function idleMatch(graph: Graph, output: Value): Match | undefined {
  for (const { find, idle } of FORMS) {
    const match = findMatch(graph, output, find);
    if (match && idle(scalarOf(match.values.get('c')))) return match;
  }
  return undefined;
}
