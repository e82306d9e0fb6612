import type { Ref, Write, Writing } from './graph-writer.js';
import { activated, activationOf } from './write-layers.js';
import { same } from './write-shapes.js';

/** Arithmetic with a fused activation. */
const arithmetic =
  (op: string): Write =>
  (w) => {
    const { name, dtype, shape } = w.node.output;
    return [activated(w, w.writer.add(name, op, w.inputs, { dtype, shape }), activationOf(w))];
  };

/** A formula over the first operand. */
type Formula = (x: Ref, make: Make) => Ref;
interface Make {
  /** An operation with the type of `x`. */
  readonly op: (op: string, inputs: readonly (Ref | number)[], attrs?: Readonly<Record<string, number>>) => Ref;
  /** The same, of another shape. */
  readonly like: (op: string, inputs: readonly (Ref | number)[], type: Omit<Ref, 'text'>) => Ref;
  readonly writing: Writing;
}

const formula =
  (work: Formula): Write =>
  (w) => {
    const [x] = w.inputs as [Ref];
    const { name } = w.node.output;
    const operand = (v: Ref | number): Ref =>
      typeof v === 'number' ? w.writer.make(`${name}/constant`, x.dtype, v) : v;
    const op: Make['op'] = (kind, inputs, attrs) =>
      w.writer.add(`${name}/${kind}`, kind, inputs.map(operand), { dtype: x.dtype, shape: x.shape }, attrs);
    const like: Make['like'] = (kind, inputs, type) => w.writer.add(`${name}/${kind}`, kind, inputs.map(operand), type);
    return [work(x, { op, like, writing: w })];
  };

const clip = (low: number, high: number): Write =>
  formula((x, { op }) => op('Minimum', [op('Maximum', [x, low]), high]));

/** `x relu6(x + 3) / 6`. */
const hardSwish = formula((x, { op }) => op('Mul', [op('Mul', [x, op('Relu6', [op('AddV2', [x, 3])])]), 1 / 6]));

/** `x (1 + erf(x / √2)) / 2`, or the approximation by tanh. */
const gelu = formula((x, { op, writing }) => {
  const cube = () => op('AddV2', [x, op('Mul', [op('Mul', [op('Square', [x]), x]), 0.044715])]);
  const curve = writing.options.approximate
    ? op('Tanh', [op('Mul', [cube(), Math.sqrt(2 / Math.PI)])])
    : op('Erf', [op('Mul', [x, Math.SQRT1_2])]);
  return op('Mul', [op('Mul', [x, 0.5]), op('AddV2', [curve, 1])]);
});

/** `x / sqrt(max(sum x², 1e-6))` over the last axis. */
const l2Normalization = formula((x, { op, like, writing }) => {
  const sums = { dtype: x.dtype, shape: x.shape && [...x.shape.slice(0, -1), 1] };
  const { writer, node } = writing;
  const last = writer.make(`${node.output.name}/axis`, 'i32', [-1]);
  const sum = writer.add(`${node.output.name}/Sum`, 'Sum', [op('Square', [x]), last], sums, { keep_dims: true });
  return op('Mul', [x, like('Rsqrt', [like('Maximum', [sum, 1e-6], sums)], sums)]);
});

/** Element-wise operations. */
export const elementwise: Readonly<Record<string, Write>> = {
  ABS: same('Abs'),
  ADD: arithmetic('AddV2'),
  ADD_N: same('AddN'),
  ATAN2: same('Atan2'),
  BITWISE_XOR: same('BitwiseXor'),
  CEIL: same('Ceil'),
  COS: same('Cos'),
  DIV: arithmetic('RealDiv'),
  ELU: same('Elu'),
  EQUAL: same('Equal'),
  EXP: same('Exp'),
  FLOOR: same('Floor'),
  FLOOR_DIV: same('FloorDiv'),
  FLOOR_MOD: same('FloorMod'),
  GELU: gelu,
  GREATER: same('Greater'),
  GREATER_EQUAL: same('GreaterEqual'),
  HARD_SWISH: hardSwish,
  L2_NORMALIZATION: l2Normalization,
  LEAKY_RELU: same('LeakyRelu', { alpha: '@alpha' }),
  LESS: same('Less'),
  LESS_EQUAL: same('LessEqual'),
  LOCAL_RESPONSE_NORMALIZATION: same('LRN', {
    depth_radius: '@radius',
    bias: '@bias',
    alpha: '@alpha',
    beta: '@beta',
  }),
  LOG: same('Log'),
  LOGICAL_AND: same('LogicalAnd'),
  LOGICAL_NOT: same('LogicalNot'),
  LOGICAL_OR: same('LogicalOr'),
  LOGISTIC: same('Sigmoid'),
  MAXIMUM: same('Maximum'),
  MINIMUM: same('Minimum'),
  MUL: arithmetic('Mul'),
  NEG: same('Neg'),
  NOT_EQUAL: same('NotEqual'),
  POW: same('Pow'),
  PRELU: same('Prelu'),
  RELU: same('Relu'),
  RELU6: same('Relu6'),
  RELU_0_TO_1: clip(0, 1),
  RELU_N1_TO_1: clip(-1, 1),
  ROUND: same('Round'),
  RSQRT: same('Rsqrt'),
  SELECT: same('Select'),
  SELECT_V2: same('SelectV2'),
  SIGN: same('Sign'),
  SIN: same('Sin'),
  SQRT: same('Sqrt'),
  SQUARE: same('Square'),
  SQUARED_DIFFERENCE: same('SquaredDifference'),
  SUB: arithmetic('Sub'),
  TANH: same('Tanh'),
  ZEROS_LIKE: same('ZerosLike'),
};
