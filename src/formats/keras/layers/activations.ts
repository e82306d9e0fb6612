import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { Config } from '../config.js';
import { isObject, type Json } from '../json.js';
import { functionName, type LayerCall, type Lower } from './context.js';

type Activation = (c: LayerCall, x: Value) => Value;

const simple =
  (op: string): Activation =>
  (c, x) =>
    c.emit(op, [x]);

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

/** `low..high` of x. */
const clip = (c: LayerCall, x: Value, low: number, high: number): Value =>
  c.emit('MINIMUM', [c.emit('MAXIMUM', [x, c.f32(low)]), c.f32(high)]);

/** `ln(1 + e^x)`, without overflow. */
const softplus: Activation = (c, x) => {
  const small = c.emit('EXP', [c.emit('NEG', [c.emit('ABS', [x])])]);
  return c.emit('ADD', [c.emit('RELU', [x]), c.emit('LOG', [c.emit('ADD', [small, c.f32(1)])])]);
};

/** `x > 0 ? positive : negative` */
const bySign = (c: LayerCall, x: Value, positive: Value, negative: Value): Value =>
  c.emit('SELECT_V2', [c.emit('GREATER', [x, c.f32(0)]), positive, negative]);

const scaled = (c: LayerCall, x: Value, factor: number): Value =>
  factor === 1 ? x : c.emit('MUL', [x, c.f32(factor)]);

const plusOne = (c: LayerCall, x: Value): Value => c.emit('ADD', [x, c.f32(1)]);

function elu(c: LayerCall, x: Value, alpha: number): Value {
  const y = c.emit('ELU', [x]);
  return alpha === 1 ? y : bySign(c, x, x, scaled(c, y, alpha));
}

/** `clip(x / 6 + 0.5, 0, 1)`; Keras 1 and 2 have `clip(0.2 x + 0.5, 0, 1)`. */
const hardSigmoid: Activation = (c, x) => {
  if (c.state.version < 3) return clip(c, c.emit('ADD', [scaled(c, x, 0.2), c.f32(0.5)]), 0, 1);
  return scaled(c, c.emit('RELU6', [c.emit('ADD', [x, c.f32(3)])]), 1 / 6);
};

/** Shares along an axis, or their logarithms. */
export function softmax(c: LayerCall, x: Value, axis: number, op: 'SOFTMAX' | 'LOG_SOFTMAX' = 'SOFTMAX'): Value {
  const rank = c.shapeOf(x).length;
  const at = axis < 0 ? axis + rank : axis;
  const options = op === 'SOFTMAX' ? { beta: 1 } : undefined;
  if (at === rank - 1) return c.emit(op, [x], options);
  const order = Array.from({ length: rank }, (_, i) => (i === at ? rank - 1 : i === rank - 1 ? at : i));
  return c.transpose(c.emit(op, [c.transpose(x, order)], options), order);
}

/** Shares over several axes at once: `e^(x - max) / sum` */
function shareOfAll(c: LayerCall, x: Value, axes: readonly number[]): Value {
  const over = c.i32(axes);
  const powers = c.emit('EXP', [c.emit('SUB', [x, c.emit('REDUCE_MAX', [x, over], { keepDims: true })])]);
  return c.emit('DIV', [powers, c.emit('SUM', [powers, over], { keepDims: true })]);
}

const silu: Activation = (c, x) => c.emit('MUL', [x, c.emit('LOGISTIC', [x])]);
const hardSilu: Activation = (c, x) => c.emit('HARD_SWISH', [x]);

/** Activation functions by Keras's name. */
const functions: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: simple('RELU'),
  relu6: simple('RELU6'),
  elu: (c, x) => elu(c, x, 1),
  exponential: simple('EXP'),
  sigmoid: simple('LOGISTIC'),
  tanh: simple('TANH'),
  softmax: (c, x) => softmax(c, x, -1),
  log_softmax: simple('LOG_SOFTMAX'),
  selu: (c, x) => bySign(c, x, scaled(c, x, SELU_SCALE), scaled(c, c.emit('ELU', [x]), SELU_SCALE * SELU_ALPHA)),
  softplus,
  softsign: (c, x) => c.emit('DIV', [x, c.emit('ADD', [c.emit('ABS', [x]), c.f32(1)])]),
  silu,
  swish: silu,
  mish: (c, x) => c.emit('MUL', [x, c.emit('TANH', [softplus(c, x)])]),
  log_sigmoid: (c, x) => c.emit('NEG', [softplus(c, c.emit('NEG', [x]))]),
  gelu: (c, x) => c.emit('GELU', [x], { approximate: false }),
  gelu_new: (c, x) => c.emit('GELU', [x], { approximate: true }),
  hard_sigmoid: hardSigmoid,
  hard_silu: hardSilu,
  hard_swish: hardSilu,
  celu: (c, x) => elu(c, x, 1),
  glu: (c, x) => gated(c, x, c.shapeOf(x).length - 1),
  hard_shrink: (c, x) => c.emit('SELECT_V2', [c.emit('GREATER', [c.emit('ABS', [x]), c.f32(0.5)]), x, c.f32(0)]),
  soft_shrink: (c, x) => c.emit('SUB', [x, clip(c, x, -0.5, 0.5)]),
  sparse_plus: (c, x) => {
    const middle = c.emit('MUL', [plusOne(c, x), plusOne(c, x)]);
    const low = c.emit('SELECT_V2', [c.emit('LESS_EQUAL', [x, c.f32(-1)]), c.f32(0), scaled(c, middle, 0.25)]);
    return c.emit('SELECT_V2', [c.emit('LESS', [x, c.f32(1)]), low, x]);
  },
  hard_tanh: (c, x) => clip(c, x, -1, 1),
  leaky_relu: (c, x) => c.emit('LEAKY_RELU', [x], { alpha: 0.2 }),
  tanh_shrink: (c, x) => c.emit('SUB', [x, c.emit('TANH', [x])]),
  sparse_sigmoid: (c, x) => clip(c, scaled(c, plusOne(c, x), 0.5), 0, 1),
  squareplus: (c, x) => squareplus(c, x, 4),
};

