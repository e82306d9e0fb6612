import type { Tensor } from '../ir/tensor.js';
import { type Args, defineOp, type VersionFacts } from './define.js';
import { floatTensor } from './floats.js';
import { runIntegerLstm } from './integer-lstm.js';
import { type LstmCell, runLstm } from './lstm-cell.js';
import { stepLayout } from './sequence.js';
import { requireRank } from './shapes.js';
import { hasTypes } from './version-facts.js';

/**
 * Arguments of the long short-term memory operators: weights `[C, I]` and `[C, O]` of C cells, I inputs and O outputs;
 * peephole weights, biases and layer normalization `[C]`; projection `[O, C]` and its bias `[O]`; states `[N, O]` and
 * `[N, C]`. Without the weights of the input gate, that gate is one minus the forget gate.
 */
export const LSTM_INPUTS = [
  'input',
  'inputToInputWeights?',
  'inputToForgetWeights',
  'inputToCellWeights',
  'inputToOutputWeights',
  'recurrentToInputWeights?',
  'recurrentToForgetWeights',
  'recurrentToCellWeights',
  'recurrentToOutputWeights',
  'cellToInputWeights?',
  'cellToForgetWeights?',
  'cellToOutputWeights?',
  'inputGateBias?',
  'forgetGateBias',
  'cellBias',
  'outputGateBias',
  'projectionWeights?',
  'projectionBias?',
  'outputState',
  'cellState',
  'inputLayerNorm?',
  'forgetLayerNorm?',
  'cellLayerNorm?',
  'outputLayerNorm?',
] as const;

/** Operands with constant weights: gate, recurrent and peephole weights, and the projection. */
export const LSTM_WEIGHTS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16];

/**
 * Long short-term memory over sequences; see {@link LSTM_INPUTS} and `runLstm`.
 *
 * - input `[N, T, I]`, or `[T, N, I]` with `timeMajor`
 * - output: the same with O as last size
 *
 * One-dimensional recurrent weights stand for a diagonal matrix. Source: TFLite operator UNIDIRECTIONAL_SEQUENCE_LSTM.
 */
export const unidirectionalSequenceLstm = defineOp({
  name: 'UNIDIRECTIONAL_SEQUENCE_LSTM',
  litert: { xnnpack: [], builtin: ['f32', 'i8', 'hybrid'] },
  inputs: LSTM_INPUTS,
  outputs: ['output'],
  defaults: { fusedActivationFunction: 'TANH' },
  impure: true,
  states: ['outputState', 'cellState'],
  weights: { operands: LSTM_WEIGHTS, hybrid: true, asymmetricInputs: true, allOrNothing: true },
  version: sequenceLstmVersion,

  infer({ input, recurrentToOutputWeights: { shape: recurrent } }) {
    const [a = -1, b = -1] = requireRank(input.shape, 3, 'input') ?? [];
    return [{ dtype: input.dtype, shape: [a, b, recurrent?.at(-1) ?? -1] }];
  },

  reference({ inputs, types: [type], options, intermediates }) {
    const layout = stepLayout(inputs.input.shape, options.timeMajor);
    const cell = lstmCell(inputs);
    if (cell.input.dtype === 'i8') {
      const { out, outputState, cellState } = runIntegerLstm(
        layout,
        cell,
        options,
        type!,
        intermediates,
        options.timeMajor,
      );
      return [
        { dtype: 'i8', shape: type!.shape ?? [], data: out, quantization: type!.quantization },
        outputState,
        cellState,
      ];
    }
    const { out, outputState, cellState } = runLstm(layout, cell, options);
    return [floatTensor(type!, out), outputState, cellState];
  },
});

/** The gates of the operators with these arguments. */
export function lstmCell(inputs: Args<typeof LSTM_INPUTS, Tensor>): LstmCell {
  const { inputToInputWeights, recurrentToInputWeights } = inputs;
  return {
    input: inputs.input,
    inputGate:
      inputToInputWeights && recurrentToInputWeights
        ? {
            weights: inputToInputWeights,
            recurrent: recurrentToInputWeights,
            peephole: inputs.cellToInputWeights,
            bias: inputs.inputGateBias,
            layerNorm: inputs.inputLayerNorm,
          }
        : undefined,
    forgetGate: {
      weights: inputs.inputToForgetWeights,
      recurrent: inputs.recurrentToForgetWeights,
      peephole: inputs.cellToForgetWeights,
      bias: inputs.forgetGateBias,
      layerNorm: inputs.forgetLayerNorm,
    },
    cellGate: {
      weights: inputs.inputToCellWeights,
      recurrent: inputs.recurrentToCellWeights,
      bias: inputs.cellBias,
      layerNorm: inputs.cellLayerNorm,
    },
    outputGate: {
      weights: inputs.inputToOutputWeights,
      recurrent: inputs.recurrentToOutputWeights,
      peephole: inputs.cellToOutputWeights,
      bias: inputs.outputGateBias,
      layerNorm: inputs.outputLayerNorm,
    },
    projection: inputs.projectionWeights,
    projectionBias: inputs.projectionBias,
    outputState: inputs.outputState,
    cellState: inputs.cellState,
  };
}

function sequenceLstmVersion(facts: VersionFacts): number {
  const { options } = facts;
  if (hasTypes(facts, ['i16', undefined, 'i8'], 'i16')) return 5;
  if (options.diagonalRecurrentTensors) return 4;
  if (!hasTypes(facts, ['f32', undefined, 'i8'], 'f32')) return 1;
  return options.asymmetricQuantizeInputs ? 3 : 2;
}
