import type { Node } from '../../../ir/graph.js';
import { Value } from '../../../ir/graph.js';
import type { Shape } from '../../../ir/tensor.js';
import { type Cell, type Gate, gateOf, lstmCellOf, plainCellOf } from './cells.js';
import type { Lowering } from './context.js';
import { isZero, type Steps, stepsOf } from './loop-steps.js';
import type { Loop } from './loops.js';
import { transpose } from './shapes.js';

/** What is known of a loop over a recurrent cell. Numbers are positions of loop variables. */
interface Recurrence {
  readonly steps: Steps;
  readonly output: number;
  readonly state: number | undefined;
  readonly cell: Cell;
  /** Batch, sizes of the output and of the cell state. */
  readonly size: readonly [number, number, number];
}

/**
 * A loop that runs a long short-term memory or a plain recurrent cell over a list, from zeros on, as the operator for the
 * whole sequence: its outputs by their position in the operation. The operator keeps its state in variable tensors, so the
 * batch is known. Undefined for all other loops, and when something reads a state that the operator does not give.
 */
export function recurrentLayer(c: Lowering, loop: Loop): ReadonlyMap<number, Value> | undefined {
  const found = recurrenceOf(loop);
  if (!found) return undefined;
  const { steps, output, state } = found;
  const isRead = (at: number) => c.isRead(loop.outputs[at] as number);
  if ((state !== undefined && isRead(state)) || steps.counters.some(isRead)) return undefined;
  const gates = gatesOf(c, loop, found);
  if (!gates || !canQuantize(found.cell, gates)) return undefined;
  const list = loop.begin[steps.list] as Value;
  const { input, timeMajor } = steps.axis === 1 ? { input: list, timeMajor: false } : sequenceOf(c, list);
  const sequence = emitLayer(c, found, gates, input, timeMajor);
  const results = new Map<number, Value>();
  const last = () => lastStep(c, sequence, timeMajor);
  for (const [at, number] of loop.outputs.entries()) {
    if (at === output) results.set(number, isRead(at) ? last() : (loop.begin[at] as Value));
    else if (steps.written.get(at) === 'last')
      results.set(number, c.emit('RESHAPE', [last(), c.i32([1, found.size[0], found.size[1]])]));
    else if (steps.written.get(at) === 'all')
      results.set(number, timeMajor ? sequence : transpose(c, sequence, [1, 0, 2]));
    else results.set(number, loop.begin[at] as Value);
  }
  return results;
}

function recurrenceOf(loop: Loop): Recurrence | undefined {
  const { body, begin } = loop;
  const steps = stepsOf(loop);
  if (!steps) return undefined;
  const states = body.inputs.flatMap((value, i) => {
    const isState =
      !steps.counters.includes(i) && !steps.written.has(i) && i !== steps.list && !steps.fixed.includes(i);
    return isState && value.dtype === 'f32' ? [i] : [];
  });
  const known = steps.counters.length + steps.written.size + steps.fixed.length + states.length;
  const [first, second] = states;
  if (known !== body.inputs.length || first === undefined || states.length > 2) return undefined;
  if (!states.every((i) => isZero(begin[i] as Value))) return undefined;
  if (second === undefined) {
    const cell = plainCellOf(body.outputs[first] as Value);
    const size = sizesOfStates(body.inputs[first], body.inputs[first]);
    return cell && size && writes(loop, steps, first)
      ? { steps, output: first, state: undefined, cell, size }
      : undefined;
  }
  for (const [output, state] of [
    [first, second],
    [second, first],
  ] as const) {
    const cell = lstmCellOf(body.outputs[output] as Value, body.outputs[state] as Value, body.inputs[state] as Value);
    const size = sizesOfStates(body.inputs[output], body.inputs[state]);
    if (cell && size && writes(loop, steps, output)) return { steps, output, state, cell, size };
  }
  return undefined;
}

/** Batch and sizes of two states `[N, U]`, when all are known. */
function sizesOfStates(output: Value | undefined, state: Value | undefined): Recurrence['size'] | undefined {
  const [batch = -1, units = -1, ...more] = output?.shape ?? [];
  const [sameBatch, cells = -1, ...others] = state?.shape ?? [];
  const isKnown = batch >= 0 && units >= 0 && cells >= 0 && sameBatch === batch;
  return isKnown && more.length + others.length === 0 ? [batch, units, cells] : undefined;
}

/** Whether all lists that the loop writes get the output of the cell. */
const writes = ({ body }: Loop, { items }: Steps, output: number): boolean =>
  [...items.values()].every((item) => item === body.outputs[output]);

