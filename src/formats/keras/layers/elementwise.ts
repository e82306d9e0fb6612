import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { DType } from '../../../ir/tensor.js';
import { Config } from '../config.js';
import { activate, activationLayers, gated, softmax, squareplus } from './activations.js';
import type { LayerCall, Lower } from './context.js';
import { axisOf, numbersOf, operandAt, operandsOf, twoOperands } from './operands.js';

type OfOne = (c: LayerCall, x: Value) => Value;

const binary =
  (op: string): Lower =>
  (c) =>
    c.emit(op, twoOperands(c));

/** Whole numbers are divided as floats. */
const divide: Lower = (c) => {
  const [a, b] = twoOperands(c);
  return c.emit('DIV', [c.float(a), c.float(b)]);
};

const logical =
  (op: string): Lower =>
  (c) =>
    c.emit(op, operandsOf(c).map((x) => asBool(c, x))); // biome-ignore format: short

/** Nonzero is true. */
export const asBool = (c: LayerCall, x: Value): Value =>
  x.dtype === 'bool' ? x : c.emit('NOT_EQUAL', [x, c.make(x.dtype, 0)]);

const unary =
  (op: string): Lower =>
  (c) =>
    c.emit(op, [c.input()]);

/** A function of floats. */
const ofFloats =
  (work: OfOne): Lower =>
  (c) =>
    work(c, c.float(c.input()));
const floats = (op: string): Lower => ofFloats((c, x) => c.emit(op, [x]));
const function_ = (name: string): Lower => ofFloats((c, x) => activate(c, x, name));

/** What a layer of that class does, whose configuration the function's arguments are. */
const asLayer =
  (className: string, position: number, from: string, to = from): Lower =>
  (c) => {
    const given = c.plain(position, from);
    const config = new Config(given === undefined ? {} : { [to]: given });
    const args = [{ tensor: c.input() }];
    return activationLayers[className]?.(c.part({ className, config, args, kwargs: {} })) ?? [];
  };

const scaled = (c: LayerCall, x: Value, factor: number): Value => c.emit('MUL', [x, c.f32(factor)]);
const plus = (c: LayerCall, x: Value, n: number): Value => c.emit('ADD', [x, c.f32(n)]);
const logarithm = (base: number): Lower => ofFloats((c, x) => scaled(c, c.emit('LOG', [x]), 1 / Math.log(base)));

/** `(e^x + sign e^-x) / 2` */
const halfSum = (op: 'ADD' | 'SUB'): Lower =>
  ofFloats((c, x) => scaled(c, c.emit(op, [c.emit('EXP', [x]), c.emit('EXP', [c.emit('NEG', [x])])]), 0.5));

const clip: Lower = (c) => {
  const x = c.input();
  const bound = (position: number, ...keys: string[]) =>
    keys.map((key) => operandAt(c, position, key, x.dtype)).find((v) => v) ??
    keys.flatMap((key) => numbersOf(c.config.get(key)) ?? []).map((n) => c.make(x.dtype, n))[0];
  const [low, high] = [bound(1, 'x_min', 'clip_value_min'), bound(2, 'x_max', 'clip_value_max')];
  const raised = low ? c.emit('MAXIMUM', [x, low]) : x;
  return high ? c.emit('MINIMUM', [raised, high]) : raised;
};

const where: Lower = (c) => {
  const condition = operandAt(c, 0, 'condition');
  const [a, b] = operandsOf(c.part({ args: c.facts.args.slice(c.facts.kwargs.condition ? 0 : 1), kwargs: withoutCondition(c) })); // biome-ignore format: long
  if (!condition || !a || !b) throw new ModelError('unsupported', 'expects a condition and two tensors.');
  return c.emit('SELECT_V2', [asBool(c, condition), a, b]);
};
const withoutCondition = (c: LayerCall) => {
  const { condition: _, ...rest } = c.facts.kwargs;
  return rest;
};

const DTYPES: Readonly<Record<string, DType>> = {
  bool: 'bool',
  bfloat16: 'f32',
  float16: 'f32',
  float32: 'f32',
  float64: 'f32',
  int32: 'i32',
  int64: 'i64',
  uint8: 'u8',
};

/** The type of a name that TensorFlow or Keras gives it; half and double floats are floats here. */
export function dtypeNamed(name: unknown): DType {
  const plain = String(name).replace(/^.*dtypes?\./, '');
  const dtype = Object.hasOwn(DTYPES, plain) ? DTYPES[plain] : undefined;
  if (dtype) return dtype;
  throw new ModelError('unsupported', `casts to ${plain}.`);
}

export const cast: Lower = (c) => {
  const dtype = dtypeNamed(c.plain(1, 'dtype'));
  return dtype === 'bool' ? asBool(c, c.input()) : c.cast(c.input(), dtype);
};

/** The same input, for functions that only matter while a model is trained. */
export const same: Lower = (c) => c.input();

