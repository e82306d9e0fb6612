import type { Node, Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { sameSizes } from './loop-types.js';

/** An axis of a value. */
export interface Axis {
  readonly value: Value;
  readonly axis: number;
}

/** Operators whose output has the shape of their first input. */
const SAME_SHAPE =
  /^(ABS|CAST|CEIL|COS|DEQUANTIZE|ELU|EXP|FLOOR|GELU|HARD_SWISH|LEAKY_RELU|LOG|LOG_SOFTMAX|LOGICAL_NOT|LOGISTIC|NEG|QUANTIZE|RELU|RELU6|RELU_N1_TO_1|ROUND|RSQRT|SIGN|SIN|SOFTMAX|SQRT|SQUARE|TANH|ZEROS_LIKE|REVERSE_V2|DYNAMIC_UPDATE_SLICE)$/;
const BROADCASTS =
  /^(ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM|POW|SQUARED_DIFFERENCE|SELECT|SELECT_V2|FLOOR_DIV|FLOOR_MOD|LOGICAL_AND|LOGICAL_OR|EQUAL|NOT_EQUAL|LESS|LESS_EQUAL|GREATER|GREATER_EQUAL|ATAN2)$/;

const REDUCES = /^(SUM|MEAN|REDUCE_ALL|REDUCE_ANY|REDUCE_MAX|REDUCE_MIN|REDUCE_PROD)$/;

/** Operators on one element of each operand at a time, which keep or stretch shapes. */
export const isElementwise = (op: string | undefined): boolean =>
  op !== undefined && (SAME_SHAPE.test(op) || BROADCASTS.test(op));

/**
 * The axis of an input of the graph that has the unknown size which this axis has, as far as the operators between them say so.
 * Undefined when they do not. `certain`: the operands of an operator that stretches its operands must agree.
 */
export function originOf(axis: Axis, certain = false): Axis | undefined {
  return originAmong(new Map(), axis, certain, 0);
}

/** Axes of a value -> where they come from: branches meet again and again. */
type Origins = Map<Value, (Axis | undefined)[]>;

function originAmong(known: Origins, { value, axis }: Axis, certain: boolean, depth: number): Axis | undefined {
  const node = value.producer;
  // A size that is known comes from nowhere.
  if (depth > 64 || value.shape?.[axis] !== -1) return undefined;
  if (!node) return { value, axis };
  const found = known.get(value) ?? [];
  if (axis in found) return found[axis];
  known.set(value, found);
  found[axis] = originOfSources(known, sourcesOf(node, value.shape, axis), certain, depth + 1);
  return found[axis];
}

function originOfSources(known: Origins, sources: readonly Axis[], certain: boolean, depth: number): Axis | undefined {
  let first: Axis | undefined;
  for (const next of sources) {
    const found = originAmong(known, next, certain, depth);
    if (found && !certain) return found;
    if (!found && certain) return undefined;
    if (first && (first.value !== found?.value || first.axis !== found.axis)) return undefined;
    first ??= found;
  }
  return first;
}

/** The axis whose size a scalar is: an entry of a shape. */
export function axisOfSize(scalar: Value | undefined): Axis | undefined {
  const node = scalar?.producer;
  const shape = node?.op === 'STRIDED_SLICE' && scalar?.shape?.length === 0 ? node.inputs[0] : undefined;
  const axis = node?.inputs[1]?.constant?.numbers()[0];
  const value = shape?.producer?.op === 'SHAPE' ? shape.producer.inputs[0] : undefined;
  return value && axis !== undefined ? { value, axis } : undefined;
}

function sourcesOf(node: Node, shape: Shape, axis: number): Axis[] {
  const [first, second] = node.inputs;
  if (BROADCASTS.test(node.op)) return node.inputs.flatMap((v) => aligned(v, shape.length, axis));
  if (!first) return [];
  if (SAME_SHAPE.test(node.op)) return [{ value: first, axis }];
  if (REDUCES.test(node.op)) return keptAxis(node, axis);
  const sameRank = first.shape?.length === shape.length;
  switch (node.op) {
    case 'FULLY_CONNECTED':
    case 'BATCH_MATMUL':
      return sameRank && axis < shape.length - (node.op === 'FULLY_CONNECTED' ? 1 : 1) && node.options.adjX !== true
        ? [{ value: first, axis }]
        : [];
    case 'SPLIT':
      return second && !isAxis(first.constant?.numbers()[0], axis, shape) ? [{ value: second, axis }] : [];
    case 'SPLIT_V':
      return isAxis(node.inputs[2]?.constant?.numbers()[0], axis, shape) ? [] : [{ value: first, axis }];
    case 'CONCATENATION':
      return isAxis(Number(node.options.axis), axis, shape)
        ? []
        : node.inputs.flatMap((v) => (v ? [{ value: v, axis }] : []));
    case 'STRIDED_SLICE':
      return wholeAxis(node, axis);
    case 'GATHER': {
      const rank = second?.shape?.length;
      if (!second || rank === undefined || node.options.axis !== 0 || node.options.batchDims) return [];
      return axis < rank ? [{ value: second, axis }] : [{ value: first, axis: axis - rank + 1 }];
    }
    case 'FILL': {
      const size = first.producer?.op === 'PACK' ? axisOfSize(first.producer.inputs[axis]) : undefined;
      const like = first.producer?.op === 'SHAPE' ? first.producer.inputs[0] : undefined;
      return size ? [size] : like ? [{ value: like, axis }] : [];
    }
    case 'BROADCAST_TO': {
      const like = second?.producer?.op === 'SHAPE' ? second.producer.inputs[0] : undefined;
      return like ? [{ value: like, axis }] : [];
    }
    case 'TRANSPOSE': {
      const from = second?.constant?.numbers()[axis];
      return from === undefined ? [] : [{ value: first, axis: from }];
    }
    case 'RESHAPE':
      return onlyUnknown(first, shape);
    default:
      return [];
  }
}

const isAxis = (given: number | undefined, axis: number, { length }: Shape): boolean =>
  given === axis || given === axis - length;

/** The axis of a reduction's operand that an axis of its result is. */
function keptAxis({ inputs: [value, over], options }: Node, axis: number): Axis[] {
  const rank = value?.shape?.length ?? 0;
  const reduced = over?.constant?.numbers().map((a) => (a < 0 ? a + rank : a));
  if (!value || !reduced) return [];
  const axes = Array.from({ length: rank }, (_, i) => i).filter((i) => options.keepDims || !reduced.includes(i));
  const at = axes[axis] ?? -1;
  return at < 0 || reduced.includes(at) ? [] : [{ value, axis: at }];
}

/** The axis of a slice's operand that an axis of the slice is the whole of. */
function wholeAxis({ inputs: [value, first, , strides], options }: Node, axis: number): Axis[] {
  const [begin, end, shrink] = [options.beginMask, options.endMask, options.shrinkAxisMask].map((m) => Number(m ?? 0));
  if (!value || options.ellipsisMask || options.newAxisMask) return [];
  let at = 0;
  for (let left = axis; ; at++) {
    if (((shrink as number) >> at) & 1) continue;
    if (left-- === 0) break;
  }
  const isUnnamed = at >= (first?.shape?.[0] ?? Number.POSITIVE_INFINITY);
  const isOpen = ((begin as number) & (end as number) & (1 << at)) !== 0 && strides?.constant?.numbers()[at] === 1;
  return isUnnamed || isOpen ? [{ value, axis: at }] : [];
}

/** The axis of an operand that is not stretched along the axis of the result. */
function aligned(value: Value | undefined, rank: number, axis: number): Axis[] {
  const at = axis - (rank - (value?.shape?.length ?? 0));
  return value && !value.constant && at >= 0 && value.shape?.[at] === -1 ? [{ value, axis: at }] : [];
}

/** A reshape between shapes with one unknown size each and as many elements beside it. */
function onlyUnknown(value: Value, shape: Shape): Axis[] {
  if (!value.shape || !sameSizes(value.shape, shape)) return [];
  return [{ value, axis: value.shape.indexOf(-1) }];
}
