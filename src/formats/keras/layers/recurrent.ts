import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { Config } from '../config.js';
import { isObject, type JsonObject } from '../json.js';
import { type Cell, cells } from './cells.js';
import { type LayerCall, type Lower, tensorsOf } from './context.js';
import { withoutCudnn } from './cudnn.js';
import { fusedSequence } from './fused.js';
import { toFirst, toLast } from './layout.js';
import { loop, type Sequence } from './loop.js';

/** A recurrent layer; `RNN` holds the configuration of its cell. */
const recurrent: Lower = (c) => {
  const { output, states } = runLayer(c);
  return c.config.bool('return_state', false) ? [output, ...states] : output;
};

/** A cell of the layer, and the layer as one of that cell alone. */
interface Stage {
  readonly cell: Cell;
  readonly call: LayerCall;
}

/**
 * The cells of a layer, in order: one; those that an `RNN` over `StackedRNNCells` stacks are layers in sequence.
 * @throws {ModelError} `unsupported` naming the class of a cell that is not known
 */
function stagesOf(c: LayerCall): Stage[] {
  const { className } = c.facts;
  if (className !== 'RNN') return [{ cell: cellOf(className, className), call: c }];
  let used = 0;
  return flatCells(c.config.layer('cell'), 0).map((json) => {
    const name = String(json.class_name);
    const own = name.replace(/Cell$/, '');
    const cell = cellOf(own, name);
    const config = new Config({ ...(isObject(json.config) ? json.config : {}), ...c.config.object });
    const first = used;
    used += config.bool('use_bias', true) ? 3 : 2;
    return { cell, call: c.part({ className: own, config, weights: c.facts.weights.slice(first, used) }) };
  });
}

function cellOf(layer: string, name: string): Cell {
  const cell = Object.hasOwn(cells, layer) ? cells[layer] : undefined;
  if (cell) return cell;
  throw new ModelError(
    'unsupported',
    `has a cell of class ${name}, which is not known here. Use cells of Keras: LSTMCell, GRUCell, SimpleRNNCell.`,
  );
}

/** Stacks in stacks, deeper than any model has. */
const DEEPEST = 20;

/** The configurations of a cell, or of those that are stacked in it. */
function flatCells(cell: JsonObject, depth: number): JsonObject[] {
  if (cell.class_name !== 'StackedRNNCells') return [cell];
  const list = isObject(cell.config) ? cell.config.cells : undefined;
  if (!Array.isArray(list) || list.length === 0 || !list.every(isObject) || depth > DEEPEST)
    throw new ModelError('malformed-file', 'cells: a list of cells expected in StackedRNNCells');
  if (isObject(cell.config) && cell.config.reverse_state_order === true)
    throw new ModelError('unsupported', 'has stacked cells with reverse_state_order. Make them without it.');
  return list.flatMap((inner) => flatCells(inner, depth + 1));
}

/** Channels of images that are first go to the end for the work (`toLast`), and back (`toFirst`). */
const channelsTo = (c: LayerCall, place: typeof toLast, x: Value, axis: number): Value =>
  c.config.dataFormat === 'channels_first' ? c.transpose(x, place(c.shapeOf(x).length, axis)) : x;

/** The states that a layer is told to begin with. */
function statesGiven(c: LayerCall): readonly Value[] {
  const initial = c.facts.kwargs.initial_state;
  return initial ? tensorsOf([initial]) : c.inputs.slice(1);
}

/** Keras 3 tells a layer which steps count only where its input is the only tensor. */
const maskOf = (c: LayerCall): Value | undefined =>
  c.state.version >= 3 && statesGiven(c).length > 0 ? c.named('mask') : c.mask;

function runLayer(call: LayerCall): Sequence {
  const c = withoutCudnn(call);
  if (c.config.bool('time_major', false)) throw new ModelError('unsupported', 'has time as first axis.');
  const stages = stagesOf(c);
  const [first] = c.inputs;
  const starts = statesGiven(c).map((s) => channelsTo(c, toLast, s, 1));
  const mask = maskOf(c);
  const isBackward = c.config.bool('go_backwards', false);
  const along = (x: Value): Value => (isBackward ? c.emit('REVERSE_V2', [x, c.i32([1])]) : x);
  const x = along(channelsTo(c, toLast, c.float(first ?? c.input()), 2));
  const result = runStages(stages, x, starts, mask && along(mask));
  const isSequence = c.config.bool('return_sequences', false);
  const output = channelsTo(c, toFirst, result.output, isSequence ? 2 : 1);
  if (c.mask && isSequence) c.state.masks.set(output, c.mask);
  return { output, states: result.states.map((s) => channelsTo(c, toFirst, s, 1)) };
}

