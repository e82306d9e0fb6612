import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { isObject, type Json } from '../json.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { projected } from './dense.js';
import { dtypeNamed } from './elementwise.js';
import { axesOf, axisOf, listedOperands, numbersOf, operandAt, twoOperands } from './operands.js';

/** The axis moved to the end, and the way back. */
function lastAxis(c: LayerCall, x: Value, axis: number): { readonly moved: Value; back(y: Value): Value } {
  const rank = c.shapeOf(x).length;
  const order = [...Array(rank).keys()].map((i) => (i === axis ? rank - 1 : i === rank - 1 ? axis : i));
  return { moved: c.transpose(x, order), back: (y) => c.transpose(y, order) };
}

/** Elements in order along an axis (0), or their places (1). */
const sorted =
  (output: 0 | 1): Lower =>
  (c) => {
    const { moved, back } = lastAxis(c, c.float(c.input()), axisOf(c, 1, 'axis', -1));
    const size = c.shapeOf(moved).at(-1) ?? -1;
    if (size < 0) throw new ModelError('unsupported', 'sorts an axis of unknown size. Give the inputs fixed shapes.');
    const isFalling = String(c.plain(2, 'direction') ?? '').toUpperCase() === 'DESCENDING';
    const turned = (x: Value): Value => (isFalling ? x : c.emit('NEG', [x]));
    const [values, places] = c.emitAll('TOPK_V2', [turned(moved), c.i32(size)]) as [Value, Value];
    return back(output === 0 ? turned(values) : places);
  };

/** The last two axes with zeros where `isKept` does not hold of row and column. */
function banded(c: LayerCall, isKept: (row: number, column: number) => boolean): Value {
  const x = c.input();
  const [rows = -1, columns = -1] = c.shapeOf(x).slice(-2);
  if (rows < 0 || columns < 0)
    throw new ModelError('unsupported', 'needs matrices of known sizes. Give the inputs fixed shapes.');
  const mask = Array.from({ length: rows * columns }, (_, i) => Number(isKept(Math.floor(i / columns), i % columns)));
  return c.emit('MUL', [x, c.make(x.dtype, mask, [rows, columns])]);
}

const offsetOf = (c: LayerCall): number => numbersOf(c.plain(1, 'k'))?.[0] ?? 0;

const bandPart: Lower = (c) => {
  const [lower = -1, upper = -1] = [numbersOf(c.plain(1, 'num_lower'))?.[0], numbersOf(c.plain(2, 'num_upper'))?.[0]];
  return banded(c, (row, column) => (lower < 0 || row - column <= lower) && (upper < 0 || column - row <= upper));
};

/** The sum of what lies on the diagonal of the last two axes. */
const trace: Lower = (c) => {
  const rank = c.shapeOf(c.input()).length;
  if (c.facts.isOperation && rank !== 2)
    throw new ModelError('unsupported', `is the trace of ${rank} axes; 2 expected.`);
  const diagonal = banded(c, (row, column) => row === column);
  return c.emit('SUM', [diagonal, c.i32([rank - 2, rank - 1])], { keepDims: false });
};

const diagonalOf: Lower = (c) =>
  c.emit('SUM', [banded(c, (row, column) => row === column), c.i32([-1])], { keepDims: false });

const outer: Lower = (c) => {
  const [a, b] = twoOperands(c);
  return c.emit('MUL', [c.reshape(a, [-1, 1]), c.reshape(b, [1, -1])]);
};

const joined =
  (axisFor: (rank: number) => number): Lower =>
  (c) => {
    const values = listedOperands(c);
    return c.emit('CONCATENATION', values, { axis: axisFor(c.shapeOf(values[0] ?? c.input()).length) });
  };

/** How much each element is above the one before. */
const difference: Lower = (c) => {
  const axis = axisOf(c, 2, 'axis', -1);
  const times = numbersOf(c.plain(1, 'n'))?.[0] ?? 1;
  const step = (x: Value): Value => {
    const shape = c.shapeOf(x);
    const size = shape[axis] ?? -1;
    if (size < 1) throw new ModelError('unsupported', 'takes differences along an axis of unknown size.');
    const begins = (at: number) => c.i32(shape.map((_, i) => (i === axis ? at : 0)));
    const sizes = c.i32(shape.map((_, i) => (i === axis ? size - 1 : -1)));
    return c.emit('SUB', [c.emit('SLICE', [x, begins(1), sizes]), c.emit('SLICE', [x, begins(0), sizes])]);
  };
  return Array.from({ length: times }).reduce<Value>(step, c.input());
};

/** A product summed over axes of both: how many, the last of one and the first of the other, or a list of each. */
const tensordot: Lower = (c) => {
  const [a, b] = twoOperands(c);
  const [rankA, rankB] = [c.shapeOf(a).length, c.shapeOf(b).length];
  const given = c.plain(2, 'axes') ?? 2;
  const ofEach = (part: Json | undefined, rank: number) => (numbersOf(part) ?? []).map((n) => (n < 0 ? n + rank : n));
  const count = typeof given === 'number' ? given : -1;
  const lists = Array.isArray(given) ? given : [];
  const innerA = count >= 0 ? Array.from({ length: count }, (_, i) => rankA - count + i) : ofEach(lists[0], rankA);
  const innerB = count >= 0 ? [...Array(count).keys()] : ofEach(lists[1], rankB);
  const others = (rank: number, inner: readonly number[]) => [...Array(rank).keys()].filter((i) => !inner.includes(i));
  const x = c.transpose(c.float(a), [...others(rankA, innerA), ...innerA]);
  const y = c.transpose(c.float(b), [...innerB, ...others(rankB, innerB)]);
  if (y.constant) return projected(c, x, y, undefined, innerB.length);
  const [shapeX, shapeY] = [c.shapeOf(x), c.shapeOf(y)];
  const inner = shapeY.slice(0, innerB.length).reduce((n, d) => n * d, 1);
  const columns = shapeY.slice(innerB.length);
  const width = columns.reduce((n, d) => n * d, 1);
  if (inner < 0 || width < 0) throw new ModelError('unsupported', 'needs known sizes of its second tensor.');
  const product = c.emit('BATCH_MATMUL', [c.reshape(x, [-1, inner]), c.reshape(y, [inner, width])], { adjX: false, adjY: false }); // biome-ignore format: one product
  return c.reshape(product, [...shapeX.slice(0, rankA - innerA.length), ...columns], x);
};

