import type { Graph, Node, Value } from '../ir/graph.js';
import { isStatic, type Shape } from '../ir/tensor.js';
import { broadcastShapes } from '../ops/shapes.js';
import { operandRules } from '../schema/operand-types.gen.js';
import { definePass, type Pass } from './define.js';
import { integersOf, sameShape } from './match.js';
import { removeUnused } from './rules.js';

/** Operators that broadcast their two operands themselves, for shapes of up to some rank. */
const BROADCASTS: ReadonlySet<string> = new Set([
  'ADD', 'SUB', 'MUL', 'DIV', 'FLOOR_DIV', 'FLOOR_MOD', 'POW', 'MAXIMUM', 'MINIMUM', 'SQUARED_DIFFERENCE',
  'EQUAL', 'NOT_EQUAL', 'LESS', 'LESS_EQUAL', 'GREATER', 'GREATER_EQUAL', 'LOGICAL_AND', 'LOGICAL_OR',
]); // biome-ignore format: a table
const LARGEST_RANK = 6;

/**
 * Removes a TILE or BROADCAST_TO in front of a binary operator that broadcasts by itself: one that only repeats axes of
 * size 1, where the other operand brings the operator to the same result.
 */
export function removeBroadcasts(): Pass {
  return definePass('remove-broadcasts', (graph) => {
    let changes = 0;
    for (const node of graph.nodes())
      if (BROADCASTS.has(node.op)) for (const index of [0, 1]) if (bypass(graph, node, index)) changes++;
    return changes;
  });
}

function bypass(graph: Graph, node: Node, index: number): boolean {
  const value = node.inputs[index];
  const other = node.inputs[1 - index];
  const broadcast = value?.producer;
  const source = broadcast && repeatedSource(broadcast);
  if (!source || !other || source.quantization || source.constant) return false;
  const { shape } = node.output;
  if (!shape || shape.length > largestRank(node.op) || !sameShape(broadcastKnown(source.shape, other.shape), shape))
    return false;
  graph.setInput(node, index, source);
  removeUnused(graph, [broadcast]);
  return true;
}

const largestRank = (op: string): number => operandRules[op]?.broadcastRank ?? LARGEST_RANK;

/** What the node broadcasts, when it does nothing else. */
function repeatedSource(node: Node): Value | undefined {
  const [source, counts] = node.inputs;
  if (node.op === 'BROADCAST_TO') return source;
  if (node.op !== 'TILE' || !source?.shape) return undefined;
  const times = integersOf(counts);
  return times?.every((t, i) => t === 1 || source.shape?.[i] === 1) ? source : undefined;
}

/** The common shape of two operands that are known well enough to say; sizes that are unknown in both may differ. */
function broadcastKnown(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  return isStatic(a) && isStatic(b) ? broadcastShapes(a, b) : undefined;
}
