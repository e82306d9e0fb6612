import { ModelError } from '../../../errors.js';
import { Graph, Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { addNode } from '../../../ops/build.js';
import { Config } from '../config.js';
import { isObject } from '../json.js';
import { type Cell, cells } from './cells.js';
import { functionName, type LayerCall, type Lower, tensorsOf } from './context.js';
import { fusedSequence } from './fused.js';

/** What a recurrent layer gives: its output, and its last states. */
interface Sequence {
  readonly output: Value;
  readonly states: readonly Value[];
}

/** A recurrent layer; `RNN` holds the configuration of its cell. */
const recurrent: Lower = (c) => {
  const { output, states } = runLayer(c);
  return c.config.bool('return_state', false) ? [output, ...states] : output;
};

/** A layer `RNN` over a cell as the layer of that cell. */
function withCell(c: LayerCall): LayerCall {
  if (c.facts.className !== 'RNN') return c;
  const cell = c.config.layer('cell');
  const className = String(cell.class_name).replace(/Cell$/, '');
  const config = isObject(cell.config) ? cell.config : {};
  return c.part({ className, config: new Config({ ...config, ...c.config.object }) });
}

function runLayer(call: LayerCall): Sequence {
  const c = withCell(call);
  const cell = Object.hasOwn(cells, c.facts.className) ? cells[c.facts.className] : undefined;
  if (!cell) throw new ModelError('unsupported', `has a cell of class ${c.facts.className}, which is not known here.`);
  if (c.config.bool('time_major', false)) throw new ModelError('unsupported', 'has time as first axis.');
  const [first, ...given] = c.inputs;
  const initial = c.facts.kwargs.initial_state;
  const starts = initial ? tensorsOf([initial]) : given;
  const mask = c.mask;
  const isBackward = c.config.bool('go_backwards', false);
  const along = (x: Value): Value => (isBackward ? c.emit('REVERSE_V2', [x, c.i32([1])]) : x);
  const x = along(c.float(first ?? c.input()));
  const fused = mask || starts.length > 0 ? undefined : fusedSequence(c, x);
  if (fused) return { output: fused, states: [] };
  if (c.config.bool('stateful', false))
    c.state.warn(`${c.facts.className} '${c.name}': is stateful in Keras; here every run starts from zero`);
  const sequence = loop(c, cell, x, starts, mask && along(mask));
  if (mask && c.config.bool('return_sequences', false)) c.state.masks.set(sequence.output, mask);
  return sequence;
}

/** The values that go round in a loop. `[T, N, G]`, `[N, U]` each, `[T, N, 1]`, `[T, N, U]`. */
interface Round {
  readonly step: Value;
  readonly projected: Value;
  readonly states: readonly Value[];
  readonly mask: Value | undefined;
  readonly outputs: Value | undefined;
}

/** A loop over the steps: WHILE with a graph for the condition and one for a step. */
function loop(c: LayerCall, cell: Cell, x: Value, starts: readonly Value[], mask: Value | undefined): Sequence {
  const units = c.config.integer('units', undefined, 1);
  const projected = c.transpose(cell.project(c, x), [1, 0, 2]);
  const [steps = -1, batch = -1] = c.shapeOf(projected);
  const keepsAll = c.config.bool('return_sequences', false);
  const states = Array.from({ length: cell.states }, (_, i) => starts[i] ?? filled(c, projected, [batch, units]));
  const start: Round = {
    step: c.i32(0),
    projected,
    states: states.map((s) => c.float(s)),
    mask: mask && c.emit('EXPAND_DIMS', [c.transpose(mask, [1, 0]), c.i32(2)]),
    outputs: keepsAll ? filled(c, projected, [steps, batch, units]) : undefined,
  };
  const end = runLoop(c, start, (inside, round) => oneStep(inside, cell, round));
  const output = end.outputs ? c.transpose(end.outputs, [1, 0, 2]) : (end.states[0] as Value);
  return { output, states: end.states };
}

/** Zeros of a shape whose unknown sizes are those of `like` (`[T, N, ..]`). */
function filled(c: LayerCall, like: Value, shape: Shape): Value {
  const offset = shape.length === 2 ? 1 : 0;
  if (shape.every((d) => d >= 0)) return c.emit('FILL', [c.i32(shape), c.f32(0)]);
  const sizes = c.emit('SHAPE', [like], { outType: 'INT32' });
  const all = shape.map((d, i) => (d >= 0 ? c.i32(d) : c.sizeAt(sizes, i + offset)));
  return c.emit('FILL', [c.emit('PACK', all, { valuesCount: all.length, axis: 0 }), c.f32(0)]);
}

/** The states after a step, where the mask lets it count. */
function oneStep(c: LayerCall, cell: Cell, round: Round): Round {
  const now = (x: Value): Value => c.emit('GATHER', [x, round.step], { axis: 0, batchDims: 0 });
  const computed = cell.step(c, now(round.projected), round.states);
  const counts = round.mask && now(round.mask);
  const states = computed.map((s, i) => (counts ? c.emit('SELECT_V2', [counts, s, round.states[i]]) : s));
  const [h] = states as [Value];
  const isZeroed = counts && c.config.bool('zero_output_for_mask', false);
  const shown = isZeroed ? c.emit('SELECT_V2', [counts, h, c.f32(0)]) : h;
  return { ...round, step: c.emit('ADD', [round.step, c.i32(1)]), states, outputs: round.outputs && stored(c, round.outputs, round.step, shown) }; // biome-ignore format: long
}

/** `outputs` with row `step` replaced. */
function stored(c: LayerCall, outputs: Value, step: Value, row: Value): Value {
  const start = c.emit('PACK', [step, c.i32(0), c.i32(0)], { valuesCount: 3, axis: 0 });
  return c.emit('DYNAMIC_UPDATE_SLICE', [outputs, c.emit('EXPAND_DIMS', [row, c.i32(0)]), start]);
}

const valuesOf = ({ step, projected, states, mask, outputs }: Round): Value[] => [
  step,
  projected,
  ...states,
  ...(mask ? [mask] : []),
  ...(outputs ? [outputs] : []),
];

function roundOf(values: readonly Value[], like: Round): Round {
  const rest = values.slice(2 + like.states.length);
  return {
    step: values[0] as Value,
    projected: values[1] as Value,
    states: values.slice(2, 2 + like.states.length),
    mask: like.mask && rest[0],
    outputs: like.outputs && rest[like.mask ? 1 : 0],
  };
}

function runLoop(c: LayerCall, start: Round, work: (inside: LayerCall, round: Round) => Round): Round {
  const inputs = valuesOf(start);
  const graphOf = (kind: string): [LayerCall, Round] => {
    const graph = new Graph(c.unique(kind));
    graph.inputs.push(...inputs.map((v, i) => new Value(`${graph.name}/${i}`, v.dtype, v.shape)));
    c.state.graphs.push(graph);
    return [c.within(graph), roundOf(graph.inputs, start)];
  };
  const [condition, before] = graphOf('condition');
  const condSubgraphIndex = c.state.graphs.length - 1;
  const [steps = -1] = before.projected.shape ?? [];
  const count = steps >= 0 ? condition.i32(steps) : condition.sizeAt(condition.emit('SHAPE', [before.projected], { outType: 'INT32' }), 0); // biome-ignore format: long
  condition.graph.outputs.push(condition.emit('LESS', [before.step, count]));
  const [body, round] = graphOf('step');
  const bodySubgraphIndex = c.state.graphs.length - 1;
  const after = valuesOf(work(body, round));
  body.graph.outputs.push(...after);
  const options = { condSubgraphIndex, bodySubgraphIndex };
  const results = addNode(c.graph, undefined, { op: 'WHILE', name: c.unique('while'), inputs, options });
  return roundOf(results, start);
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

/** A layer on every step: time is folded into the batch. */
const timeDistributed: Lower = (c) => {
  const layer = c.config.layer('layer');
  const x = c.input();
  const [n = -1, t = -1, ...rest] = c.shapeOf(x);
  const steps = c.reshape(x, [n < 0 || t < 0 ? -1 : n * t, ...rest]);
  const inside = c.part({
    className: functionName(layer) ?? '',
    config: new Config(isObject(layer.config) ? layer.config : {}),
    args: [{ tensor: steps }],
  });
  const results = c.state.lowerLayer(inside);
  return results.map((y) => c.reshape(y, [n, t, ...c.shapeOf(y).slice(1)], x));
};

/** Layers over time. */
export const recurrentLayers: Readonly<Record<string, Lower>> = {
  Bidirectional: bidirectional,
  GRU: recurrent,
  LSTM: recurrent,
  RNN: recurrent,
  SimpleRNN: recurrent,
  TimeDistributed: timeDistributed,
};