/** One half along an axis, and the other one as its gate. */
export function gated(c: LayerCall, x: Value, axis: number): Value {
  const [a, b] = c.emitAll('SPLIT', [c.i32(axis), x], { numSplits: 2 }) as [Value, Value];
  return c.emit('MUL', [a, c.emit('LOGISTIC', [b])]);
}

export function squareplus(c: LayerCall, x: Value, b: number): Value {
  const root = c.emit('SQRT', [c.emit('ADD', [c.emit('MUL', [x, x]), c.f32(b)])]);
  return scaled(c, c.emit('ADD', [x, root]), 0.5);
}

/** The layer's activation, from entry `key` of its configuration: a function's name, or a layer in its place. */
export function activated(c: LayerCall, x: Value, key = 'activation'): Value {
  return activate(c, x, c.config.get(key));
}

/** @throws {ModelError} `unsupported` naming an activation that is not known. */
export function activate(c: LayerCall, x: Value, activation: Json | undefined): Value {
  if (activation === undefined) return x;
  const name = functionName(activation) ?? '';
  const known = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (known) return known(c, x);
  const config = isObject(activation) && isObject(activation.config) ? activation.config : {};
  const layer = Object.hasOwn(activationLayers, name) ? activationLayers[name] : undefined;
  const result = layer?.(c.part({ className: name, config: new Config(config), args: [{ tensor: x }], weights: [] }));
  if (result && !Array.isArray(result)) return result as Value;
  throw new ModelError(
    'unsupported',
    `has the activation '${name}', which is not known here. Use one of Keras's, or export the model as a SavedModel ` +
      '(model.export) and convert that.',
  );
}

/** `x >= max ? max : x > threshold ? x : slope (x - threshold)` */
const relu: Lower = (c) => {
  const x = c.float(c.input());
  const max = c.config.get('max_value');
  const slope = c.config.numbers('negative_slope')?.[0] ?? c.config.numbers('alpha')?.[0] ?? 0;
  const threshold = c.config.numbers('threshold')?.[0] ?? 0;
  if (threshold !== 0) {
    const below = scaled(c, c.emit('SUB', [x, c.f32(threshold)]), slope);
    const y = c.emit('SELECT_V2', [c.emit('GREATER', [x, c.f32(threshold)]), x, below]);
    return typeof max === 'number' ? c.emit('MINIMUM', [y, c.f32(max)]) : y;
  }
  if (slope === 0 && max === 6) return c.emit('RELU6', [x]);
  const y = slope === 0 ? c.emit('RELU', [x]) : c.emit('LEAKY_RELU', [x], { alpha: slope });
  return typeof max === 'number' ? c.emit('MINIMUM', [y, c.f32(max)]) : y;
};

const leakyRelu: Lower = (c) => {
  const slope = c.config.numbers('negative_slope')?.[0] ?? c.config.numbers('alpha')?.[0] ?? 0.3;
  return c.emit('LEAKY_RELU', [c.float(c.input())], { alpha: slope });
};

/** Layers that are activations. */
export const activationLayers: Readonly<Record<string, Lower>> = {
  Activation: (c) => activated(c, c.float(c.input())),
  ELU: (c) => elu(c, c.float(c.input()), c.config.number('alpha', 1)),
  LeakyReLU: leakyRelu,
  PReLU: (c) => c.emit('PRELU', [c.float(c.input()), c.weight(0, 'alpha')]),
  ReLU: relu,
  Softmax: (c) => {
    const axes = c.config.numbers('axis') ?? [-1];
    return axes.length === 1 ? softmax(c, c.float(c.input()), axes[0] ?? -1) : shareOfAll(c, c.float(c.input()), axes);
  },
  ThresholdedReLU: (c) => {
    const x = c.float(c.input());
    const isLarge = c.emit('GREATER', [x, c.f32(c.config.number('theta', 1))]);
    return c.emit('SELECT_V2', [isLarge, x, c.f32(0)]);
  },
};
