import type { Graph, Value } from '../../../ir/graph.js';
import { isCounter } from './loop-steps.js';
import type { Loop } from './loops.js';

/** A loop without the variables that neither its condition nor a reader needs, now that both graphs are made. */
export function trimLoop(loop: Loop, isRead: (output: number) => boolean): Loop {
  const { condition, body, begin, outputs } = loop;
  const kept = new Set<number>();
  const add = (value: Value) => {
    const at = body.inputs.indexOf(value);
    if (at >= 0) kept.add(at);
  };
  for (const [i, value] of condition.inputs.entries())
    if (value.uses.length > 0 || condition.outputs.includes(value)) kept.add(i);
  for (const [i, output] of outputs.entries()) if (isRead(output) && body.outputs[i] !== body.inputs[i]) kept.add(i);
  for (const node of body.nodes()) if (node.outputs.length === 0) for (const v of node.inputs) if (v) add(v);
  for (const i of kept) for (const value of inputsOf(body.outputs[i] as Value)) add(value);
  const pick = <T>(list: readonly T[]): T[] => list.filter((_, i) => kept.has(i));
  for (const graph of [condition, body]) graph.inputs.splice(0, graph.inputs.length, ...pick(graph.inputs));
  body.outputs.splice(0, body.outputs.length, ...pick(body.outputs));
  removeUnread(body);
  return { condition, body, begin: pick(begin), outputs: pick(outputs) };
}

/**
 * A loop in which variables that count the same rounds are one. `same` tells, for the output of each that is gone, the
 * output that has its value.
 */
export function mergeCounters(loop: Loop): { readonly loop: Loop; readonly same: ReadonlyMap<number, number> } {
  const { condition, body, begin, outputs } = loop;
  const [first, ...others] = body.inputs.flatMap((_, i) => (isCounter(loop, i) ? [i] : []));
  const same = new Map<number, number>();
  for (const i of others) {
    same.set(outputs[i] as number, outputs[first as number] as number);
    for (const graph of [condition, body])
      graph.replaceUses(graph.inputs[i] as Value, graph.inputs[first as number] as Value);
  }
  const pick = <T>(list: readonly T[]): T[] => list.filter((_, i) => !others.includes(i));
  for (const graph of [condition, body]) graph.inputs.splice(0, graph.inputs.length, ...pick(graph.inputs));
  body.outputs.splice(0, body.outputs.length, ...pick(body.outputs));
  removeUnread(body);
  return { loop: { condition, body, begin: pick(begin), outputs: pick(outputs) }, same };
}

/** Values without a producer that a value depends on. */
function inputsOf(value: Value): Value[] {
  const seen = new Set([value]);
  for (const v of seen) for (const input of v.producer?.inputs ?? []) if (input) seen.add(input);
  return [...seen].filter((v) => !v.producer);
}

function removeUnread(graph: Graph): void {
  for (const node of [...graph.nodes()].reverse())
    if (node.outputs.length > 0 && node.outputs.every((v) => v.uses.length === 0 && !graph.isOutput(v)))
      graph.remove(node);
}