function gatesOf(
  c: Lowering,
  { body }: Loop,
  { steps, output, state, cell, size }: Recurrence,
): readonly Gate[] | undefined {
  const [, size0, units] = size;
  const sources = { input: steps.input, last: body.inputs[output] as Value, units };
  const before = state === undefined ? undefined : body.inputs[state];
  const after = state === undefined ? undefined : body.outputs[state];
  const sums =
    cell.kind === 'plain'
      ? ([[cell.sum, undefined]] as const)
      : ([
          [cell.input, before],
          [cell.forget, before],
          [cell.cell, undefined],
          [cell.output, after],
        ] as const);
  const gates = sums.map(([sum, looks]) => gateOf(c, sum, { ...sources, cell: looks }));
  if (!gates.every((g) => g !== undefined && g.recurrent.shape?.[1] === size0)) return undefined;
  const found = gates as Gate[];
  const peepholes = found.filter((g) => g.peephole).length;
  return peepholes === 0 || peepholes === 3 ? found : undefined;
}

/** Weights with fewer elements stay floats when a model is quantized. */
const QUANTIZED_FROM = 1024;

/**
 * One matrix that is too small to be quantized keeps all weights of a long short-term memory in float, while a loop
 * quantizes the matrices for all gates together: then it is the smaller one.
 */
function canQuantize(cell: Cell, gates: readonly Gate[]): boolean {
  if (cell.kind === 'plain') return true;
  const counts = [
    ...gates.flatMap((g) => [g.weights, g.recurrent]),
    ...(cell.projection?.inputs.slice(1, 2) ?? []),
  ].map((v) => v?.constant?.count ?? 0);
  return Math.min(...counts) >= QUANTIZED_FROM || Math.max(...counts) * gates.length < QUANTIZED_FROM;
}

/** The sequence that a list holds; a transposition in front, which only puts the time first, is left out. */
function sequenceOf(c: Lowering, list: Value): { readonly input: Value; readonly timeMajor: boolean } {
  const reverse = producer(list, 'REVERSE_V2');
  const isTimeReversed = reverse?.inputs[1]?.constant?.numbers().every((axis) => axis === 0) ?? false;
  const whole = isTimeReversed ? (reverse?.inputs[0] as Value) : list;
  const swap = producer(whole, 'TRANSPOSE');
  const isSwap = String(swap?.inputs[1]?.constant?.numbers()) === '1,0,2';
  if (!isSwap) return { input: list, timeMajor: true };
  const input = swap?.inputs[0] as Value;
  return { input: isTimeReversed ? c.emit('REVERSE_V2', [input, c.i32([1])]) : input, timeMajor: false };
}

const producer = (value: Value, op: string): Node | undefined =>
  value.producer?.op === op ? value.producer : undefined;

function emitLayer(
  c: Lowering,
  { cell, size }: Recurrence,
  gates: readonly Gate[],
  input: Value,
  timeMajor: boolean,
): Value {
  const variable = (name: string, shape: Shape) => {
    const value = new Value(c.unique(name), 'f32', shape);
    value.isVariable = true;
    return value;
  };
  const [batch, units, cells] = size;
  const state = variable('output_state', [batch, units]);
  if (cell.kind === 'plain') {
    const [{ weights, recurrent, bias }] = gates as readonly [Gate];
    const options = { fusedActivationFunction: cell.activation, timeMajor };
    return c.emit('UNIDIRECTIONAL_SEQUENCE_RNN', [input, weights, recurrent, bias, state], options);
  }
  const none = (count: number) => new Array<undefined>(count).fill(undefined);
  const inputs = [
    input,
    ...gates.map((g) => g.weights),
    ...gates.map((g) => g.recurrent),
    ...[0, 1, 3].map((i) => gates[i]?.peephole),
    ...gates.map((g) => g.bias),
    ...[1, 2].map((i) => cell.projection?.inputs[i]).map((v) => v?.constant && Value.constant(v.name, v.constant)),
    state,
    variable('cell_state', [batch, cells]),
    ...none(4),
  ];
  return c.emit('UNIDIRECTIONAL_SEQUENCE_LSTM', inputs, { cellClip: 0, projClip: 0, timeMajor });
}

/** Output of the last step, `[N, U]`. */
function lastStep(c: Lowering, sequence: Value, timeMajor: boolean): Value {
  const axis = timeMajor ? 0 : 1;
  const begin = [0, 1, 2].map((i) => (i === axis ? -1 : 0));
  const others = 7 - (1 << axis);
  const inputs = [sequence, c.i32(begin), c.i32([0, 0, 0]), c.i32([1, 1, 1])];
  return c.emit('STRIDED_SLICE', inputs, { beginMask: others, endMask: 7, shrinkAxisMask: 1 << axis });
}
