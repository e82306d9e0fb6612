import { Constant } from '../ir/constant.js';
import { type Node, Value } from '../ir/graph.js';
import { findOp } from '../ops/registry.js';
import { definePass, type Pass } from './define.js';
import { floatsOf } from './match.js';

/** The largest finite float32. */
const LARGEST = 3.4028234663852886e38;
/** Constants with more elements are not searched. */
const SEARCHED = 1 << 22;
/** Operators that tell infinities from large numbers. */
const EXACT: ReadonlySet<string> = new Set(['EQUAL', 'NOT_EQUAL']);

/**
 * Replaces infinities in float constants (masks of attention, mostly) by the largest finite number of their sign: sums and
 * products with an infinity easily give NaN, and quantization needs a finite range. Weights, and the operands of EQUAL and
 * NOT_EQUAL, stay.
 */
export function canonicalizeInfinities(): Pass {
  return definePass('canonicalize-infinities', (graph) => {
    const finite = new Map<Value, Value>();
    const known = new Set<Value>();
    let changes = 0;
    for (const node of graph.nodes()) {
      if (EXACT.has(node.op)) continue;
      for (const [index, value] of node.inputs.entries()) {
        if (!value || isWeight(node, index) || known.has(value)) continue;
        const replacement = finite.get(value) ?? withoutInfinities(value);
        if (!replacement) known.add(value);
        else {
          finite.set(value, replacement);
          graph.setInput(node, index, replacement);
          changes++;
        }
      }
    }
    return changes;
  });
}

const isWeight = (node: Node, index: number): boolean => findOp(node.op)?.weights?.operands.includes(index) ?? false;

function withoutInfinities(value: Value): Value | undefined {
  if ((value.constant?.count ?? Infinity) > SEARCHED) return undefined;
  const numbers = floatsOf(value);
  if (!numbers || !value.shape || !numbers.some((n) => n === Infinity || n === -Infinity)) return undefined;
  const clamped = numbers.map((n) => Math.min(Math.max(n, -LARGEST), LARGEST));
  return Value.constant(value.name, Constant.f32(clamped, value.shape));
}