/** Functions of `keras.ops` that act on every element, by class. */
export const elementwise: Readonly<Record<string, Lower>> = {
  Abs: unary('ABS'),
  Absolute: unary('ABS'),
  Add: binary('ADD'),
  Arctan2: binary('ATAN2'),
  Array: same,
  Cast: cast,
  Cbrt: ofFloats((c, x) => c.emit('MUL', [c.emit('SIGN', [x]), c.emit('POW', [c.emit('ABS', [x]), c.f32(1 / 3)])])),
  Ceil: floats('CEIL'),
  Celu: (c) => ofFloats((_, x) => {
      const alpha = numbersOf(c.plain(1, 'alpha'))?.[0] ?? 1;
      const below = scaled(c, plus(c, c.emit('EXP', [scaled(c, c.emit('MINIMUM', [x, c.f32(0)]), 1 / alpha)]), -1), alpha);
      return c.emit('ADD', [c.emit('RELU', [x]), below]);
    })(c), // biome-ignore format: short
  Clip: clip,
  ConvertToTensor: same,
  Copy: same,
  Cos: floats('COS'),
  Cosh: halfSum('ADD'),
  Crelu: ofFloats((c, x) => {
    const sides = [c.emit('RELU', [x]), c.emit('RELU', [c.emit('NEG', [x])])];
    return c.emit('CONCATENATION', sides, { axis: axisOf(c, 1, 'axis', -1) });
  }),
  Divide: divide,
  Elu: asLayer('ELU', 1, 'alpha'),
  Equal: binary('EQUAL'),
  Exp: floats('EXP'),
  Exp2: ofFloats((c, x) => c.emit('EXP', [scaled(c, x, Math.LN2)])),
  Expm1: ofFloats((c, x) => plus(c, c.emit('EXP', [x]), -1)),
  Floor: floats('FLOOR'),
  FloorDivide: binary('FLOOR_DIV'),
  Gelu: (c) => c.emit('GELU', [c.float(c.input())], { approximate: c.plain(1, 'approximate') !== false }),
  Glu: ofFloats((c, x) => gated(c, x, axisOf(c, 1, 'axis', -1))),
  Greater: binary('GREATER'),
  GreaterEqual: binary('GREATER_EQUAL'),
  HardSigmoid: function_('hard_sigmoid'),
  HardSilu: function_('hard_silu'),
  HardTanh: function_('hard_tanh'),
  Identity: same,
  LeakyRelu: (c) =>
    c.emit('LEAKY_RELU', [c.float(c.input())], {
      alpha: (numbersOf(c.plain(1, 'negative_slope')) ?? numbersOf(c.plain(1, 'alpha')))?.[0] ?? 0.2,
    }),
  Less: binary('LESS'),
  LessEqual: binary('LESS_EQUAL'),
  Log: floats('LOG'),
  Log10: logarithm(10),
  Log1p: ofFloats((c, x) => c.emit('LOG', [plus(c, x, 1)])),
  Log2: logarithm(2),
  LogicalAnd: logical('LOGICAL_AND'),
  LogicalNot: logical('LOGICAL_NOT'),
  LogicalOr: logical('LOGICAL_OR'),
  LogicalXor: (c) => c.emit('NOT_EQUAL', operandsOf(c).map((x) => asBool(c, x))), // biome-ignore format: short
  LogSigmoid: function_('log_sigmoid'),
  LogSoftmax: ofFloats((c, x) => {
    const axis = axisOf(c, 1, 'axis', -1);
    return softmax(c, x, axis, 'LOG_SOFTMAX');
  }),
  Maximum: binary('MAXIMUM'),
  Minimum: binary('MINIMUM'),
  Mish: function_('mish'),
  Mod: binary('FLOOR_MOD'),
  Multiply: binary('MUL'),
  Negative: unary('NEG'),
  NotEqual: binary('NOT_EQUAL'),
  Power: binary('POW'),
  Reciprocal: ofFloats((c, x) => c.emit('DIV', [c.f32(1), x])),
  Relu: function_('relu'),
  Relu6: function_('relu6'),
  Round: ofFloats((c, x) => {
    const unit = 10 ** -(numbersOf(c.plain(1, 'decimals'))?.[0] ?? 0);
    return unit === 1 ? c.emit('ROUND', [x]) : scaled(c, c.emit('ROUND', [scaled(c, x, 1 / unit)]), unit);
  }),
  Rsqrt: floats('RSQRT'),
  Selu: function_('selu'),
  Sigmoid: function_('sigmoid'),
  Sign: unary('SIGN'),
  Silu: function_('silu'),
  Sin: floats('SIN'),
  Sinh: halfSum('SUB'),
  Softmax: ofFloats((c, x) => softmax(c, x, axisOf(c, 1, 'axis', -1))),
  Softplus: function_('softplus'),
  Softsign: function_('softsign'),
  SparsePlus: function_('sparse_plus'),
  SparseSigmoid: function_('sparse_sigmoid'),
  Sqrt: floats('SQRT'),
  Square: (c) => c.emit('MUL', [c.input(), c.input()]),
  SquaredDifference: binary('SQUARED_DIFFERENCE'),
  Squareplus: ofFloats((c, x) => squareplus(c, x, numbersOf(c.plain(1, 'b'))?.[0] ?? 4)),
  StopGradient: same,
  Subtract: binary('SUB'),
  Tan: ofFloats((c, x) => c.emit('DIV', [c.emit('SIN', [x]), c.emit('COS', [x])])),
  Tanh: function_('tanh'),
  TanhShrink: function_('tanh_shrink'),
  TrueDivide: divide,
  Where: where,
};
