import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isObject, type Json } from '../json.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { dtypeNamed } from './elementwise.js';
import { axisOf, listedOperands, numbersOf, operandAt } from './operands.js';
import { shapeOfResult } from './rearrange.js';

/** The last two axes with zeros where `isKept` does not hold of row and column. */
function banded(c: LayerCall, isKept: (row: number, column: number) => boolean): Value {
  const x = c.input();
  const [rows = -1, columns = -1] = c.shapeOf(x).slice(-2);
  if (rows < 0 || columns < 0)
    throw new ModelError('unsupported', 'needs matrices of known sizes. Give the inputs fixed shapes.');
  const mask = Array.from({ length: rows * columns }, (_, i) => Number(isKept(Math.floor(i / columns), i % columns)));
  return c.emit('MUL', [x, c.make(x.dtype, mask, [rows, columns])]);
}

const bandPart: Lower = (c) => {
  const [lower = -1, upper = -1] = [numbersOf(c.plain(1, 'num_lower'))?.[0], numbersOf(c.plain(2, 'num_upper'))?.[0]];
  return banded(c, (row, column) => (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper));
};

/** What a constant mask of some axes keeps. */
const booleanMask: Lower = (c) => {
  const mask = c.plain(1, 'mask');
  const shape: number[] = [];
  for (let part = mask; Array.isArray(part); part = part[0]) shape.push(part.length);
  if (shape.length === 0) throw new ModelError('unsupported', 'keeps what a mask says that is computed when it runs.');
  const axis = axisOf(c, 2, 'axis', 0);
  const sizes = c.shapeOf(c.input());
  const merged = [...sizes.slice(0, axis), shape.reduce((a, b) => a * b, 1), ...sizes.slice(axis + shape.length)];
  const x = shape.length === 1 ? c.input() : c.reshape(c.input(), merged);
  const kept = (mask as Json[]).flat(9).flatMap((isKept, i) => (isKept ? [i] : []));
  return c.emit('GATHER', [x, c.i32(kept)], { axis, batchDims: 0 });
};

/** True for the steps below each length. */
const sequenceMask: Lower = (c) => {
  const most = numbersOf(c.plain(1, 'maxlen'))?.[0];
  if (most === undefined) throw new ModelError('unsupported', 'makes masks as long as the longest sequence.');
  const lengths = c.emit('EXPAND_DIMS', [c.cast(c.input(), 'i32'), c.i32(-1)]);
  const isBelow = c.emit('LESS', [c.i32([...Array(most).keys()]), lengths]);
  const dtype = c.plain(2, 'dtype');
  return dtype === undefined ? isBelow : c.cast(isBelow, dtypeNamed(dtype));
};

/** Numbers by chance, in a tensor whose sizes may be computed; another run has others. */
const random =
  (op: 'RANDOM_STANDARD_NORMAL' | 'RANDOM_UNIFORM', first: string, second: string): Lower =>
  (c) => {
    const drawn = c.emit(op, [shapeOfResult(c)], { seed: 0n, seed2: 0n });
    const [a = 0, b = 1] = [numbersOf(c.plain(1, first))?.[0], numbersOf(c.plain(2, second))?.[0]];
    const scale = op === 'RANDOM_UNIFORM' ? b - a : b;
    return c.emit('ADD', [c.emit('MUL', [drawn, c.f32(scale)]), c.f32(a)]);
  };

/** Whole numbers or floats from a start to below a limit; a lone bound is the limit. */
const range: Lower = (c) => {
  const bounds = [operandAt(c, 0, 'start'), operandAt(c, 1, 'limit'), operandAt(c, 2, 'delta')];
  const isFloat = bounds.some((b) => b?.dtype === 'f32');
  const [start, limit, delta] = bounds.map((b) => b && c.cast(b, isFloat ? 'f32' : 'i32'));
  const number = (n: number) => c.make(isFloat ? 'f32' : 'i32', n);
  const all = limit ? [start ?? number(0), limit, delta ?? number(1)] : [number(0), start ?? c.input(), delta ?? number(1)]; // biome-ignore format: one list
  const values = c.emit('RANGE', all);
  const dtype = c.plain(99, 'dtype');
  return dtype === undefined ? values : c.cast(values, dtypeNamed(dtype));
};

/** `(x - mean) / sqrt(variance + epsilon) * scale + offset` */
const batchNormalization: Lower = (c) => {
  const at = (index: number, key: string) => operandAt(c, index, key, 'f32');
  const [mean = c.f32(0), variance = c.f32(1), offset, scale] = [at(1, 'mean'), at(2, 'variance'), at(3, 'offset'), at(4, 'scale')]; // biome-ignore format: four operands
  const epsilon = c.f32(numbersOf(c.plain(5, 'variance_epsilon'))?.[0] ?? 1e-3);
  const root = c.emit('RSQRT', [c.emit('ADD', [variance, epsilon])]);
  const factor = scale ? c.emit('MUL', [root, scale]) : root;
  const y = c.emit('MUL', [c.emit('SUB', [c.float(c.input()), mean]), factor]);
  return offset ? c.emit('ADD', [y, offset]) : y;
};

const localResponse: Lower = (c) => {
  const number = (index: number, key: string, fallback: number) => numbersOf(c.plain(index, key))?.[0] ?? fallback;
  return c.emit('LOCAL_RESPONSE_NORMALIZATION', [c.float(c.input())], {
    radius: number(1, 'depth_radius', 5),
    bias: number(2, 'bias', 1),
    alpha: number(3, 'alpha', 1),
    beta: number(4, 'beta', 0.5),
  });
};

/** Whether an argument names no tensor: an object that stands for one of another kind is left alone. */
const hasTensor = (operand: Operand | undefined): boolean =>
  operand !== undefined && !('value' in operand && isObject(operand.value));

/** The sum of a list. */
const sumOfList: Lower = (c) => {
  const values = listedOperands(c.part({ args: c.facts.args.filter(hasTensor) }));
  return values.slice(1).reduce((a, b) => c.emit('ADD', [a, b]), values[0] ?? c.input());
};

/** Functions of TensorFlow over whole arrays that `keras.ops` has not, by names like those of its classes. */
export const arrayFunctions: Readonly<Record<string, Lower>> = {
  AddN: sumOfList,
  BandPart: bandPart,
  BatchNormalizationFunction: batchNormalization,
  BooleanMask: booleanMask,
  EmbeddingLookup: (c) => {
    const rows = operandAt(c, 0, 'params', 'f32') ?? c.input();
    return c.emit('GATHER', [rows, operandAt(c, 1, 'ids', 'i32') ?? c.input(1)], { axis: 0, batchDims: 0 });
  },
  LocalResponse: localResponse,
  MatrixDiag: (c) => c.emit('MATRIX_DIAG', [c.input()]),
  RandomNormal: random('RANDOM_STANDARD_NORMAL', 'mean', 'stddev'),
  RandomUniform: random('RANDOM_UNIFORM', 'minval', 'maxval'),
  Range: range,
  Rank: (c) => c.i32(c.shapeOf(c.input()).length),
  SequenceMask: sequenceMask,
};
