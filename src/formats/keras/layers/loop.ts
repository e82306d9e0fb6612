import { ModelError } from '../../../errors.js';
import { Graph, Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { addNode } from '../../../ops/build.js';
import type { Cell } from './cells.js';
import type { LayerCall } from './context.js';

/** What a recurrent layer gives: its output, and its last states. */
export interface Sequence {
  readonly output: Value;
  readonly states: readonly Value[];
}

/** The values that go round in a loop. `[T, N, .., G]`, `[N, .., U]` each, `[T, N, 1, ..]`, `[T, N, .., U]`. */
interface Round {
  readonly step: Value;
  readonly projected: Value;
  readonly states: readonly Value[];
  readonly mask: Value | undefined;
  readonly outputs: Value | undefined;
}

/** Axes of batch and time exchanged. */
const exchanged = (c: LayerCall, x: Value): Value =>
  c.transpose(x, [1, 0, ...Array.from(c.shapeOf(x).keys()).slice(2)]);

/**
 * A loop over the steps of `x` `[N, T, ..]`: WHILE with a graph for the condition and one for a step. The states begin
 * with `starts`, or zeros; steps that `mask` `[N, T]` leaves out change nothing.
 * @throws {ModelError} `unsupported` for a mask of more than steps
 */
export function loop(c: LayerCall, cell: Cell, x: Value, starts: readonly Value[], mask: Value | undefined): Sequence {
  const projected = exchanged(c, cell.project(c, x));
  const [steps = -1, batch = -1, ...rest] = c.shapeOf(projected);
  const state = [batch, ...rest.slice(0, -1), c.config.integer(cell.width, undefined, 1)];
  const keepsAll = c.config.bool('return_sequences', false);
  const states = Array.from({ length: cell.states }, (_, i) => starts[i] ?? filled(c, projected, state, 1));
  const start: Round = {
    step: c.i32(0),
    projected,
    states: states.map((s) => c.float(s)),
    mask: mask && maskOverTime(c, mask, rest.length),
    outputs: keepsAll ? filled(c, projected, [steps, ...state], 0) : undefined,
  };
  const end = runLoop(c, start, (inside, round) => oneStep(inside, cell, round));
  return { output: end.outputs ? exchanged(c, end.outputs) : (end.states[0] as Value), states: end.states };
}

/** A mask `[N, T]` as `[T, N, 1, ..]`, with as many axes of size 1 as given. */
function maskOverTime(c: LayerCall, mask: Value, axes: number): Value {
  if (c.shapeOf(mask).length !== 2)
    throw new ModelError(
      'unsupported',
      `a mask over batch and steps expected, got one of ${c.shapeOf(mask).length} axes. Leave out the Masking in front.`,
    );
  let result = c.transpose(mask, [1, 0]);
  for (let i = 0; i < axes; i++) result = c.emit('EXPAND_DIMS', [result, c.i32(2)]);
  return result;
}

/** Zeros of a shape whose unknown sizes are those of `like` (`[T, N, ..]`) from axis `from` on. */
function filled(c: LayerCall, like: Value, shape: Shape, from: number): Value {
  if (shape.every((d) => d >= 0)) return c.emit('FILL', [c.i32(shape), c.f32(0)]);
  const sizes = c.emit('SHAPE', [like], { outType: 'INT32' });
  const all = shape.map((d, i) => (d >= 0 ? c.i32(d) : c.sizeAt(sizes, i + from)));
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
  const [, ...others] = c.shapeOf(outputs);
  const start = c.emit('PACK', [step, ...others.map(() => c.i32(0))], { valuesCount: others.length + 1, axis: 0 });
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