/** Each cell over all steps of the one before; `starts` has the states of one after the other. */
function runStages(stages: readonly Stage[], x: Value, starts: readonly Value[], mask: Value | undefined): Sequence {
  const states: Value[] = [];
  let output = x;
  let isFused = true;
  for (const [i, { cell, call }] of stages.entries()) {
    const isInner = i < stages.length - 1;
    const c = isInner ? call.part({ config: new Config({ ...call.config.object, return_sequences: true }) }) : call;
    const own = starts.slice(states.length, states.length + cell.states);
    const fused = mask || starts.length > 0 ? undefined : fusedSequence(c, output);
    const result = fused ? { output: fused, states: [] } : loop(c, cell, output, own, mask);
    isFused &&= fused !== undefined;
    output = result.output;
    states.push(...result.states);
  }
  const [{ call: c }] = stages as [Stage];
  if (!isFused && c.config.bool('stateful', false))
    c.state.warn(`${c.facts.className} '${c.name}': is stateful in Keras; here every run starts from zero`);
  return { output, states };
}

/** Both directions of a layer, merged. */
const bidirectional: Lower = (c) => {
  const forward = c.config.layer('layer');
  const given = c.config.get('backward_layer');
  const config = isObject(forward.config) ? forward.config : {};
  const flipped = { ...forward, config: { ...config, go_backwards: config.go_backwards !== true } };
  const backward = isObject(given) && isObject(given.config) ? given : flipped;
  const mask = maskOf(c);
  const starts = statesGiven(c);
  const middle = c.facts.weights.length / 2;
  const run = (
    name: string,
    json: JsonObject,
    weights: readonly [number, number?],
    states: readonly Value[],
  ): Sequence =>
    runLayer(
      c.part({
        className: String(json.class_name),
        name: `${c.name}/${name}`,
        config: new Config({ ...(json.config as JsonObject), ...(mask && { zero_output_for_mask: true }) }),
        weights: c.facts.weights.slice(...weights),
        args: [{ tensor: c.input() }],
        kwargs: { ...(mask && { mask: { tensor: mask } }), ...(states.length > 0 && { initial_state: { list: states.map((tensor) => ({ tensor })) } }) }, // biome-ignore format: long
      }),
    );
  const a = run('forward', { ...forward, config }, [0, middle], starts.slice(0, starts.length / 2));
  const b = run('backward', backward, [middle], starts.slice(starts.length / 2));
  const isSequence = config.return_sequences === true;
  const reversed = isSequence ? c.emit('REVERSE_V2', [b.output, c.i32([1])]) : b.output;
  const merged = mergedOutputs(c, a.output, reversed);
  if (c.mask && isSequence) for (const v of merged) c.state.masks.set(v, c.mask);
  return config.return_state === true ? [...merged, ...a.states, ...b.states] : merged;
};

function mergedOutputs(c: LayerCall, a: Value, b: Value): Value[] {
  const mode = c.config.object.merge_mode === null ? 'none' : c.config.string('merge_mode', 'concat');
  if (mode === 'none') return [a, b];
  if (mode === 'concat') return [c.emit('CONCATENATION', [a, b], { axis: c.shapeOf(a).length - 1 })];
  if (mode === 'mul') return [c.emit('MUL', [a, b])];
  const sum = c.emit('ADD', [a, b]);
  return [mode === 'ave' ? c.emit('MUL', [sum, c.f32(0.5)]) : sum];
}

/** Layers over time. */
export const recurrentLayers: Readonly<Record<string, Lower>> = {
  Bidirectional: bidirectional,
  ConvLSTM1D: recurrent,
  ConvLSTM2D: recurrent,
  ConvLSTM3D: recurrent,
  CuDNNGRU: recurrent,
  CuDNNLSTM: recurrent,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  SimpleRNN: recurrent,
};
