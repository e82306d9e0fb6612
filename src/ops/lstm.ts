import type { Shape, Tensor } from '../ir/tensor.js';
import { sigmoid } from './activation.js';
import { type Args, defineOp, type KnownValue, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { runIntegerLstm } from './integer-lstm.js';
import { runLstm } from './lstm-cell.js';
import { requireRank } from './shapes.js';
import { LSTM_INPUTS, LSTM_WEIGHTS, lstmCell } from './unidirectional-sequence-lstm.js';
import { hasTypes } from './version-facts.js';

/**
 * One step of long short-term memory.
 *
 * `kernelType` FULL: the arguments of UNIDIRECTIONAL_SEQUENCE_LSTM, input `[N, I]`, output `[N, O]`.
 *
 * `kernelType` BASIC: the first five arguments are input `[N, I]`, previous output `[N, D]`, weights `[4 D, I + D]`,
 * biases `[4 D]` and previous state `[N, D]`; the gates follow one another as input, new input, forget, output. The
 * outputs are the new output and state `[N, D]`, and two work tensors `[N, I + D]` and `[N, 4 D]`. It keeps no state.
 *
 * Source: TFLite operator LSTM.
 */
export const lstm = defineOp({
  name: 'LSTM',
  litert: { xnnpack: [], builtin: ['f32', 'i8', 'hybrid'] },
  inputs: LSTM_INPUTS,
  outputs: ['output', 'stateOutput', 'concatTemp', 'activationTemp'],
  defaults: { fusedActivationFunction: 'TANH' },
  impure: true,
  states: ['outputState', 'cellState'],
  weights: { operands: LSTM_WEIGHTS, hybrid: true, asymmetricInputs: true },
  version: lstmVersion,

  infer(inputs, { kernelType }) {
    const { input, recurrentToOutputWeights } = inputs;
    if (kernelType === 'BASIC')
      return basicShapes(inputs).map((shape, i) => ({ dtype: i % 2 ? stateDType(input) : input.dtype, shape }));
    const [n = -1] = requireRank(input.shape, 2, 'input') ?? [];
    return [{ dtype: input.dtype, shape: [n, recurrentToOutputWeights.shape?.at(-1) ?? -1] }];
  },

  reference({ inputs, types, options, intermediates }) {
    if (options.kernelType === 'BASIC') return basicStep(inputs, types);
    const [n = 0] = inputs.input.shape;
    const layout = { batches: n, steps: 1, row: (batch: number) => batch };
    const cell = lstmCell(inputs);
    if (cell.input.dtype === 'i8') {
      const { out, outputState, cellState } = runIntegerLstm(layout, cell, options, types[0]!, intermediates, true);
      return [
        { dtype: 'i8', shape: types[0]!.shape ?? [], data: out, quantization: types[0]!.quantization },
        outputState,
        cellState,
      ];
    }
    const { out, outputState, cellState } = runLstm(layout, cell, options);
    return [floatTensor(types[0]!, out), outputState, cellState];
  },
});

function lstmVersion(facts: VersionFacts): number {
  const { kernelType, asymmetricQuantizeInputs } = facts.options;
  if (kernelType === 'BASIC') return 2;
  if (hasTypes(facts, ['i16', undefined, 'i8'], 'i16')) return 5;
  if (!hasTypes(facts, ['f32', undefined, 'i8'], 'f32')) return 1;
  return asymmetricQuantizeInputs ? 4 : 3;
}

/** The basic kernel over bytes keeps state and gates in 16 bits. */
const stateDType = (input: KnownValue) => (input.dtype === 'u8' ? 'i16' : input.dtype);

function basicShapes({ input, inputToInputWeights: previous }: Args<typeof LSTM_INPUTS, KnownValue>): Shape[] {
  const [n = -1, i = -1] = requireRank(input.shape, 2, 'input') ?? [];
  const d = requireRank(previous?.shape, 2, 'previous output')?.[1] ?? -1;
  return [
    [n, d],
    [n, d],
    [n, i < 0 || d < 0 ? -1 : i + d],
    [n, d < 0 ? -1 : 4 * d],
  ];
}

function basicStep(inputs: Args<typeof LSTM_INPUTS, Tensor>, types: readonly { shape: Shape | undefined }[]): Tensor[] {
  const x = floats(inputs.input);
  const previous = floats(inputs.inputToInputWeights!);
  const weights = floats(inputs.inputToForgetWeights);
  const biases = floats(inputs.inputToCellWeights);
  const state = floats(inputs.inputToOutputWeights);
  const [n = 0, features = 0] = inputs.input.shape;
  const d = previous.length / n;
  const size = features + d;
  const outputs = types.map(({ shape }) => allocateFloats({ dtype: 'f32', shape }));
  const [out, newState, concat, gates] = outputs as [Float32Array, Float32Array, Float32Array, Float32Array];
  for (let b = 0; b < n; b++) {
    concat.set(x.subarray(b * features, (b + 1) * features), b * size);
    concat.set(previous.subarray(b * d, (b + 1) * d), b * size + features);
    for (let k = 0; k < 4 * d; k++) {
      let sum = biases[k]!;
      for (let i = 0; i < size; i++) sum += weights[k * size + i]! * concat[b * size + i]!;
      gates[b * 4 * d + k] = sum;
    }
    for (let k = 0; k < d; k++) {
      const gate = (index: number) => gates[(b * 4 + index) * d + k]!;
      const c = sigmoid(gate(0)) * Math.tanh(gate(1)) + sigmoid(gate(2)) * state[b * d + k]!;
      newState[b * d + k] = c;
      out[b * d + k] = sigmoid(gate(3)) * Math.tanh(c);
    }
  }
  return outputs.map((data, i) => ({ dtype: 'f32', shape: types[i]!.shape ?? [], data }));
}
