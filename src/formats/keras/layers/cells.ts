import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import { activate } from './activations.js';
import type { LayerCall } from './context.js';
import { convolve, filterOf, plainWindow, windowOf } from './convolution.js';
import { product } from './dense.js';
import { overSteps } from './steps.js';

/** One step of a recurrent layer, for U units and G values of all gates; those of images have H and W too. */
export interface Cell {
  /** How many states of `[N, U]` or `[N, .., U]` it has; the first one is its output. */
  readonly states: number;
  /** Where the layer's configuration says U. */
  readonly width: 'units' | 'filters';
  /** What does not depend on the states, for all steps at once: `[N, T, .., I]` to `[N, T, .., G]`. */
  project(c: LayerCall, x: Value): Value;
  /** The next states from `[N, .., G]` of a step. */
  step(c: LayerCall, projected: Value, states: readonly Value[]): readonly Value[];
}

const unitsOf = (c: LayerCall): number => c.config.integer('units', undefined, 1);
const hasBias = (c: LayerCall): boolean => c.config.bool('use_bias', true);
const bias = (c: LayerCall): Value | undefined => (hasBias(c) ? c.weight(2, 'bias') : undefined);

/** The parts of `[N, count U]`. */
const parts = (c: LayerCall, x: Value, count: number): Value[] =>
  c.emitAll('SPLIT', [c.i32(c.shapeOf(x).length - 1), x], { numSplits: count });

const inner = (c: LayerCall, x: Value): Value => activate(c, x, c.config.get('activation') ?? 'tanh');

/** The gates' activation; old files have `hard_sigmoid` written out. */
const gate = (c: LayerCall, x: Value): Value => {
  const fallback = c.state.version < 2 ? 'hard_sigmoid' : 'sigmoid';
  return activate(c, x, c.config.get('recurrent_activation') ?? c.config.get('inner_activation') ?? fallback);
};

/** `h = act(W x + R h + b)` */
const simple: Cell = {
  states: 1,
  width: 'units',
  project: (c, x) => product(c, x, c.weight(0, 'kernel'), bias(c)),
  step: (c, z, [h]) => [
    inner(c, c.emit('ADD', [z, product(c, h as Value, c.weight(1, 'recurrent_kernel'), undefined)])),
  ],
};

/** Gates i, f, o and candidate g (in the order i, f, g, o): `c = f c + i g`, `h = o act(c)`. */
const lstm: Cell = {
  states: 2,
  width: 'units',
  project: (c, x) => product(c, x, c.weight(0, 'kernel'), bias(c)),
  step: (c, z, [h, cell]) =>
    lstmStates(c, z, product(c, h as Value, c.weight(1, 'recurrent_kernel'), undefined), cell as Value),
};

/** What input and state make of all gates, and the old cell, as the new states. */
function lstmStates(c: LayerCall, fromInput: Value, fromState: Value, cell: Value): Value[] {
  const [i, f, g, o] = parts(c, c.emit('ADD', [fromInput, fromState]), 4) as [Value, Value, Value, Value];
  const kept = c.emit('MUL', [gate(c, f), cell]);
  const next = c.emit('ADD', [kept, c.emit('MUL', [gate(c, i), inner(c, g)])]);
  return [c.emit('MUL', [gate(c, o), inner(c, next)]), next];
}

/** The LSTM with convolutions for products; the states are images, whose own convolution keeps their size. */
const convLstm = (axes: 1 | 2 | 3): Cell => ({
  states: 2,
  width: 'filters',
  project(c, x) {
    const kernel = filterOf(c, 0, 'kernel', axes + 2);
    const window = windowOf(c, axes);
    return overSteps(c, x, (steps) => [convolve(c, axes, steps, kernel, bias(c), window)])[0] as Value;
  },
  step(c, z, [h, cell]) {
    const kernel = filterOf(c, 1, 'recurrent_kernel', axes + 2);
    return lstmStates(c, z, convolve(c, axes, h as Value, kernel, undefined, plainWindow(axes)), cell as Value);
  },
});

/** Rows of a bias `[2, 3U]`: for the input, and for the states. */
function biasRow(c: LayerCall, row: number): Value {
  const whole = c.weight(2, 'bias');
  const [rows, width = 0] = whole.shape ?? [];
  if (whole.shape?.length !== 2 || rows !== 2)
    throw new ModelError('malformed-file', `bias expects [2, ${3 * unitsOf(c)}], has [${whole.shape}]`);
  return c.derive(whole, `row ${row}`, () =>
    c.emit('RESHAPE', [c.emit('SLICE', [whole, c.i32([row, 0]), c.i32([1, width])]), c.i32([width])]),
  );
}

/** Columns of the recurrent weights `[U, 3U]`. */
function recurrentColumns(c: LayerCall, from: number, count: number): Value {
  const whole = c.weight(1, 'recurrent_kernel');
  const units = unitsOf(c);
  return c.derive(whole, `columns ${from} ${count}`, () =>
    c.emit('SLICE', [whole, c.i32([0, from * units]), c.i32([units, count * units])]),
  );
}

/** With gates z and r: `h = z h + (1 - z) g`, where r acts on what comes of h, or on h itself in old models. */
const gru: Cell = {
  states: 1,
  width: 'units',
  project(c, x) {
    const first = hasBias(c) ? (resetsAfter(c) ? biasRow(c, 0) : c.weight(2, 'bias')) : undefined;
    return product(c, x, c.weight(0, 'kernel'), first);
  },
  step(c, all, [state]) {
    const h = state as Value;
    const [az, ar, ah] = parts(c, all, 3) as [Value, Value, Value];
    const after = resetsAfter(c);
    const kernel = after ? c.weight(1, 'recurrent_kernel') : recurrentColumns(c, 0, 2);
    const q = product(c, h, kernel, after && hasBias(c) ? biasRow(c, 1) : undefined);
    const [qz, qr, qh] = parts(c, q, after ? 3 : 2) as [Value, Value, Value | undefined];
    const z = gate(c, c.emit('ADD', [az, qz]));
    const r = gate(c, c.emit('ADD', [ar, qr]));
    const beside = qh
      ? c.emit('MUL', [r, qh])
      : product(c, c.emit('MUL', [r, h]), recurrentColumns(c, 2, 1), undefined);
    const candidate = inner(c, c.emit('ADD', [ah, beside]));
    const rest = c.emit('MUL', [c.emit('SUB', [c.f32(1), z]), candidate]);
    return [c.emit('ADD', [c.emit('MUL', [z, h]), rest])];
  },
};

/** Layers of TensorFlow 2 do so, older ones do not say it. */
const resetsAfter = (c: LayerCall): boolean =>
  c.config.bool('reset_after', c.has(2) && c.weight(2, 'bias').shape?.length === 2);

/** Cells by the class of their layer. */
export const cells: Readonly<Record<string, Cell>> = {
  ConvLSTM1D: convLstm(1),
  ConvLSTM2D: convLstm(2),
  ConvLSTM3D: convLstm(3),
  GRU: gru,
  LSTM: lstm,
  SimpleRNN: simple,
};
