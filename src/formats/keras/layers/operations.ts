import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Json } from '../json.js';
import { activate } from './activations.js';
import type { LayerCall, Lower, Operand } from './context.js';
import { concatenate, operandsOf } from './merge.js';

const binary =
  (op: string): Lower =>
  (c) => {
    const [a, b] = operandsOf(c);
    if (!a || !b) throw new ModelError('malformed-file', 'expects two operands');
    return c.emit(op, [a, b]);
  };
const unary =
  (op: string): Lower =>
  (c) =>
    c.emit(op, [c.input()]);
const function_ =
  (name: string): Lower =>
  (c) =>
    activate(c, c.float(c.input()), name);

const numbersOf = (json: Json | undefined): number[] | undefined =>
  typeof json === 'number'
    ? [json]
    : Array.isArray(json) && json.every((n) => typeof n === 'number')
      ? json
      : undefined;

const reduction =
  (op: string): Lower =>
  (c) => {
    const x = op === 'MEAN' ? c.float(c.input()) : c.input();
    const all = Array.from({ length: c.shapeOf(x).length }, (_, i) => i);
    const axes = numbersOf(c.plain(1, 'axis')) ?? all;
    return c.emit(op, [x, c.i32(axes)], { keepDims: c.plain(2, 'keepdims') === true });
  };

export const reshapeOperation: Lower = (c) => {
  const target =
    numbersOf(c.plain(1, 'shape')) ?? numbersOf(c.config.get('newshape')) ?? numbersOf(c.config.get('target_shape'));
  if (!target) throw new ModelError('unsupported', 'reshapes to sizes that are computed when the model runs.');
  return c.reshape(c.input(), target);
};

const transpose: Lower = (c) => {
  const x = c.input();
  const rank = c.shapeOf(x).length;
  const reversed = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  return c.transpose(x, numbersOf(c.plain(1, 'perm')) ?? numbersOf(c.plain(1, 'axes')) ?? reversed);
};

const squeeze: Lower = (c) => c.emit('SQUEEZE', [c.input()], { squeezeDims: numbersOf(c.plain(1, 'axis')) ?? [] });

const matmul: Lower = (c) => {
  const [a, b] = operandsOf(c);
  if (!a || !b) throw new ModelError('malformed-file', 'expects two operands');
  const [adjX, adjY] = [c.plain(2, 'transpose_a') === true, c.plain(3, 'transpose_b') === true];
  return c.emit('BATCH_MATMUL', [a, b], { adjX, adjY });
};

const stack: Lower = (c) => {
  const axis = numbersOf(c.plain(1, 'axis'))?.[0] ?? 0;
  const rank = c.shapeOf(c.input()).length + 1;
  return c.emit('PACK', c.inputs, { valuesCount: c.inputs.length, axis: axis < 0 ? axis + rank : axis });
};

const DTYPES = { float32: 'f32', int32: 'i32', bool: 'bool' } as const;
const cast: Lower = (c) => {
  const name = String(c.plain(1, 'dtype'));
  if (!Object.hasOwn(DTYPES, name)) throw new ModelError('unsupported', `casts to ${name}.`);
  return c.cast(c.input(), DTYPES[name as keyof typeof DTYPES]);
};

/** The slices of `x[...]`: objects with start, stop and step, numbers, or null for a new axis. */
function slicesOf(operand: Operand | undefined): readonly Json[] | undefined {
  const json = operand && toJson(operand);
  return json === undefined ? undefined : Array.isArray(json) ? json : [json];
}

function toJson(operand: Operand): Json | undefined {
  if ('value' in operand) return operand.value;
  if ('tensor' in operand) return undefined;
  const list = operand.list.map(toJson);
  return list.every((v) => v !== undefined) ? (list as Json[]) : undefined;
}

const getItem: Lower = (c) => {
  const x = c.input();
  const items = slicesOf(c.facts.args[1] ?? c.facts.kwargs.slice_spec ?? c.facts.kwargs.key);
  if (!items) throw new ModelError('unsupported', 'is indexed by a value that is computed when the model runs.');
  return slice(c, x, items);
};

/** `{start, stop, step}` of Keras 2, `{class_name: '__slice__'}` or a list of the three of Keras 3. */
function partsOf(item: Json): readonly Json[] {
  if (typeof item !== 'object' || item === null) return [];
  if (Array.isArray(item)) return item;
  const object = item as Readonly<Record<string, Json>>;
  const config = object.config;
  const source = (
    typeof config === 'object' && config !== null && !Array.isArray(config) ? config : object
  ) as typeof object;
  return [source.start ?? null, source.stop ?? null, source.step ?? null];
}

function slice(c: LayerCall, x: Value, items: readonly Json[]): Value {
  const rank = c.shapeOf(x).length;
  const [begin, end, strides]: [number[], number[], number[]] = [[], [], []];
  const masks = { beginMask: 0, endMask: 0, shrinkAxisMask: 0, ellipsisMask: 0, newAxisMask: 0 };
  for (const [i, item] of items.entries()) {
    const [start, stop, step] = partsOf(item);
    const isNumber = typeof item === 'number';
    begin.push(isNumber ? item : typeof start === 'number' ? start : 0);
    end.push(isNumber ? item + 1 : typeof stop === 'number' ? stop : 0);
    strides.push(typeof step === 'number' ? step : 1);
    if (isNumber) masks.shrinkAxisMask |= 1 << i;
    else if (item === null) masks.newAxisMask |= 1 << i;
    else if (item === 'Ellipsis' || item === '...') masks.ellipsisMask |= 1 << i;
    if (isNumber && item === -1) masks.endMask |= 1 << i;
    if (!isNumber && typeof start !== 'number') masks.beginMask |= 1 << i;
    if (!isNumber && typeof stop !== 'number') masks.endMask |= 1 << i;
  }
  if (items.length > rank + 2) throw new ModelError('malformed-file', `has ${items.length} indices for ${rank} axes`);
  return c.emit('STRIDED_SLICE', [x, c.i32(begin), c.i32(end), c.i32(strides)], masks);
}

