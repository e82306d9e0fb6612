import type { Shape, Tensor } from '../ir/tensor.js';
import { type Args, defineOp, type VersionFacts } from './define.js';
import { floatTensor } from './floats.js';
import { type LstmCell, runLstm } from './lstm-cell.js';
import { mergeFeatures, stepLayout } from './sequence.js';
import { requireRank } from './shapes.js';

const INPUTS = [
  'input',
  'fwInputToInputWeights?',
  'fwInputToForgetWeights',
  'fwInputToCellWeights',
  'fwInputToOutputWeights',
  'fwRecurrentToInputWeights?',
  'fwRecurrentToForgetWeights',
  'fwRecurrentToCellWeights',
  'fwRecurrentToOutputWeights',
  'fwCellToInputWeights?',
  'fwCellToForgetWeights?',
  'fwCellToOutputWeights?',
  'fwInputGateBias?',
  'fwForgetGateBias',
  'fwCellBias',
  'fwOutputGateBias',
  'fwProjectionWeights?',
  'fwProjectionBias?',
  'bwInputToInputWeights?',
  'bwInputToForgetWeights',
  'bwInputToCellWeights',
  'bwInputToOutputWeights',
  'bwRecurrentToInputWeights?',
  'bwRecurrentToForgetWeights',
  'bwRecurrentToCellWeights',
  'bwRecurrentToOutputWeights',
  'bwCellToInputWeights?',
  'bwCellToForgetWeights?',
  'bwCellToOutputWeights?',
  'bwInputGateBias?',
  'bwForgetGateBias',
  'bwCellBias',
  'bwOutputGateBias',
  'bwProjectionWeights?',
  'bwProjectionBias?',
  'fwOutputState',
  'fwCellState',
  'bwOutputState',
  'bwCellState',
  'auxInput?',
  'fwAuxToInputWeights?',
  'fwAuxToForgetWeights?',
  'fwAuxToCellWeights?',
  'fwAuxToOutputWeights?',
  'bwAuxToInputWeights?',
  'bwAuxToForgetWeights?',
  'bwAuxToCellWeights?',
  'bwAuxToOutputWeights?',
] as const;

/**
 * Long short-term memory over sequences in both directions; see UNIDIRECTIONAL_SEQUENCE_LSTM for the arguments of each.
 * An auxiliary input with weights of its own adds to the gates of both; one without is what the backward direction reads.
 *
 * - input `[N, T, I]`, or `[T, N, I]` with `timeMajor`
 * - outputs: the same with the direction's outputs as last size; one output, both side by side, with `mergeOutputs`
 *
 * Source: TFLite operator BIDIRECTIONAL_SEQUENCE_LSTM.
 */
export const bidirectionalSequenceLstm = defineOp({
  name: 'BIDIRECTIONAL_SEQUENCE_LSTM',
  litert: { xnnpack: [], builtin: ['f32', 'hybrid'] },
  inputs: INPUTS,
  outputs: ['fwOutput', 'bwOutput'],
  defaults: { fusedActivationFunction: 'TANH' },
  impure: true,
  states: ['fwOutputState', 'fwCellState', 'bwOutputState', 'bwCellState'],
  weights: {
    operands: [
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16],
      ...[18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 33],
      ...[40, 41, 42, 43, 44, 45, 46, 47],
    ],
    hybrid: true,
    asymmetricInputs: true,
  },
  version: bidirectionalVersion,

  infer({ input, fwRecurrentToOutputWeights, bwRecurrentToOutputWeights }, { mergeOutputs }) {
    const [a = -1, b = -1] = requireRank(input.shape, 3, 'input') ?? [];
    const fw = fwRecurrentToOutputWeights.shape?.at(-1) ?? -1;
    const bw = bwRecurrentToOutputWeights.shape?.at(-1) ?? -1;
    const shapes: Shape[] = mergeOutputs
      ? [[a, b, fw < 0 || bw < 0 ? -1 : fw + bw]]
      : [
          [a, b, fw],
          [a, b, bw],
        ];
    return shapes.map((shape) => ({ dtype: input.dtype, shape }));
  },

  reference({ inputs, types, options }) {
    const layout = stepLayout(inputs.input.shape, options.timeMajor);
    const fw = runLstm(layout, cellOf(inputs, 'fw'), options);
    const bw = runLstm({ ...layout, backward: true }, cellOf(inputs, 'bw'), options);
    const outputs = options.mergeOutputs ? [mergeFeatures(fw.out, bw.out, layout)] : [fw.out, bw.out];
    const states = [fw.outputState, fw.cellState, bw.outputState, bw.cellState];
    return [...outputs.map((out, i) => floatTensor(types[i]!, out)), ...states];
  },
});

function cellOf(inputs: Args<typeof INPUTS, Tensor>, side: 'fw' | 'bw'): LstmCell {
  const { input, auxInput } = inputs;
  const hasAux = inputs[`${side}AuxToForgetWeights`] !== undefined;
  const weights = inputs[`${side}InputToInputWeights`];
  const recurrent = inputs[`${side}RecurrentToInputWeights`];
  return {
    input: side === 'bw' && auxInput && !hasAux ? auxInput : input,
    auxInput: hasAux ? auxInput : undefined,
    inputGate:
      weights && recurrent
        ? {
            weights,
            recurrent,
            peephole: inputs[`${side}CellToInputWeights`],
            bias: inputs[`${side}InputGateBias`],
            aux: inputs[`${side}AuxToInputWeights`],
          }
        : undefined,
    forgetGate: {
      weights: inputs[`${side}InputToForgetWeights`],
      recurrent: inputs[`${side}RecurrentToForgetWeights`],
      peephole: inputs[`${side}CellToForgetWeights`],
      bias: inputs[`${side}ForgetGateBias`],
      aux: inputs[`${side}AuxToForgetWeights`],
    },
    cellGate: {
      weights: inputs[`${side}InputToCellWeights`],
      recurrent: inputs[`${side}RecurrentToCellWeights`],
      bias: inputs[`${side}CellBias`],
      aux: inputs[`${side}AuxToCellWeights`],
    },
    outputGate: {
      weights: inputs[`${side}InputToOutputWeights`],
      recurrent: inputs[`${side}RecurrentToOutputWeights`],
      peephole: inputs[`${side}CellToOutputWeights`],
      bias: inputs[`${side}OutputGateBias`],
      aux: inputs[`${side}AuxToOutputWeights`],
    },
    projection: inputs[`${side}ProjectionWeights`],
    projectionBias: inputs[`${side}ProjectionBias`],
    outputState: inputs[`${side}OutputState`],
    cellState: inputs[`${side}CellState`],
  };
}

function bidirectionalVersion({ inputs, outputs, options }: VersionFacts): number {
  if (inputs[1]?.dtype !== 'i8' || outputs[0]?.dtype !== 'f32') return 1;
  return options.asymmetricQuantizeInputs ? 3 : 2;
}
