import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isFloat, type Shape } from '../../../ir/tensor.js';
import { broadcastShapes } from '../../../ops/shapes.js';
import { operandRules } from '../../../schema/operand-types.gen.js';
import type { Lower, Lowering } from './context.js';
import { formula } from './elementwise.js';
import { nchwAround } from './layout.js';
import { int32Input } from './shapes.js';

const COMMUTATIVE: ReadonlySet<string> = new Set([
  'ADD',
  'MUL',
  'MAXIMUM',
  'MINIMUM',
  'EQUAL',
  'NOT_EQUAL',
  'LOGICAL_AND',
  'LOGICAL_OR',
  'BITWISE_XOR',
  'SQUARED_DIFFERENCE',
]);

/** A broadcasting operator over operands that it may have to be given in one shape: implicit broadcasts have a largest rank. */
export function broadcasting(c: Lowering, op: string, operands: readonly Value[]): Value {
  const limit = operandRules[op]?.broadcastRank;
  const shapes = operands.map((v) => v.shape);
  const rank = Math.max(...shapes.map((s) => s?.length ?? 0));
  if (limit === undefined || rank <= limit || shapes.every((s) => sameShape(s, shapes[0]))) return c.emit(op, operands);
  const to = shapes.reduce((a, b) => broadcastShapes(a, b));
  if (to?.every((d) => d >= 0))
    return c.emit(
      op,
      operands.map((v) => (sameShape(v.shape, to) ? v : c.emit('BROADCAST_TO', [v, c.make('i64', to)]))),
    );
  const all = operands
    .map((v) => c.emit('SHAPE', [v], { outType: 'INT32' }))
    .reduce((a, b) => c.emit('BROADCAST_ARGS', [a, b]));
  return c.emit(
    op,
    operands.map((v) => c.emit('BROADCAST_TO', [v, all])),
  );
}

