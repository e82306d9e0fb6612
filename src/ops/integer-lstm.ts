import type { Tensor } from '../ir/tensor.js';
import { fixedInverseSqrt, fixedLogistic16, fixedTanh16 } from '../numerics/fixed-functions.js';
import { type FixedFactor, fixedFactor, multiplyByFactor, roundingShift, saturate16 } from '../numerics/fixed-point.js';
import { clamp } from '../numerics/round.js';
import type { OutputType } from './define.js';
import { type Affine, affineOf, centered } from './integers.js';
import type { LstmCell, LstmGate, LstmOptions } from './lstm-cell.js';
import { runSequence, type StepLayout } from './sequence.js';

/** Gates have 3 integer bits, so steps of 2^-12, unless layer normalization gives them a scale. */
const GATE_SCALE = 2 ** -12;
/** Fraction bits of the numbers inside layer normalization. */
const NORM_STEPS = 1024;

const scaleOf = (tensor: { readonly quantization?: Tensor['quantization'] }): number =>
  tensor.quantization?.scale[0] ?? 1;
const round = Math.fround;

/**
 * Long short-term memory of 8-bit integers: gates and cell state have 16 bits, weights 8. The arguments and the order of the
 * steps are those of `runLstm`; every sum is rescaled to the gate's steps and kept within 16 bits before the next one is
 * added. `intermediates` are the scales inside: of the four gates (for layer normalization), and of the output before its
 * projection. `isTogether`: all batch elements take a step at once, which only peepholes notice.
 *
 * Source: TFLite reference kernels of LSTM with 8-bit weights and 16-bit cell state.
 */
export function runIntegerLstm(
  layout: StepLayout,
  cell: LstmCell,
  options: LstmOptions,
  type: OutputType,
  intermediates: readonly (OutputType | undefined)[],
  isTogether: boolean,
) {
  const input = affineOf(cell.input)!;
  const output = affineOf(cell.outputState.quantization ? cell.outputState : type)!;
  const hidden = intermediates[4] ? affineOf({ ...intermediates[4], dtype: 'i8' }) : undefined;
  const cellScale = scaleOf(cell.cellState);
  const exponent = Math.round(Math.log2(cellScale));
  const cells = cell.forgetGate.weights.shape[0] ?? 0;
  const outputs = cell.outputState.shape.at(-1) ?? 0;
  const reach = { outputs, end: outputs * (isTogether ? layout.batches : 1) };
  const gate = (g: LstmGate | undefined, i: number) =>
    g && gateFunction(g, { input, output, cellScale, gateScale: scaleOf(intermediates[i] ?? {}), reach });
  const [open, forget, update, release] = [cell.inputGate, cell.forgetGate, cell.cellGate, cell.outputGate].map(gate);
  const emit = outputFunction(cell, options, hidden ?? output, output);
  const features = cell.input.shape.at(-1) ?? 0;
  const x = centered(cell.input) as Int32Array;
  const hs = Int8Array.from(cell.outputState.data as Int8Array);
  const cs = Int16Array.from(cell.cellState.data as Int16Array);
  const bound = options.cellClip > 0 ? Math.trunc(clamp(options.cellClip / cellScale, -32768, 32767)) : 32767;
  const out = new Int8Array(layout.batches * layout.steps * outputs);
  runSequence(layout, (batch, row) => {
    const h = hs.subarray(batch * outputs, (batch + 1) * outputs);
    const c = cs.subarray(batch * cells, (batch + 1) * cells);
    const sources = {
      x: x.subarray(row * features, (row + 1) * features),
      h,
      c,
      first: isTogether ? batch * cells : 0,
    };
    const f = forget!(sources).map((v) => fixedLogistic16(v, 3));
    const i = open ? open(sources).map((v) => fixedLogistic16(v, 3)) : f.map((v) => 32767 - v);
    const g = update!(sources).map((v) => fixedTanh16(v, 3));
    for (let k = 0; k < cells; k++) {
      const kept = roundingShift(f[k]! * c[k]!, 15);
      const next = saturate16(kept + roundingShift(i[k]! * g[k]!, 30 + exponent));
      c[k] = bound === 32767 ? next : clamp(next, -bound, bound);
    }
    const o = release!(sources).map((v) => fixedLogistic16(v, 3));
    h.set(emit(Int32Array.from(o, (v, k) => v * fixedTanh16(c[k]!, 15 + exponent))));
    out.set(h, row * outputs);
  });
  return { out, outputState: { ...cell.outputState, data: hs }, cellState: { ...cell.cellState, data: cs } };
}

interface Sources {
  /** Without zero point. */
  readonly x: Int32Array;
  readonly h: Int8Array;
  readonly c: Int16Array;
  /** Where these cells lie among those that take a step at once. */
  readonly first: number;
}