const expandDims: Lower = (c) => c.emit('EXPAND_DIMS', [c.input(), c.i32(numbersOf(c.plain(1, 'axis'))?.[0] ?? -1)]);

/** Functions of `keras.ops` that a functional model of Keras 3 records as layers, by their class. */
export const keras3Operations: Readonly<Record<string, Lower>> = {
  Abs: unary('ABS'),
  Absolute: unary('ABS'),
  Any: reduction('REDUCE_ANY'),
  Cast: cast,
  Clip: (c) => {
    const [low, high] = [numbersOf(c.plain(1, 'x_min'))?.[0], numbersOf(c.plain(2, 'x_max'))?.[0]];
    const raised = low === undefined ? c.input() : c.emit('MAXIMUM', [c.input(), c.make(c.input().dtype, low)]);
    return high === undefined ? raised : c.emit('MINIMUM', [raised, c.make(c.input().dtype, high)]);
  },
  Divide: binary('DIV'),
  Elu: function_('elu'),
  Equal: binary('EQUAL'),
  Exp: unary('EXP'),
  ExpandDims: expandDims,
  Gelu: (c) => c.emit('GELU', [c.float(c.input())], { approximate: c.plain(1, 'approximate') !== false }),
  GetItem: getItem,
  Greater: binary('GREATER'),
  GreaterEqual: binary('GREATER_EQUAL'),
  HardSigmoid: function_('hard_sigmoid'),
  HardSilu: function_('hard_silu'),
  LeakyRelu: (c) =>
    c.emit('LEAKY_RELU', [c.float(c.input())], { alpha: numbersOf(c.plain(1, 'negative_slope'))?.[0] ?? 0.2 }),
  Less: binary('LESS'),
  LessEqual: binary('LESS_EQUAL'),
  Log: unary('LOG'),
  LogicalAnd: binary('LOGICAL_AND'),
  LogicalNot: unary('LOGICAL_NOT'),
  LogicalOr: binary('LOGICAL_OR'),
  LogSoftmax: function_('log_softmax'),
  Matmul: matmul,
  Max: reduction('REDUCE_MAX'),
  Mean: reduction('MEAN'),
  Min: reduction('REDUCE_MIN'),
  Negative: unary('NEG'),
  NotEqual: binary('NOT_EQUAL'),
  Power: binary('POW'),
  Relu: function_('relu'),
  Relu6: function_('relu6'),
  Rsqrt: unary('RSQRT'),
  Selu: function_('selu'),
  Sigmoid: function_('sigmoid'),
  Silu: function_('silu'),
  Softplus: function_('softplus'),
  Sqrt: unary('SQRT'),
  Square: (c) => c.emit('MUL', [c.input(), c.input()]),
  Squeeze: squeeze,
  Stack: stack,
  Sum: reduction('SUM'),
  Tanh: function_('tanh'),
  Transpose: transpose,
  TrueDivide: binary('DIV'),
  Where: (c) => {
    const [condition, a, b] = c.inputs;
    if (!condition || !a || !b) throw new ModelError('unsupported', 'expects a condition and two tensors.');
    return c.emit('SELECT_V2', [condition, a, b]);
  },
};

/** TensorFlow functions that a functional model of Keras 2 records as layers, by the name in `function`. */
const tensorFlowFunctions: Readonly<Record<string, Lower>> = {
  '__operators__.add': binary('ADD'),
  '__operators__.getitem': getItem,
  cast,
  concat: concatenate,
  expand_dims: expandDims,
  'linalg.matmul': matmul,
  'math.abs': unary('ABS'),
  'math.add': binary('ADD'),
  'math.divide': binary('DIV'),
  'math.exp': unary('EXP'),
  'math.log': unary('LOG'),
  'math.maximum': binary('MAXIMUM'),
  'math.minimum': binary('MINIMUM'),
  'math.multiply': binary('MUL'),
  'math.negative': unary('NEG'),
  'math.pow': binary('POW'),
  'math.reduce_max': reduction('REDUCE_MAX'),
  'math.reduce_mean': reduction('MEAN'),
  'math.reduce_min': reduction('REDUCE_MIN'),
  'math.reduce_sum': reduction('SUM'),
  'math.sigmoid': function_('sigmoid'),
  'math.sqrt': unary('SQRT'),
  'math.square': (c) => c.emit('MUL', [c.input(), c.input()]),
  'math.subtract': binary('SUB'),
  'math.tanh': function_('tanh'),
  'math.truediv': binary('DIV'),
  'nn.gelu': function_('gelu'),
  'nn.relu': function_('relu'),
  'nn.relu6': function_('relu6'),
  'nn.silu': function_('silu'),
  'nn.softmax': function_('softmax'),
  reshape: reshapeOperation,
  squeeze,
  stack,
  transpose,
};

/** `TFOpLambda` and its kin: the name of the function is in the configuration. */
export const functionLayers: Readonly<Record<string, Lower>> = {
  SlicingOpLambda: getItem,
  TFOpLambda: (c) => {
    const name = c.config.string('function');
    const lower = Object.hasOwn(tensorFlowFunctions, name) ? tensorFlowFunctions[name] : undefined;
    if (lower) return lower(c);
    throw new ModelError('unsupported', `calls the TensorFlow function '${name}', which is not known here.`);
  },
};
