import { Value } from '../../../ir/graph.js';
import { functionName, type LayerCall } from './context.js';

/** Activations that the fused operators know. */
const FUSED: Readonly<Record<string, string>> = { tanh: 'TANH', relu: 'RELU', linear: 'NONE' };

/**
 * The layer as one operator over the sequence, `[N, T, I]` to `[N, T, U]` or `[N, U]`: for a batch of known size, because
 * its states are tensors of the model, and for the usual activations. Undefined where that does not do.
 */
export function fusedSequence(c: LayerCall, x: Value): Value | undefined {
  const [batch = -1, steps = -1] = c.shapeOf(x);
  if (batch < 0 || steps < 0 || c.config.bool('return_state', false)) return undefined;
  const activation = FUSED[functionName(c.config.get('activation')) ?? 'tanh'];
  if (activation === undefined) return undefined;
  const all = sequenceOf(c, x, batch, activation);
  if (!all || c.config.bool('return_sequences', false)) return all;
  const units = c.config.integer('units', undefined, 1);
  const last = c.emit('SLICE', [all, c.i32([0, steps - 1, 0]), c.i32([batch, 1, units])]);
  return c.emit('RESHAPE', [last, c.i32([batch, units])]);
}

function sequenceOf(c: LayerCall, x: Value, batch: number, activation: string): Value | undefined {
  const { className } = c.facts;
  if (className === 'SimpleRNN') return simpleSequence(c, x, batch, activation);
  const gate = functionName(c.config.get('recurrent_activation')) ?? 'hard_sigmoid';
  return className === 'LSTM' && activation === 'TANH' && gate === 'sigmoid' ? lstmSequence(c, x, batch) : undefined;
}

/** A tensor that keeps what it holds from one run to the next; zeros at the start. */
function stateOf(c: LayerCall, batch: number, name: string): Value {
  const value = new Value(c.unique(name), 'f32', [batch, c.config.integer('units', undefined, 1)]);
  value.isVariable = true;
  return value;
}

function simpleSequence(c: LayerCall, x: Value, batch: number, fusedActivationFunction: string): Value {
  const units = c.config.integer('units', undefined, 1);
  const weights = c.transpose(c.weight(0, 'kernel'), [1, 0]);
  const recurrent = c.transpose(c.weight(1, 'recurrent_kernel'), [1, 0]);
  const bias = c.config.bool('use_bias', true) ? c.weight(2, 'bias') : c.f32(new Array<number>(units).fill(0));
  const inputs = [x, weights, recurrent, bias, stateOf(c, batch, 'state')];
  return c.emit('UNIDIRECTIONAL_SEQUENCE_RNN', inputs, { timeMajor: false, fusedActivationFunction });
}

/** Part `index` of weights `[.., 4U]` along the last axis, with that axis first. */
function gateOf(c: LayerCall, weights: Value, index: number, name: string): Value {
  const units = c.config.integer('units', undefined, 1);
  const rest = (weights.shape ?? []).slice(0, -1);
  const start = [...rest.map(() => 0), index * units];
  const part = c.derive(weights, `gate ${index}`, () => {
    const slice = c.emit('SLICE', [weights, c.i32(start), c.i32([...rest, units])]);
    return rest.length === 1 ? c.emit('TRANSPOSE', [slice, c.i32([1, 0])]) : slice;
  });
  if (part.constant) return Value.constant(`${weights.name}_${name}`, part.constant);
  return part;
}

/** Gates in Keras's order: input, forget, cell, output. */
const GATES = ['input', 'forget', 'cell', 'output'] as const;

function lstmSequence(c: LayerCall, x: Value, batch: number): Value {
  const units = c.config.integer('units', undefined, 1);
  const [kernel, recurrent] = [c.weight(0, 'kernel'), c.weight(1, 'recurrent_kernel')];
  const bias = c.config.bool('use_bias', true) ? c.weight(2, 'bias') : c.f32(new Array<number>(4 * units).fill(0));
  const gates = (weights: Value): Value[] => GATES.map((name, i) => gateOf(c, weights, i, name));
  const none = [undefined, undefined, undefined];
  const states = [stateOf(c, batch, 'output_state'), stateOf(c, batch, 'cell_state')];
  const projection = [undefined, undefined];
  const inputs = [x, ...gates(kernel), ...gates(recurrent), ...none, ...gates(bias), ...projection, ...states];
  return c.emit('UNIDIRECTIONAL_SEQUENCE_LSTM', [...inputs, undefined, undefined, undefined, undefined], {
    fusedActivationFunction: 'TANH',
    cellClip: 0,
    projClip: 0,
    timeMajor: false,
  });
}
