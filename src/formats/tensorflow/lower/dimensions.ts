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
  /^(ABS|CAST|CEIL|COS|DEQUANTIZE|ELU|EXP|FLOOR|GELU|HARD_SWISH|LEAKY_RELU|LOG|LOG_SOFTMAX|LOGISTIC|NEG|QUANTIZE|RELU|RELU6|RELU_N1_TO_1|ROUND|RSQRT|SIGN|SIN|SOFTMAX|SQRT|SQUARE|TANH|ZEROS_LIKE|REVERSE_V2|DYNAMIC_UPDATE_SLICE)$/;
const BROADCASTS =
  /^(ADD|SUB|MUL|DIV|MAXIMUM|MINIMUM|POW|SQUARED_DIFFERENCE|SELECT|SELECT_V2|FLOOR_DIV|FLOOR_MOD|LOGICAL_AND|LOGICAL_OR)$/;

/**
 * The axis of an input of the graph that has the size which this axis has, as far as the operators between them say so.
 * Undefined when they do not.
 */
export function originOf({ value, axis }: Axis, depth = 0): Axis | undefined {
  const node = value.producer;
  if (!node) return value.constant ? undefined : { value, axis };
  if (depth > 64 || !value.shape) return undefined;
  for (const next of sourcesOf(node, value.shape, axis)) {
    const found = originOf(next, depth + 1);
    if (found) return found;
  }
  return undefined;
}

function sourcesOf(node: Node, shape: Shape, axis: number): Axis[] {
  const [first, second] = node.inputs;
  if (BROADCASTS.test(node.op)) return node.inputs.flatMap((v) => aligned(v, shape.length, axis));
  if (!first) return [];
  if (SAME_SHAPE.test(node.op)) return [{ value: first, axis }];
  const sameRank = first.shape?.length === shape.length;
  switch (node.op) {
    case 'FULLY_CONNECTED':
    case 'BATCH_MATMUL':
      return sameRank && axis < shape.length - (node.op === 'FULLY_CONNECTED' ? 1 : 1) && node.options.adjX !== true
        ? [{ value: first, axis }]
        : [];
    case 'SPLIT':
      return second ? [{ value: second, axis }] : [];
    case 'SPLIT_V':
    case 'CONCATENATION':
      return [{ value: first, axis }];
    case 'STRIDED_SLICE':
      return sameRank && (Number(node.options.beginMask) & Number(node.options.endMask) & (1 << axis)) !== 0
        ? [{ value: first, axis }]
        : [];
    case 'GATHER':
      return second?.shape?.length === 0 && node.options.axis === 0 ? [{ value: first, axis: axis + 1 }] : [];
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
