import type { Node, Value } from '../../../ir/graph.js';
import { type Axis, axisOfSize, originOf } from './dimensions.js';
import type { Loop } from './loops.js';

/** How a loop walks over a list, one element a round. Numbers are positions of loop variables. */
export interface Steps {
  /** Variables that count the rounds from 0. */
  readonly counters: readonly number[];
  /** Variables that no round changes, the list among them. */
  readonly fixed: readonly number[];
  /** The list that is read. */
  readonly list: number;
  /** Its axis along which it is read: 0, or 1 for a tensor `[N, T, I]`. */
  readonly axis: number;
  /** The element of this round, in the body. */
  readonly input: Value;
  /** Lists that are written: with an element each round, or with one that the next round overwrites. */
  readonly written: ReadonlyMap<number, 'all' | 'last'>;
  /** What is written to each of them. */
  readonly items: ReadonlyMap<number, Value>;
}

/** The walk of a loop over a whole list; undefined when it is not that. */
export function stepsOf(loop: Loop): Steps | undefined {
  const { body, begin } = loop;
  const counters = body.inputs.flatMap((_, i) => (isCounter(loop, i) ? [i] : []));
  const fixed = body.inputs.flatMap((value, i) => (body.outputs[i] === value ? [i] : []));
  const counterValues = counters.map((i) => body.inputs[i] as Value);
  const reads = [...body.nodes()].filter(
    (n) =>
      n.op === 'GATHER' &&
      /^[01]$/.test(`${n.options.axis}`) &&
      !n.options.batchDims &&
      counterValues.includes(n.inputs[1] as Value),
  );
  const [read] = reads;
  const list = read ? body.inputs.indexOf(read.inputs[0] as Value) : -1;
  if (!read || reads.length !== 1 || !fixed.includes(list)) return undefined;
  const axis = Number(read.options.axis);
  const length = body.inputs[list]?.shape?.[axis] ?? -1;
  if (!endsAfter(loop, counters, length, { value: begin[list] as Value, axis })) return undefined;
  const written = new Map<number, 'all' | 'last'>();
  const items = new Map<number, Value>();
  for (const [i, value] of body.inputs.entries()) {
    const update = body.outputs[i]?.producer;
    if (update?.op !== 'DYNAMIC_UPDATE_SLICE' || update.inputs[0] !== value || value.uses.length !== 1) continue;
    const item = update.inputs[1]?.producer?.inputs[0];
    const kind = writeOf(update, counterValues, value.shape?.[0] ?? -1, length);
    if (!item || !kind) return undefined;
    written.set(i, kind);
    items.set(i, item);
  }
  return { counters, fixed, list, axis, input: read.output, written, items };
}

/** Whether a variable is 0 at first and one more after each round. */
export function isCounter({ body, begin }: Loop, i: number): boolean {
  const [value, next] = [body.inputs[i] as Value, body.outputs[i] as Value];
  if (value.dtype !== 'i32' || begin[i]?.constant?.count !== 1 || begin[i]?.constant?.numbers()[0] !== 0) return false;
  const [a, b] = next.producer?.op === 'ADD' ? next.producer.inputs : [];
  const other = a === value ? b : b === value ? a : undefined;
  return other?.constant?.count === 1 && other.constant.numbers()[0] === 1;
}

/** Where a list is written: at the round's number, or always in the only place. */
function writeOf(update: Node, counters: readonly Value[], size: number, length: number): 'all' | 'last' | undefined {
  const start = update.inputs[2];
  if (start?.constant) return size === 1 && start.constant.numbers().every((n) => n === 0) ? 'last' : undefined;
  const [index, zeros] = start?.producer?.op === 'CONCATENATION' ? start.producer.inputs : [];
  const scalar = index?.producer?.op === 'RESHAPE' ? index.producer.inputs[0] : undefined;
  const isAtCounter = scalar !== undefined && counters.includes(scalar) && zeros?.constant !== undefined;
  return isAtCounter && size === length ? 'all' : undefined;
}

/** Whether the condition is that counters are below the length of the list. */
function endsAfter(loop: Loop, counters: readonly number[], length: number, list: Axis): boolean {
  const isBelow = (value: Value | undefined): boolean => {
    const node = value?.producer;
    const [a, b] = node?.inputs ?? [];
    if (node?.op === 'LOGICAL_AND') return isBelow(a) && isBelow(b);
    if (node?.op !== 'LESS' || !a || !b || !counters.includes(loop.condition.inputs.indexOf(a))) return false;
    if (b.constant) return length >= 0 && b.constant.numbers()[0] === length;
    const limit = loop.begin[loop.condition.inputs.indexOf(b)];
    const isFixed =
      loop.body.outputs[loop.condition.inputs.indexOf(b)] === loop.body.inputs[loop.condition.inputs.indexOf(b)];
    return limit !== undefined && isFixed && isLengthOf(limit, list);
  };
  return isBelow(loop.condition.outputs[0]);
}

/** Whether a scalar is the length of a list: an entry of the shape of what the list was made of. */
function isLengthOf(scalar: Value, list: Axis): boolean {
  const node = scalar.producer;
  if (node?.op === 'REDUCE_MAX' && scalar.shape?.length === 0 && node.inputs[0]?.shape?.length === 0)
    return isLengthOf(node.inputs[0], list);
  const size = axisOfSize(scalar);
  const a = size && originOf(size);
  const b = originOf(list);
  return a !== undefined && a.value === b?.value && a.axis === b.axis;
}

/** Whether all elements of a value are 0. */
export function isZero(value: Value): boolean {
  if (value.constant) return value.dtype === 'f32' && (value.constant.data() as Float32Array).every((x) => x === 0);
  const node = value.producer;
  if (node?.op === 'ZEROS_LIKE') return true;
  if (node?.op === 'FILL') return isZero(node.inputs[1] as Value);
  return /^(RESHAPE|BROADCAST_TO|TILE|EXPAND_DIMS|TRANSPOSE)$/.test(node?.op ?? '') && isZero(node?.inputs[0] as Value);
}