/** Elements of the last axis by indices `[…, K]` that have the same axes in front. */
const takeAlongAxis: Lower = (c) => {
  const [x, indices] = [operandAt(c, 0, 'x') ?? c.input(), operandAt(c, 1, 'indices', 'i32') ?? c.input(1)];
  const places = lastAxis(c, indices, axisOf(c, 2, 'axis', -1));
  const { moved } = lastAxis(c, x, axisOf(c, 2, 'axis', -1));
  const axis = c.shapeOf(x).length - 1;
  return places.back(c.emit('GATHER', [moved, places.moved], { axis, batchDims: axis }));
};

const gatherNd: Lower = (c) => {
  if (c.plain(99, 'batch_dims')) throw new ModelError('unsupported', 'gathers in batches.');
  const indices = operandAt(c, 1, 'indices', 'i32') ?? c.input(1);
  return c.emit('GATHER_ND', [operandAt(c, 0, 'params') ?? c.input(), indices]);
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

/** Sizes that are numbers, or computed, or both. */
function sizes(c: LayerCall, operand: Operand | undefined): Value {
  if (operand && 'tensor' in operand) return c.cast(operand.tensor, 'i32');
  if (operand && 'value' in operand) return c.i32(numbersOf(operand.value) ?? []);
  const list = operand && 'list' in operand ? operand.list : [];
  const each = list.map((o) => ('tensor' in o ? c.cast(o.tensor, 'i32') : c.i32('value' in o ? (numbersOf(o.value)?.[0] ?? 1) : 1))); // biome-ignore format: long
  return c.emit('PACK', each, { valuesCount: each.length, axis: 0 });
}

const filled =
  (number?: number): Lower =>
  (c) => {
    const dtype = c.plain(99, 'dtype') === undefined ? 'f32' : dtypeNamed(c.plain(99, 'dtype'));
    const value = number === undefined ? operandAt(c, 1, 'value') : c.make(dtype, number);
    return c.emit('FILL', [sizes(c, c.facts.args[0] ?? c.facts.kwargs.dims ?? c.facts.kwargs.shape), value]);
  };

/** Numbers of a sizes' tensor by chance; another run has others. */
const random =
  (op: 'RANDOM_STANDARD_NORMAL' | 'RANDOM_UNIFORM', first: string, second: string): Lower =>
  (c) => {
    const drawn = c.emit(op, [sizes(c, c.facts.args[0] ?? c.facts.kwargs.shape)], { seed: 0n, seed2: 0n });
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

/** Mean and variance over axes. */
const moments: Lower = (c) => {
  const x = c.float(c.input());
  const axes = c.i32(axesOf(c, 1, 'axes', c.shapeOf(x).length) ?? []);
  const keepDims = c.plain(3, 'keepdims') === true || c.plain(3, 'keep_dims') === true;
  const around = c.emit('MEAN', [x, axes], { keepDims: true });
  const mean = keepDims ? around : c.emit('MEAN', [x, axes], { keepDims });
  return [mean, c.emit('MEAN', [c.emit('SQUARED_DIFFERENCE', [x, around]), axes], { keepDims })];
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

/** Functions over whole arrays, by the classes of `keras.ops` where it has them, and by names of TensorFlow. */
export const arrayFunctions: Readonly<Record<string, Lower>> = {
  AddN: sumOfList,
  Argsort: sorted(1),
  BandPart: bandPart,
  BatchNormalizationFunction: batchNormalization,
  BooleanMask: booleanMask,
  DiagonalPart: diagonalOf,
  Diff: difference,
  EmbeddingLookup: (c) => {
    const rows = operandAt(c, 0, 'params', 'f32') ?? c.input();
    return c.emit('GATHER', [rows, operandAt(c, 1, 'ids', 'i32') ?? c.input(1)], { axis: 0, batchDims: 0 });
  },
  Fill: filled(),
  GatherNd: gatherNd,
  Hstack: joined((rank) => (rank === 1 ? 0 : 1)),
  LocalResponse: localResponse,
  MatrixDiag: (c) => c.emit('MATRIX_DIAG', [c.input()]),
  Moments: moments,
  Ones: filled(1),
  Outer: outer,
  RandomNormal: random('RANDOM_STANDARD_NORMAL', 'mean', 'stddev'),
  RandomUniform: random('RANDOM_UNIFORM', 'minval', 'maxval'),
  Range: range,
  Rank: (c) => c.i32(c.shapeOf(c.input()).length),
  SequenceMask: sequenceMask,
  Sort: sorted(0),
  TakeAlongAxis: takeAlongAxis,
  Tensordot: tensordot,
  Trace: trace,
  Tril: (c) => banded(c, (row, column) => column - row <= offsetOf(c)),
  Triu: (c) => banded(c, (row, column) => column - row >= offsetOf(c)),
  Vstack: joined(() => 0),
  Zeros: filled(0),
};
