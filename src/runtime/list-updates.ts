import type { Node, Value } from '../ir/graph.js';
import { isStatic } from '../ir/tensor.js';

/** One row of a list, replaced. */
export interface ListUpdate {
  readonly list: Value;
  readonly item: Value;
  /** Index of the row, `[1]`. */
  readonly index: Value;
  /** As many zeros as the list has further axes. */
  readonly zeros: Value;
}

const producerOf = (value: Value | undefined, op: string): Node | undefined =>
  value?.producer?.op === op ? value.producer : undefined;

const isAll = (value: Value | undefined, element: number): boolean =>
  value?.constant !== undefined && [...(value.constant.data() as Int32Array)].every((x) => x === element);

/** A vector of an index and constants behind it: `[index, ...rest]`. */
function indexAndRest(value: Value | undefined): readonly [Value, Value] | undefined {
  const [index, rest, ...others] = producerOf(value, 'CONCATENATION')?.inputs ?? [];
  return index && rest?.constant && others.length === 0 ? [index, rest] : undefined;
}

/** The scalar that a vector of one element was made of. */
const scalarOf = (value: Value): Value | undefined => producerOf(value, 'RESHAPE')?.inputs[0];

/**
 * What TensorFlow's converter makes of `list[i] = item`: the rows before i, the item and the rows behind i, joined. Both
 * slices have sizes that change from step to step; that of the whole never does. Undefined for any other node.
 */
export function listUpdate(node: Node): ListUpdate | undefined {
  if (node.op !== 'CONCATENATION' || node.options.axis !== 0 || node.inputs.length !== 3) return undefined;
  const [before, item, behind] = node.inputs;
  const [list, beforeStart, beforeSize] = producerOf(before, 'SLICE')?.inputs ?? [];
  const [sameList, behindStart, behindSize] = producerOf(behind, 'SLICE')?.inputs ?? [];
  const head = indexAndRest(beforeSize);
  const tail = indexAndRest(behindStart);
  if (!list || list !== sameList || !item || !head || !tail) return undefined;
  if (!isAll(beforeStart, 0) || !isAll(behindSize, -1) || !isAll(head[1], -1) || !isAll(tail[1], 0)) return undefined;
  const index = scalarOf(head[0]);
  const next = producerOf(scalarOf(tail[0]), 'ADD');
  const isNext = index && next?.inputs.includes(index) && next.inputs.some((v) => v !== index && isAll(v, 1));
  return isNext ? { list, item, index: head[0], zeros: tail[1] } : undefined;
}

/** True when the item is one whole row of the list. */
export const isRow = (item: Value, list: Value): boolean =>
  isStatic(list.shape) && isStatic(item.shape) && String(item.shape) === String([1, ...list.shape.slice(1)]);
