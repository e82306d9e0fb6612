import type { Tensor } from '../ir/tensor.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { activate, sigmoid } from './activation.js';
import { floats, optionalFloats } from './floats.js';
import { runSequence, type StepLayout } from './sequence.js';
import { type InputRow, inputRow, rowProduct, type WeightMatrix, weightMatrix } from './weight-matrix.js';

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
  readonly asymmetricQuantizeInputs: boolean;
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
  const project = projection(cell, options);
  const isHybrid = gates.f.weights.scale !== undefined || gates.f.recurrent.scale !== undefined;
  const prepared = (row: Float32Array) => inputRow(row, isHybrid, !options.asymmetricQuantizeInputs);
  const hs = Float32Array.from(floats(cell.outputState));
  const cs = Float32Array.from(floats(cell.cellState));
  const out = new Float32Array(layout.batches * layout.steps * outputs);
  runSequence(layout, (batch, row) => {
    const h = hs.subarray(batch * outputs, (batch + 1) * outputs);
    const c = cs.subarray(batch * cells, (batch + 1) * cells);
    const sources = { x: prepared(rowOf(x, row)), aux: aux && prepared(rowOf(aux, row)), h: prepared(h) };
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
  readonly weights: WeightMatrix;
  readonly recurrent: WeightMatrix;
  readonly isDiagonal: boolean;
  readonly peephole: Float32Array | undefined;
  readonly bias: Float32Array | undefined;
  readonly layerNorm: Float32Array | undefined;
  readonly aux: WeightMatrix | undefined;
}

const prepare = (gate: LstmGate): PreparedGate => ({
  weights: weightMatrix(gate.weights),
  recurrent: gate.recurrent.shape.length === 1 ? { data: floats(gate.recurrent) } : weightMatrix(gate.recurrent),
  isDiagonal: gate.recurrent.shape.length === 1,
  peephole: optionalFloats(gate.peephole),
  bias: optionalFloats(gate.bias),
  layerNorm: optionalFloats(gate.layerNorm),
  aux: gate.aux && weightMatrix(gate.aux),
});

interface Sources {
  readonly x: InputRow;
  readonly aux: InputRow | undefined;
  readonly h: InputRow;
}

function evaluate(gate: PreparedGate, { x, aux, h }: Sources, c: Float32Array, act: (x: number) => number) {
  const sums = Float64Array.from(c, (cell, k) => {
    let sum = rowProduct(gate.weights, k, x);
    if (gate.aux && aux) sum += rowProduct(gate.aux, k, aux);
    sum += gate.isDiagonal ? gate.recurrent.data[k]! * h.x[k]! : rowProduct(gate.recurrent, k, h);
    return sum + (gate.peephole ? gate.peephole[k]! * cell : 0);
  });
  if (gate.layerNorm) normalize(sums, gate.layerNorm);
  return sums.map((sum, k) => act(sum + (gate.bias?.[k] ?? 0)));
}

function normalize(sums: Float64Array, coefficients: Float32Array): void {
  let mean = 0;
  for (const s of sums) mean += s / sums.length;
  let variance = 0;
  for (const s of sums) variance += (s - mean) ** 2 / sums.length;
  const factor = 1 / Math.sqrt(variance + EPSILON);
  for (let k = 0; k < sums.length; k++) sums[k] = (sums[k]! - mean) * factor * coefficients[k]!;
}

function projection(cell: LstmCell, options: LstmOptions): (y: Float64Array) => ArrayLike<number> {
  if (!cell.projection) return (y) => y;
  const weights = weightMatrix(cell.projection);
  const bias = optionalFloats(cell.projectionBias);
  const size = cell.projection.shape[0] ?? 0;
  return (y) => {
    const row = inputRow(Float32Array.from(y), weights.scale !== undefined, !options.asymmetricQuantizeInputs);
    const sum = (k: number) => rowProduct(weights, k, row) + (bias?.[k] ?? 0);
    return Float64Array.from({ length: size }, (_, k) => clip(sum(k), options.projClip));
  };
}
