import { Constant } from '../ir/constant.js';
import { type Node, type Options, Value } from '../ir/graph.js';
import { foldNode } from '../ops/build.js';
import { constantOf, integersOf, optionsOf } from './match.js';

/** What stands for an old operand: the moved value, the same value, or a constant made for it. */
export type Operand = 'moved' | 'same' | (() => Value);

/** How a node computes the same on operands that are not transposed. */
export interface Followed {
  readonly operands: readonly Operand[];
  readonly options: Options;
  /** For each output: the permutation that turns the new result into the old one. */
  readonly outputs: readonly (readonly number[])[];
}

/** Axis `permutation[i]` of the plain value is axis `i` of the transposed one. */
export type Permutation = readonly number[];

/**
 * How a node follows when those operands that `isMoved` names lose a TRANSPOSE with that permutation; undefined when it
 * cannot, because its axes have a meaning or another operand stands in the way.
 */
export function followPermutation(
  node: Node,
  permutation: Permutation,
  isMoved: (value: Value) => boolean,
): Followed | undefined {
  if ([...node.inputs, ...node.outputs].some((v) => v?.quantization || v?.isVariable)) return undefined;
  if (ELEMENTWISE.has(node.op)) return followElementwise(node, permutation, isMoved);
  return BY_OP[node.op]?.(node, permutation, isMoved);
}

type Follow = (node: Node, permutation: Permutation, isMoved: (value: Value) => boolean) => Followed | undefined;

const ELEMENTWISE: ReadonlySet<string> = new Set(
  (
    'ABS CEIL COS ELU EXP FLOOR GELU HARD_SWISH LEAKY_RELU LOG LOGICAL_NOT LOGISTIC NEG RELU RELU6 RELU_0_TO_1 RELU_N1_TO_1 ' +
    'ROUND RSQRT SIGN SIN SQRT SQUARE TANH ZEROS_LIKE CAST ADD SUB MUL DIV POW MAXIMUM MINIMUM SQUARED_DIFFERENCE FLOOR_DIV ' +
    'FLOOR_MOD ATAN2 EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR SELECT_V2 PRELU ADD_N'
  ).split(' '),
);

const followElementwise: Follow = (node, permutation, isMoved) => {
  if (node.output.shape?.length !== permutation.length) return undefined;
  const operands = node.inputs.map((value): Operand | undefined => {
    if (!value) return undefined;
    if (isMoved(value)) return 'moved';
    if (value.shape?.length === 0) return 'same';
    return constantOf(value) ? () => permuteConstant(value, permutation) : undefined;
  });
  return followed(operands, node.options, [permutation]);
};

function followed(
  operands: readonly (Operand | undefined)[],
  options: Options,
  outputs: readonly Permutation[],
): Followed | undefined {
  return operands.every((o) => o !== undefined) ? { operands, options, outputs } : undefined;
}

/** A constant of up to as many axes as the permutation has, with the axes that it aligns with put back in plain order. */
function permuteConstant(value: Value, permutation: Permutation): Value {
  const shape = value.shape ?? [];
  const full = [...new Array<number>(permutation.length - shape.length).fill(1), ...shape];
  const [wide] = fold('RESHAPE', value.name, [value, Value.constant('shape', Constant.i32(full))]);
  const [plain] = fold('TRANSPOSE', value.name, [wide, Value.constant('perm', Constant.i32(inverseOf(permutation)))]);
  return plain as Value;
}

function fold(op: string, name: string, inputs: readonly (Value | undefined)[]): readonly (Value | undefined)[] {
  return foldNode({ op, name, inputs }) ?? [];
}

/** The permutation that undoes another. */
export function inverseOf(permutation: Permutation): number[] {
  const inverse = new Array<number>(permutation.length).fill(0);
  for (const [i, axis] of permutation.entries()) inverse[axis] = i;
  return inverse;
}

const plainAxis = (axis: number, permutation: Permutation): number =>
  permutation[axis < 0 ? axis + permutation.length : axis] as number;

const i32 = (like: Value, values: readonly number[], shape?: readonly number[]): Operand => {
  return () => Value.constant(like.name, Constant.i32(values, shape ?? [values.length]));
};

const concatenation: Follow = (node, permutation, isMoved) => {
  const operands = node.inputs.map((value): Operand | undefined => {
    if (!value || isMoved(value)) return value && 'moved';
    return value.shape?.length === permutation.length && constantOf(value)
      ? () => permuteConstant(value, permutation)
      : undefined;
  });
  const axis = plainAxis(optionsOf(node).axis as number, permutation);
  return followed(operands, { ...node.options, axis }, [permutation]);
};

/** Operators whose other operands are constants of one row, or element, for each axis; those at `rows` are reordered. */
const byAxis =
  (...rows: readonly number[]): Follow =>
  (node, permutation, isMoved) => {
    const operands = node.inputs.map((value, index): Operand | undefined => {
      if (!value) return undefined;
      if (index === 0) return isMoved(value) ? 'moved' : undefined;
      if (!rows.includes(index)) return value.shape?.length === 0 && !isMoved(value) ? 'same' : undefined;
      const numbers = integersOf(value);
      if (!numbers || value.shape?.[0] !== permutation.length) return undefined;
      const width = numbers.length / permutation.length;
      const inverse = inverseOf(permutation);
      const reordered = inverse.flatMap((i) => numbers.slice(i * width, (i + 1) * width));
      return i32(value, reordered, value.shape);
    });
    return followed(operands, node.options, [permutation]);
  };

const reduction: Follow = (node, permutation, isMoved) => {
  const [x, axesOperand] = node.inputs;
  const axes = integersOf(axesOperand)?.map((axis) => plainAxis(axis, permutation));
  if (!x || !axesOperand || !isMoved(x) || !axes) return undefined;
  const keepDims = optionsOf(node).keepDims ?? false;
  const rest = permutation.filter((axis) => !axes.includes(axis));
  const order = [...rest].sort((a, b) => a - b);
  const left = keepDims ? permutation : rest.map((axis) => order.indexOf(axis));
  return followed(['moved', i32(axesOperand, axes, axesOperand.shape)], node.options, [left]);
};

/** SPLIT (axis first) and SPLIT_V (axis last). */
const split =
  (xIndex: number, axisIndex: number): Follow =>
  (node, permutation, isMoved) => {
    const [axis] = integersOf(node.inputs[axisIndex]) ?? [];
    if (axis === undefined) return undefined;
    const operands = node.inputs.map((value, index): Operand | undefined => {
      if (!value) return undefined;
      if (index === xIndex) return isMoved(value) ? 'moved' : undefined;
      return index === axisIndex ? i32(value, [plainAxis(axis, permutation)], value.shape) : 'same';
    });
    return followed(
      operands,
      node.options,
      node.outputs.map(() => permutation),
    );
  };

const BY_OP: Readonly<Record<string, Follow>> = {
  CONCATENATION: concatenation,
  PAD: byAxis(1),
  PADV2: byAxis(1),
  MIRROR_PAD: byAxis(1),
  SLICE: byAxis(1, 2),
  TILE: byAxis(1),
  SUM: reduction,
  MEAN: reduction,
  REDUCE_MAX: reduction,
  REDUCE_MIN: reduction,
  REDUCE_PROD: reduction,
  REDUCE_ANY: reduction,
  REDUCE_ALL: reduction,
  ARG_MAX: reduction,
  ARG_MIN: reduction,
  SPLIT: split(1, 0),
  SPLIT_V: split(0, 2),
};