interface GateScales {
  readonly input: Affine;
  readonly output: Affine;
  readonly cellScale: number;
  readonly gateScale: number;
  /**
   * The runtime steps through peepholes and cells by the number of outputs: with fewer outputs than cells, the cells behind
   * `end` have no peephole, and others have that of another cell.
   */
  readonly reach: { readonly outputs: number; readonly end: number };
}

/** What the gate's activation is applied to. */
function gateFunction(
  gate: LstmGate,
  { input, output, cellScale, gateScale, reach }: GateScales,
): (s: Sources) => Int16Array {
  const steps = gate.layerNorm ? gateScale : GATE_SCALE;
  const factor = (a: number, b: number) => fixedFactor(round(round(a * b) / steps));
  const [weights, recurrent] = [gate.weights.data as Int8Array, gate.recurrent.data as Int8Array];
  const peephole = gate.peephole?.data as Int16Array | undefined;
  const bias = gate.layerNorm ? undefined : (gate.bias?.data as Int32Array | undefined);
  const ofInput = factor(scaleOf(gate.weights), input.scale);
  const ofState = factor(scaleOf(gate.recurrent), output.scale);
  const ofCell = gate.peephole && factor(cellScale, scaleOf(gate.peephole));
  const normalize = gate.layerNorm && layerNorm(gate.layerNorm, gate.bias);
  return ({ x, h, c, first }) => {
    const state = Int32Array.from(h, (q) => q - output.zeroPoint);
    const sums = Int16Array.from(c, (cell, k) => {
      let v = saturate16(multiplyByFactor(dot(weights, k, x) + (bias?.[k] ?? 0), ofInput));
      v = saturate16(multiplyByFactor(dot(recurrent, k, state), ofState) + v);
      if (!peephole || !ofCell || first + k >= reach.end) return v;
      return saturate16(v + multiplyByFactor(peephole[(first + k) % reach.outputs]! * cell, ofCell));
    });
    return normalize ? normalize(sums) : sums;
  };
}

function dot(weights: Int8Array, row: number, x: ArrayLike<number>): number {
  const start = row * x.length;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += weights[start + i]! * x[i]!;
  return sum;
}

function layerNorm(coefficients: Tensor, bias: Tensor | undefined): (v: Int16Array) => Int16Array {
  const scale = scaleOf(coefficients);
  const { multiplier, exponent } = fixedFactor(scale);
  const last: FixedFactor = { multiplier, exponent: exponent + 12 };
  const least = Math.max(1, Math.trunc(10000 * scale));
  const factors = coefficients.data as Int16Array;
  const offsets = bias?.data as Int32Array | undefined;
  return (v) => {
    const n = v.length;
    const sum = v.reduce((a, b) => a + b, 0);
    const squares = Float64Array.from(v).reduce((a, b) => a + b * b, 0);
    const mean = Math.trunc((sum * NORM_STEPS) / n);
    const spread = Math.trunc((squares * Math.trunc(2 ** 20 / n) - mean * mean) / 2 ** 20);
    const inverse = fixedInverseSqrt(spread < 1 ? least : spread);
    return v.map((q, k) => {
      const u = multiplyByFactor(NORM_STEPS * q - mean, inverse);
      const w = (u * factors[k]! + (offsets?.[k] ?? 0)) | 0;
      const half = w > 0 ? NORM_STEPS / 2 : -NORM_STEPS / 2;
      return saturate16(multiplyByFactor(Math.trunc((w + half) / NORM_STEPS), last));
    });
  };
}

/** The new output from `o tanh(c)`, which has 30 fraction bits. */
function outputFunction(
  cell: LstmCell,
  { projClip }: LstmOptions,
  hidden: Affine,
  output: Affine,
): (y: Int32Array) => Int8Array {
  const toHidden = fixedFactor(round(2 ** -30 / hidden.scale));
  const byte = (x: number) => clamp(x, -128, 127);
  if (!cell.projection) return (y) => Int8Array.from(y, (v) => byte(multiplyByFactor(v, toHidden) + hidden.zeroPoint));
  const weights = cell.projection.data as Int8Array;
  const bias = cell.projectionBias?.data as Int32Array | undefined;
  const factor = fixedFactor(round(round(scaleOf(cell.projection) * hidden.scale) / output.scale));
  const bound = projClip > 0 ? Math.trunc(clamp(projClip / output.scale, -128, 127)) : 128;
  return (y) => {
    const q = Int32Array.from(y, (v) => byte(multiplyByFactor(v, toHidden) - hidden.zeroPoint) + hidden.zeroPoint);
    return Int8Array.from({ length: cell.projection?.shape[0] ?? 0 }, (_, k) => {
      const sum = dot(weights, k, q) + (bias?.[k] ?? 0);
      return clamp(byte(multiplyByFactor(sum, factor) + output.zeroPoint), -bound, bound);
    });
  };
}
