import { Value } from '../../../ir/graph.js';
import { integerLimits } from '../../../ir/tensor.js';
import type { LayerCall, Lower } from './context.js';
import { cast, dtypeNamed } from './elementwise.js';
import { type Formulas, formulasOf, ofFloats, ofTwo } from './formulas.js';
import { numbersOf, twoOperands } from './operands.js';

const LARGEST = 3.4028234663852886e38;

/** `log(b^x + b^y)` without overflow. */
const logOfSum = (base: number): Lower =>
  ofTwo((x, y, { op }) => {
    const most = op('MAXIMUM', x, y);
    const distance = op('MUL', op('ABS', op('SUB', x, y)), -Math.log(base));
    const more = op('LOG', op('ADD', op('EXP', distance), 1));
    return op('ADD', most, base === Math.E ? more : op('MUL', more, 1 / Math.log(base)));
  });

const argument = (c: LayerCall, position: number, key: string, fallback: number): number =>
  numbersOf(c.plain(position, key))?.[0] ?? fallback;

/** Towards zero. */
const truncated: Lower = ofFloats((x, { op }) => op('MUL', op('SIGN', x), op('FLOOR', op('ABS', x))));

const isClose: Lower = (c) => {
  const [x, y] = twoOperands(c).map((v) => c.float(v)) as [Value, Value];
  const { op } = formulasOf(c);
  const bound = op('ADD', op('MUL', op('ABS', y), argument(c, 2, 'rtol', 1e-5)), argument(c, 3, 'atol', 1e-8));
  return op('LOGICAL_OR', op('LESS_EQUAL', op('ABS', op('SUB', x, y)), bound), op('EQUAL', x, y));
};

const nanToNum: Lower = (c) => {
  const x = c.float(c.input());
  const { op } = formulasOf(c);
  const number = op('SELECT_V2', op('NOT_EQUAL', x, x), argument(c, 1, 'nan', 0), x);
  const finite = op('SELECT_V2', op('EQUAL', number, Infinity), argument(c, 2, 'posinf', LARGEST), number);
  return op('SELECT_V2', op('EQUAL', finite, -Infinity), argument(c, 3, 'neginf', -LARGEST), finite);
};

/** The nearest number of a type that is narrower. */
const saturateCast: Lower = (c) => {
  const x = c.input();
  const dtype = dtypeNamed(c.plain(1, 'dtype'));
  const [low, high] = integerLimits[dtype] ?? [];
  if (low === undefined || high === undefined) return cast(c);
  const bounds = [low, high].map((n) => c.make(x.dtype, n)) as [Value, Value];
  return c.cast(c.emit('MINIMUM', [c.emit('MAXIMUM', [x, bounds[0]]), bounds[1]]), dtype);
};

/** `x` beyond `±threshold`, moved towards zero by `step`; 0 within. */
const shrunk = (isSoft: boolean): Lower =>
  ofFloats((x, { c, op }) => {
    const limit = argument(c, 1, 'threshold', 0.5);
    if (isSoft) return op('MUL', op('SIGN', x), op('RELU', op('SUB', op('ABS', x), limit)));
    return op('SELECT_V2', op('GREATER', op('ABS', x), limit), x, 0);
  });

/** The error functions have no operator: passes recognize what they are part of, and write out what remains. */
const errorFunction = (customCode: 'Erf' | 'Erfc'): Lower =>
  ofFloats((x, { c }) => {
    const name = c.unique(customCode.toLowerCase());
    const y = new Value(name, 'f32', x.shape);
    c.graph.append({ op: 'CUSTOM', name, inputs: [x], outputs: [y], customCode });
    return y;
  });

/** A function of both, 0 where the first is 0. */
const zeroAtZero = (work: (x: Value, y: Value, f: Formulas) => Value): Lower =>
  ofTwo((x, y, f) => f.op('SELECT_V2', f.op('EQUAL', x, 0), 0, work(x, y, f)));

const predicate = (test: (c: LayerCall, x: Value) => Value): Lower => ofFloats((x, { c }) => test(c, x));

/** Functions of `keras.ops` of numbers and their kinds, by class. */
export const numberFunctions: Readonly<Record<string, Lower>> = {
  BitwiseXor: (c) => c.emit('BITWISE_XOR', twoOperands(c)),
  DivideNoNan: ofTwo((x, y, { op }) => {
    const isZero = op('EQUAL', y, 0);
    return op('SELECT_V2', isZero, 0, op('DIV', x, op('SELECT_V2', isZero, 1, y)));
  }),
  Erf: errorFunction('Erf'),
  Erfc: errorFunction('Erfc'),
  Fabs: ofFloats((x, { op }) => op('ABS', x)),
  HardShrink: shrunk(false),
  Heaviside: ofTwo((x, y, { op }) => {
    const sides = op('MAXIMUM', op('SIGN', x), 0);
    return op('SELECT_V2', op('EQUAL', x, 0), y, sides);
  }),
  Isclose: isClose,
  Isfinite: predicate((c, x) => c.emit('LESS', [c.emit('ABS', [x]), c.f32(Infinity)])),
  Isinf: predicate((c, x) => c.emit('EQUAL', [c.emit('ABS', [x]), c.f32(Infinity)])),
  Isnan: predicate((c, x) => c.emit('NOT_EQUAL', [x, x])),
  Logaddexp: logOfSum(Math.E),
  Logaddexp2: logOfSum(2),
  NanToNum: nanToNum,
  SaturateCast: saturateCast,
  SoftShrink: shrunk(true),
  Threshold: ofFloats((x, { c, op }) =>
    op('SELECT_V2', op('GREATER', x, argument(c, 1, 'threshold', 0)), x, argument(c, 2, 'default_value', 0)),
  ),
  Trunc: truncated,
  Xdivy: zeroAtZero((x, y, { op }) => op('DIV', x, y)),
  Xlogy: zeroAtZero((x, y, { op }) => op('MUL', x, op('LOG', y))),
};
