import { ModelError } from '../../../errors.js';
import type { Options, Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import { withNode } from '../../../ops/build.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import { type OperandRules, operandRules } from '../../../schema/operand-types.gen.js';

/** An operator over values, before it has a name. */
export interface FittedNode {
  readonly op: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly options?: Options;
}

interface NamedNode extends FittedNode {
  readonly name: string;
}

/** Small types -> a wider one that holds all their values. */
const WIDER: Partial<Record<DType, DType>> = {
  bool: 'i32',
  i8: 'i32',
  u8: 'i32',
  i16: 'i32',
  u16: 'i32',
};
/** Arithmetic wraps around in both widths, so it may also run in the signed type of the same width. */
const SAME_WIDTH: Partial<Record<DType, DType>> = { u32: 'i32' };

/** Operators without a form for 64-bit integers: they take 32-bit ones, which hold the numbers that models count with. */
const NARROWS: ReadonlySet<string> = new Set(['ARG_MAX', 'ARG_MIN', 'DIV', 'FLOOR_DIV', 'POW', 'SQUARED_DIFFERENCE']);

/** The result in a wider type, cast back, is the result in the narrow type. */
const MOVES: ReadonlySet<string> = new Set([
  'BROADCAST_TO',
  'CONCATENATION',
  'DYNAMIC_UPDATE_SLICE',
  'FILL',
  'GATHER',
  'GATHER_ND',
  'MATRIX_DIAG',
  'MATRIX_SET_DIAG',
  'MIRROR_PAD',
  'PACK',
  'PAD',
  'PADV2',
  'REVERSE_SEQUENCE',
  'REVERSE_V2',
  'SCATTER_ND',
  'SELECT',
  'SELECT_V2',
  'SLICE',
  'SPARSE_TO_DENSE',
  'SPLIT',
  'SPLIT_V',
  'STRIDED_SLICE',
  'TILE',
  'TOPK_V2',
  'TRANSPOSE',
  'UNPACK',
  'ZEROS_LIKE',
  'ONE_HOT',
  'RANGE',
  'SPACE_TO_BATCH_ND',
  'BATCH_TO_SPACE_ND',
  'SPACE_TO_DEPTH',
  'DEPTH_TO_SPACE',
  'MAXIMUM',
  'MINIMUM',
  'REDUCE_MAX',
  'REDUCE_MIN',
  'UNIQUE',
  'FLOOR_DIV',
  'FLOOR_MOD',
  'DIV',
  'ABS',
  'SIGN',
]);
const WRAPS: ReadonlySet<string> = new Set([
  'ADD',
  'SUB',
  'MUL',
  'NEG',
  'ADD_N',
  'SUM',
  'REDUCE_PROD',
  'CUMSUM',
  'SQUARED_DIFFERENCE',
]);
/** The result has a type of its own. */
const COMPARES: ReadonlySet<string> = new Set([
  'EQUAL',
  'NOT_EQUAL',
  'LESS',
  'LESS_EQUAL',
  'GREATER',
  'GREATER_EQUAL',
  'ARG_MAX',
  'ARG_MIN',
  'WHERE',
]);
/** Operands that are data rather than indices; the first one where a row is missing. */
const DATA: Readonly<Record<string, readonly number[]>> = {
  SELECT: [1, 2],
  SELECT_V2: [1, 2],
  FILL: [1],
  SPLIT: [1],
  SCATTER_ND: [1],
  SPARSE_TO_DENSE: [2, 3],
  PADV2: [0, 2],
  ONE_HOT: [2, 3],
  MATRIX_SET_DIAG: [0, 1],
  DYNAMIC_UPDATE_SLICE: [0, 1],
};
const ALL_DATA: ReadonlySet<string> = new Set([
  'POW',
  'ADD',
  'SUB',
  'MUL',
  'DIV',
  'FLOOR_DIV',
  'FLOOR_MOD',
  'MAXIMUM',
  'MINIMUM',
  'SQUARED_DIFFERENCE',
  'ADD_N',
  'CONCATENATION',
  'PACK',
  'RANGE',
  'EQUAL',
  'NOT_EQUAL',
  'LESS',
  'LESS_EQUAL',
  'GREATER',
  'GREATER_EQUAL',
]);

type Emit = (node: FittedNode) => Value[];

/**
 * Emits the operator, with casts around it where it does not take the type of its data but gives the same result in a
 * wider type, or in a narrower one that holds the numbers. @throws {ModelError} `unsupported` when operands are of a type or rank that the operator does not take.
 */
export function fitOperands(node: NamedNode, emit: Emit): Value[] {
  const rules = operandRules[node.op];
  if (!rules) return emit(node);
  const wrong = node.inputs.findIndex((v, i) => v && !accepts(rules, i, v.dtype));
  if (wrong < 0) {
    checkRanks(node, rules);
    return emit(node);
  }
  const operands = dataOperands(node);
  const dtype = (node.inputs[wrong] as Value).dtype;
  const wider = operands.includes(wrong)
    ? (widerType(node.op, dtype, rules, wrong) ?? narrowerType(node, dtype))
    : undefined;
  if (!wider) throw wrongType(node, wrong, rules);
  const inputs = node.inputs.map((v, i) => (v && operands.includes(i) ? castTo(v, wider, emit) : v));
  const results = fitOperands({ ...node, inputs }, emit);
  if (COMPARES.has(node.op)) return results;
  return results.map((v, i) => (i === 0 || node.op !== 'TOPK_V2' ? castBack(v, wider, dtype, emit) : v));
}

/** Whether the operator takes its operands as they are. */
export function fits({ op, inputs }: FittedNode): boolean {
  const rules = operandRules[op];
  if (!rules) return true;
  if (inputs.some((v, i) => v && !accepts(rules, i, v.dtype))) return false;
  return (rules.ranks ?? []).every(([operand, least, most]) => {
    const rank = inputs[operand]?.shape?.length;
    return rank === undefined || (rank >= least && rank <= most);
  });
}

const accepts = (rules: OperandRules, operand: number, dtype: DType): boolean => {
  const types = rules.types[Math.min(operand, rules.types.length - 1)];
  return !types || types.length === 0 || types.includes(dtype);
};

function dataOperands(node: FittedNode): readonly number[] {
  if (ALL_DATA.has(node.op)) return [...node.inputs.keys()];
  return DATA[node.op] ?? [0];
}

function widerType(op: string, dtype: DType, rules: OperandRules, operand: number): DType | undefined {
  const moves = MOVES.has(op);
  const candidates =
    moves || COMPARES.has(op)
      ? [WIDER[dtype]]
      : WRAPS.has(op) && dtype !== 'bool'
        ? [WIDER[dtype], SAME_WIDTH[dtype]]
        : [];
  if (dtype === 'u32' && (moves || COMPARES.has(op))) candidates.push('i64');
  return candidates.find((t) => t && accepts(rules, operand, t));
}

function narrowerType({ op, inputs }: FittedNode, dtype: DType): DType | undefined {
  const isSmall = (v: Value | undefined) => v?.constant?.numbers().every((n) => n === (n | 0));
  const fitsIn = inputs.every((v) => !v?.constant || v.dtype !== 'i64' || isSmall(v));
  return NARROWS.has(op) && dtype === 'i64' && fitsIn ? 'i32' : undefined;
}

/** A value in another element type. */
export function castTo(value: Value, dtype: DType, emit: Emit): Value {
  if (value.dtype === dtype) return value;
  const options = { inDataType: tensorTypeOf(value.dtype), outDataType: tensorTypeOf(dtype) };
  return emit({ op: 'CAST', inputs: [value], options })[0] as Value;
}

function castBack(value: Value, from: DType, to: DType, emit: Emit): Value {
  return value.dtype === from ? castTo(value, to, emit) : value;
}

function wrongType(node: NamedNode, operand: number, rules: OperandRules): ModelError {
  const value = node.inputs[operand] as Value;
  const types = rules.types[Math.min(operand, rules.types.length - 1)] ?? [];
  return new ModelError(
    'unsupported',
    `becomes ${node.op}, whose operand ${operand} takes ${types.join(', ')}, got ${value.dtype}. ` +
      `Cast '${value.name}' in the model before this layer.`,
  );
}

function checkRanks(node: NamedNode, rules: OperandRules): void {
  for (const [operand, least, most] of rules.ranks ?? []) {
    const rank = node.inputs[operand]?.shape?.length;
    if (rank === undefined || (rank >= least && rank <= most)) continue;
    const range = least === most ? `${least}` : most === 99 ? `at least ${least}` : `${least} to ${most}`;
    withNode(node.op, node.name, () => {
      throw new ModelError('unsupported', `operand ${operand} has rank ${rank}, the operator takes ${range}.`);
    });
  }
}
