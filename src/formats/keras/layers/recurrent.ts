import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { Config } from '../config.js';
import { isObject, type JsonObject } from '../json.js';
import { type Cell, cells } from './cells.js';
import { type LayerCall, type Lower, tensorsOf } from './context.js';
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

function runLayer(c: LayerCall): Sequence {
  if (c.config.bool('time_major', false)) throw new ModelError('unsupported', 'has time as first axis.');
  const stages = stagesOf(c);
  const [first, ...given] = c.inputs;
  const initial = c.facts.kwargs.initial_state;
  const starts = (initial ? tensorsOf([initial]) : given).map((s) => channelsTo(c, toLast, s, 1));
  const mask = c.mask;
  const isBackward = c.config.bool('go_backwards', false);
  const along = (x: Value): Value => (isBackward ? c.emit('REVERSE_V2', [x, c.i32([1])]) : x);
  const x = along(channelsTo(c, toLast, c.float(first ?? c.input()), 2));
  const result = runStages(stages, x, starts, mask && along(mask));
  const isSequence = c.config.bool('return_sequences', false);
  const output = channelsTo(c, toFirst, result.output, isSequence ? 2 : 1);
  if (mask && isSequence) c.state.masks.set(output, mask);
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
  const half = c.facts.weights.length / 2;
  const config = isObject(forward.config) ? forward.config : {};
  const isBackward = config.go_backwards === true;
  const flipped = { ...config, go_backwards: !isBackward };
  const backConfig = isObject(given) && isObject(given.config) ? given.config : flipped;
  const className = String(forward.class_name);
  const more = c.mask ? { zero_output_for_mask: true } : {};
  const run = (name: string, own: typeof config, from: number): Sequence =>
    runLayer(
      c.part({
        className,
        name: `${c.name}/${name}`,
        config: new Config({ ...own, ...more }),
        weights: c.facts.weights.slice(from, from + half),
      }),
    );
  const [a, b] = [run('forward', config, 0), run('backward', backConfig, half)];
  const isSequence = config.return_sequences === true;
  const reversed = isSequence ? c.emit('REVERSE_V2', [b.output, c.i32([1])]) : b.output;
  const merged = mergedOutputs(c, a.output, reversed);
  const mask = c.mask;
  if (mask && isSequence) for (const v of merged) c.state.masks.set(v, mask);
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
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  SimpleRNN: recurrent,
};
