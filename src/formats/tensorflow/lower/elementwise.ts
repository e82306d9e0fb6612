import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { type DType, isComplex, isFloat, isStatic } from '../../../ir/tensor.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import { complexOf } from './complex-values.js';
import type { Lower, Lowering } from './context.js';
import { isElementwise } from './dimensions.js';
import { castTo } from './operands.js';
import { likeShape, packSizes, sizesFromInputs } from './shapes.js';
import { isComputedInSingle } from './single-precision.js';

/** An operation that is one operator over its first input. */
export const unary =
  (op: string): Lower =>
  (c) => [c.emit(op, [c.input(0)])];

/** An operation written out: a formula over its inputs. */
export const formula =
  (make: (c: Lowering, x: Value, y: Value) => Value): Lower =>
  (c) => [make(c, c.input(0), c.inputs[1] ?? c.input(0))];

const passOn: Lower = (c) => [c.input(0)];

const exp = (c: Lowering, x: Value) => c.emit('EXP', [x]);
const log = (c: Lowering, x: Value) => c.emit('LOG', [x]);
const sqrt = (c: Lowering, x: Value) => c.emit('SQRT', [x]);
const add = (c: Lowering, x: Value, y: Value | number) => c.emit('ADD', [x, asValue(c, x, y)]);
const sub = (c: Lowering, x: Value, y: Value | number) => c.emit('SUB', [x, asValue(c, x, y)]);
const mul = (c: Lowering, x: Value, y: Value | number) => c.emit('MUL', [x, asValue(c, x, y)]);
const div = (c: Lowering, x: Value, y: Value) => c.emit('DIV', [x, y]);
const subFrom = (c: Lowering, from: number, x: Value) => c.emit('SUB', [c.scalar(x, from), x]);
const divide = (c: Lowering, from: number, x: Value) => c.emit('DIV', [c.scalar(x, from), x]);
const asValue = (c: Lowering, like: Value, y: Value | number) => (typeof y === 'number' ? c.scalar(like, y) : y);

/** `(1 - x)(1 + x)`: keeps its precision where `1 - x²` cancels. */
const oneMinusSquare = (c: Lowering, x: Value) => mul(c, subFrom(c, 1, x), add(c, x, 1));

/** `-1`, `0` or `1`; also for the 64-bit integers that SIGN does not take. */
const sign: Lower = (c) => {
  const x = c.input(0);
  if (x.dtype !== 'i64') return [c.emit('SIGN', [x])];
  return [c.emit('MAXIMUM', [c.emit('MINIMUM', [x, c.scalar(x, 1)]), c.scalar(x, -1)])];
};

const abs: Lower = (c) => {
  const x = c.input(0);
  return [x.dtype === 'i64' ? c.emit('MAXIMUM', [x, c.emit('NEG', [x])]) : c.emit('ABS', [x])];
};

const square: Lower = (c) => {
  const x = c.input(0);
  return [isFloat(x.dtype) ? c.emit('SQUARE', [x]) : mul(c, x, x)];
};

/** Bounds for integers, which the RELU operators do not take. */
const clampInteger = (op: string, least: number, most?: number): Lower => {
  return (c) => {
    const x = c.input(0);
    if (isFloat(x.dtype)) return [c.emit(op, [x])];
    const low = c.emit('MAXIMUM', [x, c.scalar(x, least)]);
    return [most === undefined ? low : c.emit('MINIMUM', [low, c.scalar(x, most)])];
  };
};

/** `scale * (x > 0 ? x : alpha * (exp(x) - 1))`, with the constants of self-normalizing networks. */
const selu: Lower = (c) => {
  const x = c.input(0);
  const positive = c.emit('GREATER', [x, c.scalar(x, 0)]);
  const linear = mul(c, x, 1.0507009873554805);
  const curved = mul(c, sub(c, exp(c, x), 1), 1.7580993408473768);
  return [c.emit(isStatic(x.shape) ? 'SELECT' : 'SELECT_V2', [positive, linear, curved])];
};

/** `sign(x) * log(|x| + sqrt(x² + 1))`. */
const asinh: Lower = (c) => {
  const x = c.input(0);
  const magnitude = c.emit('ABS', [x]);
  const root = sqrt(c, add(c, mul(c, x, x), 1));
  return [mul(c, log(c, add(c, magnitude, root)), c.emit('SIGN', [x]))];
};

/** The error function has no operator: passes recognize what it is part of, and write out what remains. */
const erf = (c: Lowering, x: Value): Value =>
  c.append('CUSTOM', [x], [{ dtype: x.dtype, shape: x.shape }], { customCode: 'Erf' })[0] as Value;

/** A value of `like`'s type and shape with one number in every element. */
const filled = (number: number): Lower => {
  return (c) => {
    const x = c.input(0);
    return [c.emit('BROADCAST_TO', [c.scalar(x, number), likeShape(c, x)])];
  };
};

/** Zeros of a computed value's shape; where that is known from the inputs on, the value itself need not be computed. */
const zerosLike: Lower = (c) => {
  const x = c.input(0);
  const { dtype } = x;
  const sizes = isElementwise(x.producer?.op) ? sizesFromInputs(c, x) : undefined;
  if (sizes) return [c.emit('FILL', [packSizes(c, sizes), c.scalar(x, 0)])];
  return dtype === 'f32' || dtype === 'i32' || dtype === 'i64' ? unary('ZEROS_LIKE')(c) : filled(0)(c);
};

