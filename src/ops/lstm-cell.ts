import type { Tensor } from '../ir/tensor.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { activate, sigmoid } from './activation.js';
import { floats, optionalFloats } from './floats.js';
import { runSequence, type StepLayout } from './sequence.js';

/** Added to the variance of layer normalization. */
const EPSILON = 1e-8;

/** The tensors of one gate. */
export interface LstmGate {
  /** `[C, I]` */
  readonly weights: Tensor;
  /** `[C, O]`, or the diagonal `[O]` */
  readonly recurrent: Tensor;
  /** `[C]`: how the cell state acts on the gate. */
  readonly peephole?: Tensor | undefined;
  /** `[C]` */
  readonly bias?: Tensor | undefined;
  /** `[C]` */
  readonly layerNorm?: Tensor | undefined;
  /** `[C, A]` */
  readonly aux?: Tensor | undefined;
}

/** One direction of a long short-term memory layer of C cells and O outputs. */
export interface LstmCell {
  readonly input: Tensor;
  readonly auxInput?: Tensor | undefined;
  /** Absent: one minus the forget gate takes its place. */
  readonly inputGate: LstmGate | undefined;
  readonly forgetGate: LstmGate;
  readonly cellGate: LstmGate;
  readonly outputGate: LstmGate;
  /** `[O, C]` */
  readonly projection?: Tensor | undefined;
  /** `[O]` */
  readonly projectionBias?: Tensor | undefined;
  /** `[N, O]`, the last output. */
  readonly outputState: Tensor;
  /** `[N, C]` */
  readonly cellState: Tensor;
}

/** Activation of the cell gate and of the output, and bounds of cell and projection (0: none). */
export interface LstmOptions {
  readonly fusedActivationFunction: ActivationFunctionType | number;
  readonly cellClip: number;
  readonly projClip: number;
}

/**
 * Runs the layer over sequences. With gates `i, f, o = sigmoid(W x + R h + p c + b)` and `g = act(W x + R h + b)`:
 * `c = f c + i g`, clipped; `h = o act(c)`, projected and clipped where a projection is given. Gives all h, and the last
 * h and c.
 */
export function runLstm(layout: StepLayout, cell: LstmCell, options: LstmOptions) {
  const cells = cell.forgetGate.weights.shape[0] ?? 0;
  const outputs = cell.outputState.shape.at(-1) ?? 0;
  const act = (x: number) => activate(x, options.fusedActivationFunction);
  const gates = {
    i: cell.inputGate && prepare(cell.inputGate),
    f: prepare(cell.forgetGate),
    g: prepare(cell.cellGate),
    o: prepare(cell.outputGate),
  };
  const x = floats(cell.input);
  const aux = optionalFloats(cell.auxInput);
  const rowOf = (data: Float32Array, row: number) => {
    const size = data.length / (layout.batches * layout.steps);
    return data.subarray(row * size, (row + 1) * size);
  };
  const project = projection(cell, options.projClip);
  const hs = Float32Array.from(floats(cell.outputState));
  const cs = Float32Array.from(floats(cell.cellState));
  const out = new Float32Array(layout.batches * layout.steps * outputs);
  runSequence(layout, (batch, row) => {
    const h = hs.subarray(batch * outputs, (batch + 1) * outputs);
    const c = cs.subarray(batch * cells, (batch + 1) * cells);
    const sources = { x: rowOf(x, row), aux: aux && rowOf(aux, row), h };
    const forget = evaluate(gates.f, sources, c, sigmoid);
    const input = gates.i ? evaluate(gates.i, sources, c, sigmoid) : forget.map((f) => 1 - f);
    const update = evaluate(gates.g, sources, c, act);
    for (let k = 0; k < cells; k++) c[k] = clip(forget[k]! * c[k]! + input[k]! * update[k]!, options.cellClip);
    const open = evaluate(gates.o, sources, c, sigmoid);
    h.set(project(open.map((o, k) => o * act(c[k]!))));
    out.set(h, row * outputs);
  });
  return { out, outputState: { ...cell.outputState, data: hs }, cellState: { ...cell.cellState, data: cs } };
}

const clip = (x: number, bound: number): number => (bound > 0 ? Math.min(Math.max(x, -bound), bound) : x);

interface PreparedGate {
  readonly weights: Float32Array;
  readonly recurrent: Float32Array;
  readonly isDiagonal: boolean;
  readonly peephole: Float32Array | undefined;
  readonly bias: Float32Array | undefined;
  readonly layerNorm: Float32Array | undefined;
  readonly aux: Float32Array | undefined;
}

const prepare = (gate: LstmGate): PreparedGate => ({
  weights: floats(gate.weights),
  recurrent: floats(gate.recurrent),
  isDiagonal: gate.recurrent.shape.length === 1,
  peephole: optionalFloats(gate.peephole),
  bias: optionalFloats(gate.bias),
  layerNorm: optionalFloats(gate.layerNorm),
  aux: optionalFloats(gate.aux),
});

interface Sources {
  readonly x: Float32Array;
  readonly aux: Float32Array | undefined;
  readonly h: Float32Array;
}

function evaluate(gate: PreparedGate, { x, aux, h }: Sources, c: Float32Array, act: (x: number) => number) {
  const sums = Float64Array.from(c, (cell, k) => {
    let sum = dot(gate.weights, k, x);
    if (gate.aux && aux) sum += dot(gate.aux, k, aux);
    sum += gate.isDiagonal ? gate.recurrent[k]! * h[k]! : dot(gate.recurrent, k, h);
    return sum + (gate.peephole ? gate.peephole[k]! * cell : 0);
  });
  if (gate.layerNorm) normalize(sums, gate.layerNorm);
  return sums.map((sum, k) => act(sum + (gate.bias?.[k] ?? 0)));
}

function dot(weights: Float32Array, row: number, x: Float32Array): number {
  const start = row * x.length;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += weights[start + i]! * x[i]!;
  return sum;
}

function normalize(sums: Float64Array, coefficients: Float32Array): void {
  let mean = 0;
  for (const s of sums) mean += s / sums.length;
  let variance = 0;
  for (const s of sums) variance += (s - mean) ** 2 / sums.length;
  const factor = 1 / Math.sqrt(variance + EPSILON);
  for (let k = 0; k < sums.length; k++) sums[k] = (sums[k]! - mean) * factor * coefficients[k]!;
}

function projection(cell: LstmCell, bound: number): (y: Float64Array) => ArrayLike<number> {
  if (!cell.projection) return (y) => y;
  const weights = floats(cell.projection);
  const bias = optionalFloats(cell.projectionBias);
  const size = cell.projection.shape[0] ?? 0;
  return (y) => {
    const row = Float32Array.from(y);
    return Float64Array.from({ length: size }, (_, k) => clip(dot(weights, k, row) + (bias?.[k] ?? 0), bound));
  };
}