const sameShape = (a: Shape | undefined, b: Shape | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((d, i) => d === b[i] && d >= 0);

/** An operation that is one operator over two inputs. A constant goes behind where the order does not matter. */
export const binary =
  (op: string): Lower =>
  (c) => {
    const [x, y] = [c.input(0), c.input(1)];
    const swap = COMMUTATIVE.has(op) && x.constant && !y.constant;
    return [broadcasting(c, op, swap ? [y, x] : [x, y])];
  };

/** Two operators where the one that does both would need its operands broadcast in front. */
const squaredDifference: Lower = (c) => {
  const [x, y] = [c.input(0), c.input(1)];
  const rank = Math.max(x.shape?.length ?? 0, y.shape?.length ?? 0);
  const limit = operandRules.SQUARED_DIFFERENCE?.broadcastRank ?? rank;
  if (rank <= limit || sameShape(x.shape, y.shape)) return binary('SQUARED_DIFFERENCE')(c);
  const difference = c.emit('SUB', [x, y]);
  return [isFloat(x.dtype) ? c.emit('SQUARE', [difference]) : c.emit('MUL', [difference, difference])];
};

/** Equality asks for shapes that broadcast, unless the model wants a scalar `false` for those that do not. */
const equality = (op: string): Lower => {
  const plain = binary(op);
  return (c) => {
    if (c.attrs.bool('incompatible_shape_error', true)) return plain(c);
    broadcastShapes(c.input(0).shape, c.input(1).shape);
    return plain(c);
  };
};

/** `when(x) ? zero : otherwise` by element. */
export const choose = (c: Lowering, when: Value, yes: Value, no: Value): Value =>
  broadcasting(c, isSameStatic(when, yes, no) ? 'SELECT' : 'SELECT_V2', [when, yes, no]);

const isSameStatic = (...values: readonly Value[]): boolean =>
  values.every((v) => sameShape(v.shape, values[0]?.shape));

const isZero = (c: Lowering, x: Value): Value => c.emit('EQUAL', [x, c.scalar(x, 0)]);

/** `y == 0 ? 0 : op(x, y)`. */
const unlessZero = (op: string): Lower =>
  formula((c, x, y) => choose(c, isZero(c, y), c.scalar(x, 0), broadcasting(c, op, [x, y])));

/** `x == 0 ? x : op(x, f(y))`. */
const unlessFirstZero = (op: string, f: (c: Lowering, y: Value) => Value): Lower =>
  formula((c, x, y) => {
    const when = isZero(c, x);
    return choose(c, when, x, broadcasting(c, op, [x, f(c, y)]));
  });

const log = (c: Lowering, x: Value): Value => c.emit('LOG', [x]);

/** Division towards zero. */
const truncateDivide: Lower = (c) => {
  const quotient = broadcasting(c, 'DIV', [c.input(0), c.input(1)]);
  if (!isFloat(quotient.dtype)) return [quotient];
  const negative = c.emit('LESS', [quotient, c.scalar(quotient, 0)]);
  return [choose(c, negative, c.emit('CEIL', [quotient]), c.emit('FLOOR', [quotient]))];
};

/** The remainder of a division towards zero; exact for integers only. */
const truncateModulo: Lower = (c) => {
  const [x, y] = [c.input(0), c.input(1)];
  if (isFloat(x.dtype)) throw new ModelError('unsupported', 'has no exact counterpart for floating-point numbers.');
  return [c.emit('SUB', [x, c.emit('MUL', [c.emit('DIV', [x, y]), y])])];
};

/** `x AND y` of signed integers: the bits above the lowest from `(a + b - (a XOR b)) / 2`, which cannot overflow there. */
function bitwiseAnd(c: Lowering, x: Value, y: Value): Value {
  const one = c.scalar(x, 1);
  const two = c.scalar(x, 2);
  const high = (v: Value) => c.emit('RIGHT_SHIFT', [v, one]);
  const low = (v: Value, h: Value) => c.emit('SUB', [v, c.emit('MUL', [h, two])]);
  const [hx, hy] = [high(x), high(y)];
  const upper = high(c.emit('SUB', [c.emit('ADD', [hx, hy]), c.emit('BITWISE_XOR', [hx, hy])]));
  const lower = c.emit('MUL', [low(x, hx), low(y, hy)]);
  return c.emit('ADD', [c.emit('MUL', [upper, two]), lower]);
}

/** Shifts to the left by a constant are multiplications. */
const leftShift: Lower = (c) => {
  const x = c.input(0);
  const by = c.constant(1, 'number of bits');
  if (by.numbers().some((n) => n < 0 || n > 30)) throw new ModelError('unsupported', 'shifts by more than 30 bits.');
  const factors = by.numbers().map((n) => 2 ** n);
  return [c.emit('MUL', [x, c.make(x.dtype, factors, by.shape)])];
};

const select: Lower = (c) => [c.emit('SELECT', [c.input(0), c.input(1), c.input(2)])];

const selectV2: Lower = (c) => [choose(c, c.input(0), c.input(1), c.input(2))];

/** The sum of any number of values of one shape. */
const addN: Lower = (c) => {
  const [first, ...rest] = c.inputs;
  if (!first || rest.length === 0) return c.inputs;
  if (rest.length > 1 && (first.dtype === 'f32' || first.dtype === 'i32')) return [c.emit('ADD_N', c.inputs)];
  return [rest.reduce((sum, v) => c.emit('ADD', [sum, v]), first)];
};

const biasAdd: Lower = (c) => nchwAround(c, c.input(0), (x) => [c.emit('ADD', [x, c.input(1)])]);

const clip: Lower = (c) => {
  const low = broadcasting(c, 'MINIMUM', [c.input(0), c.input(2)]);
  return [broadcasting(c, 'MAXIMUM', [low, c.input(1)])];
};

/** An integer kept from `low` up and then from `high` down is `high` where that is no more than `low`. */
const minimum: Lower = (c) => {
  for (const [bound, value] of [
    [c.input(0), c.input(1)],
    [c.input(1), c.input(0)],
  ] as const) {
    const low = value.producer?.op === 'MAXIMUM' ? value.producer.inputs[1]?.constant : undefined;
    const high = bound.constant;
    if (!low || !high || isFloat(low.dtype) || [low, high, value].some((v) => v.shape?.length !== 0)) continue;
    if ((high.numbers()[0] as number) <= (low.numbers()[0] as number)) return [bound];
  }
  return binary('MINIMUM')(c);
};

const approximateEqual: Lower = (c) => {
  const distance = c.emit('ABS', [c.emit('SUB', [c.input(0), c.input(1)])]);
  return [c.emit('LESS', [distance, c.scalar(distance, c.attrs.float('tolerance', 1e-5))])];
};

/** Operations over two or more operands, element by element. */
export const binaries: Readonly<Record<string, Lower>> = {
  AccumulateNV2: addN,
  Add: binary('ADD'),
  AddN: addN,
  AddV2: binary('ADD'),
  ApproximateEqual: approximateEqual,
  Atan2: binary('ATAN2'),
  BiasAdd: biasAdd,
  BiasAddV1: biasAdd,
  BitwiseAnd: formula(bitwiseAnd),
  BitwiseOr: formula((c, x, y) => c.emit('ADD', [c.emit('BITWISE_XOR', [x, y]), bitwiseAnd(c, x, y)])),
  BitwiseXor: binary('BITWISE_XOR'),
  BroadcastArgs: (c) => [c.emit('BROADCAST_ARGS', [int32Input(c, 0), int32Input(c, 1)])],
  BroadcastTo: (c) => [c.emit('BROADCAST_TO', [c.input(0), c.input(1)])],
  ClipByValue: clip,
  Div: binary('DIV'),
  DivNoNan: unlessZero('DIV'),
  Equal: equality('EQUAL'),
  FloorDiv: binary('FLOOR_DIV'),
  FloorMod: binary('FLOOR_MOD'),
  Greater: binary('GREATER'),
  GreaterEqual: binary('GREATER_EQUAL'),
  LeftShift: leftShift,
  Less: binary('LESS'),
  LessEqual: binary('LESS_EQUAL'),
  LogicalAnd: binary('LOGICAL_AND'),
  LogicalOr: binary('LOGICAL_OR'),
  Maximum: binary('MAXIMUM'),
  Minimum: minimum,
  Mod: truncateModulo,
  Mul: binary('MUL'),
  MulNoNan: unlessZero('MUL'),
  NotEqual: equality('NOT_EQUAL'),
  Pow: binary('POW'),
  RealDiv: binary('DIV'),
  RightShift: binary('RIGHT_SHIFT'),
  RefSelect: select,
  Select: select,
  SelectV2: selectV2,
  SquaredDifference: squaredDifference,
  Sub: binary('SUB'),
  TruncateDiv: truncateDivide,
  TruncateMod: truncateModulo,
  Xdivy: unlessFirstZero('DIV', (_, y) => y),
  Xlog1py: unlessFirstZero('MUL', (c, y) => log(c, c.emit('ADD', [y, c.scalar(y, 1)]))),
  Xlogy: unlessFirstZero('MUL', log),
};