const cast: Lower = (c) => {
  const to = c.type('DstT');
  const inType = (dtype: DType): Value => castTo(c.input(0), dtype, (n) => c.emitAll(n.op, n.inputs, n.options));
  if (!isComplex(to)) return [inType(to)];
  return [isComplex(c.input(0).dtype) ? c.input(0) : complexOf(c, { re: inType('f32'), im: undefined })];
};

/** `exp(-|x|) I0(x)` of constants, by its series: windows are made of it. */
const besselI0e: Lower = (c) => {
  const { shape } = c.constant(0, 'argument');
  const values = c.numbers(0, 'argument').map((x) => {
    let [term, sum] = [1, 1];
    for (let k = 1; term > sum * 1e-16; k++) {
      term *= (x / (2 * k)) ** 2;
      sum += term;
    }
    return sum * Math.exp(-Math.abs(x));
  });
  return [c.make(c.input(0).dtype, values, shape)];
};

/** The same bytes as another type: one of half the width has an axis of size 2 more. */
const bitcast: Lower = (c) => {
  const types = [c.attrs.type('T', c.input(0).dtype), c.attrs.type('type')];
  const other = types.find(isComputedInSingle);
  if (other) throw new ModelError('unsupported', `reads the bits of ${other}, which is computed in f32.`);
  return [c.emit('BITCAST', [c.input(0)], { outDataType: tensorTypeOf(c.attrs.type('type')) })];
};

/** Unary element-wise operations. */
export const elementwise: Readonly<Record<string, Lower>> = {
  Abs: abs,
  Acos: formula((c, x) => c.emit('ATAN2', [sqrt(c, oneMinusSquare(c, x)), x])),
  Acosh: formula((c, x) => log(c, add(c, x, sqrt(c, mul(c, sub(c, x, 1), add(c, x, 1)))))),
  Asin: formula((c, x) => c.emit('ATAN2', [x, sqrt(c, oneMinusSquare(c, x))])),
  Asinh: asinh,
  Atan: (c) => [c.emit('ATAN2', [c.input(0), ...filled(1)(c)])],
  Atanh: formula((c, x) => mul(c, log(c, div(c, add(c, x, 1), subFrom(c, 1, x))), 0.5)),
  BesselI0e: besselI0e,
  Bitcast: bitcast,
  Cast: cast,
  Ceil: unary('CEIL'),
  CheckNumerics: passOn,
  CheckNumericsV2: passOn,
  Cos: unary('COS'),
  Cosh: formula((c, x) => mul(c, add(c, exp(c, x), exp(c, c.emit('NEG', [x]))), 0.5)),
  Elu: unary('ELU'),
  EnsureShape: passOn,
  Erf: formula(erf),
  Erfc: formula((c, x) => subFrom(c, 1, erf(c, x))),
  Exp: unary('EXP'),
  Expm1: formula((c, x) => sub(c, exp(c, x), 1)),
  Floor: unary('FLOOR'),
  Identity: passOn,
  IdentityN: (c) => c.inputs,
  Inv: formula((c, x) => divide(c, 1, x)),
  Invert: formula((c, x) => c.emit('BITWISE_XOR', [x, c.scalar(x, -1)])),
  IsFinite: formula((c, x) => c.emit('EQUAL', [sub(c, x, x), c.scalar(x, 0)])),
  IsInf: formula((c, x) => c.emit('EQUAL', [c.emit('ABS', [x]), c.scalar(x, Infinity)])),
  IsNan: formula((c, x) => c.emit('NOT_EQUAL', [x, x])),
  LeakyRelu: (c) => [c.emit('LEAKY_RELU', [c.input(0)], { alpha: c.attrs.float('alpha', 0.2) })],
  Log: unary('LOG'),
  Log1p: formula((c, x) => log(c, add(c, x, 1))),
  LogicalNot: unary('LOGICAL_NOT'),
  LogSoftmax: unary('LOG_SOFTMAX'),
  Neg: unary('NEG'),
  OnesLike: filled(1),
  PlaceholderWithDefault: passOn,
  PreventGradient: passOn,
  ReadVariableOp: passOn,
  Reciprocal: formula((c, x) => divide(c, 1, x)),
  Relu: clampInteger('RELU', 0),
  Relu6: clampInteger('RELU6', 0, 6),
  Rint: unary('ROUND'),
  Round: unary('ROUND'),
  Rsqrt: unary('RSQRT'),
  Selu: selu,
  Sigmoid: unary('LOGISTIC'),
  Sign: sign,
  Sin: unary('SIN'),
  Sinh: formula((c, x) => mul(c, sub(c, exp(c, x), exp(c, c.emit('NEG', [x]))), 0.5)),
  Snapshot: passOn,
  Softmax: (c) => [c.emit('SOFTMAX', [c.input(0)], { beta: 1 })],
  Softplus: formula((c, x) => log(c, add(c, exp(c, x), 1))),
  Softsign: formula((c, x) => div(c, x, add(c, c.emit('ABS', [x]), 1))),
  Sqrt: unary('SQRT'),
  Square: square,
  StopGradient: passOn,
  Tan: formula((c, x) => div(c, c.emit('SIN', [x]), c.emit('COS', [x]))),
  Tanh: unary('TANH'),
  ZerosLike: zerosLike,
};
