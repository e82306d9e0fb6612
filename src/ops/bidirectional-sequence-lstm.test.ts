import { expect, it } from 'vitest';
import { bidirectionalSequenceLstm } from './bidirectional-sequence-lstm.js';
import { f32, mixed, testOp, versionOf } from './testing.js';

const input = f32(
  [3, 2, 2],
  [0, 1, 2].flatMap((t) => [0, 1].flatMap((b) => mixed(12, 1, 0.5).slice((b * 3 + t) * 2, (b * 3 + t) * 2 + 2))),
);
const auxInput = f32([3, 2, 2], mixed(12, 5, 0.5));
const args = {
  fwInputToInputWeights: f32([3, 2], mixed(6, 0, 0.1)),
  fwInputToForgetWeights: f32([3, 2], mixed(6, 1, 0.1)),
  fwInputToCellWeights: f32([3, 2], mixed(6, 2, 0.1)),
  fwInputToOutputWeights: f32([3, 2], mixed(6, 3, 0.1)),
  fwRecurrentToInputWeights: f32([3, 3], mixed(9, 4, 0.1)),
  fwRecurrentToForgetWeights: f32([3, 3], mixed(9, 5, 0.1)),
  fwRecurrentToCellWeights: f32([3, 3], mixed(9, 6, 0.1)),
  fwRecurrentToOutputWeights: f32([3, 3], mixed(9, 7, 0.1)),
  fwInputGateBias: f32([3], mixed(3, 11, 0.1)),
  fwForgetGateBias: f32([3], mixed(3, 12, 0.1)),
  fwCellBias: f32([3], mixed(3, 13, 0.1)),
  fwOutputGateBias: f32([3], mixed(3, 14, 0.1)),
  bwInputToInputWeights: f32([3, 2], mixed(6, 3, 0.1)),
  bwInputToForgetWeights: f32([3, 2], mixed(6, 4, 0.1)),
  bwInputToCellWeights: f32([3, 2], mixed(6, 5, 0.1)),
  bwInputToOutputWeights: f32([3, 2], mixed(6, 6, 0.1)),
  bwRecurrentToInputWeights: f32([3, 3], mixed(9, 7, 0.1)),
  bwRecurrentToForgetWeights: f32([3, 3], mixed(9, 8, 0.1)),
  bwRecurrentToCellWeights: f32([3, 3], mixed(9, 9, 0.1)),
  bwRecurrentToOutputWeights: f32([3, 3], mixed(9, 10, 0.1)),
  bwInputGateBias: f32([3], mixed(3, 14, 0.1)),
  bwForgetGateBias: f32([3], mixed(3, 15, 0.1)),
  bwCellBias: f32([3], mixed(3, 16, 0.1)),
  bwOutputGateBias: f32([3], mixed(3, 17, 0.1)),
  fwOutputState: f32([2, 3], mixed(6, 0, 0)),
  fwCellState: f32([2, 3], mixed(6, 0, 0)),
  bwOutputState: f32([2, 3], mixed(6, 0, 0)),
  bwCellState: f32([2, 3], mixed(6, 0, 0)),
};

// Expected values: TFLite reference kernel of TensorFlow 2.21.
testOp(bidirectionalSequenceLstm, {
  'the second output reads time backwards': {
    inputs: { input, ...args },
    output: [
      f32(
        [3, 2, 3],
        [
          0.3299572, -0.071916, -0.06235553, -0.04317219, 0.06193467, 0.2096615, -0.02527015, 0.07594535, -0.02421827,
          0.3092302, -0.111394, -0.02626885, -0.05653434, 0.213738, 0.09928195, -0.02686501, 0.03226179, 0.04531953,
        ],
      ),
      f32(
        [3, 2, 3],
        [
          -0.09708367, -0.1032815, 0.2300891, -0.1408007, -0.06090525, -0.07314043, 0.1679471, -0.06718956, -0.04408673,
          -0.1451365, -0.1065883, 0.2608245, 0.06808772, 0, -0.09881006, 0.1019046, -0.06256112, -0.02353284,
        ],
      ),
    ],
    states: [
      f32([2, 3], [-0.05653434, 0.213738, 0.09928195, -0.02686501, 0.03226179, 0.04531953]),
      f32([2, 3], [-0.2028977, 0.3136264, 0.1632443, -0.1103938, 0.04246348, 0.08505408]),
      f32([2, 3], [-0.09708367, -0.1032815, 0.2300891, -0.1408007, -0.06090525, -0.07314043]),
      f32([2, 3], [-0.2562636, -0.4098272, 0.2778512, -0.2836502, -0.09678345, -0.2112833]),
    ],
    version: 1,
  },
  'an auxiliary input adds to all gates, and the outputs may be merged': {
    inputs: {
      input,
      ...args,
      auxInput,
      fwAuxToInputWeights: f32([3, 2], mixed(6, 6, 0.1)),
      fwAuxToForgetWeights: f32([3, 2], mixed(6, 7, 0.1)),
      fwAuxToCellWeights: f32([3, 2], mixed(6, 8, 0.1)),
      fwAuxToOutputWeights: f32([3, 2], mixed(6, 9, 0.1)),
      bwAuxToInputWeights: f32([3, 2], mixed(6, 10, 0.1)),
      bwAuxToForgetWeights: f32([3, 2], mixed(6, 11, 0.1)),
      bwAuxToCellWeights: f32([3, 2], mixed(6, 12, 0.1)),
      bwAuxToOutputWeights: f32([3, 2], mixed(6, 13, 0.1)),
    },
    options: { mergeOutputs: true },
    output: f32(
      [3, 2, 6],
      [
        0.4084108, -0.1290925, -0.1016646, -0.10523, -0.02422569, 0.3320561, -0.03715752, -0.1607101, 0.03423898,
        -0.1475137, -0.09307196, -0.06049844, -0.00923638, -0.1406973, 0.2029938, 0.0002334008, -0.06939955,
        -0.05593655, 0.1107597, 0.2196277, 0.06645892, 0.1385175, -0.08859678, 0.1212458, -0.07885978, 0.02149782,
        0.06093319, -0.03318065, 0.2097077, 1.117975e-8, -0.03761033, 0.1914172, 0.02742168, 0, -0.09881008, 0.09085195,
      ],
    ),
    states: [
      f32([2, 3], [-0.07885978, 0.02149782, 0.06093319, -0.03761033, 0.1914172, 0.02742168]),
      f32([2, 3], [-0.2221996, 0.03632624, 0.07741086, -0.09334949, 0.3510231, 0.05992863]),
      f32([2, 3], [-0.10523, -0.02422569, 0.3320561, -0.1475137, -0.09307196, -0.06049844]),
      f32([2, 3], [-0.5588514, -0.0562597, 0.4029532, -0.3923324, -0.1314028, -0.1191981]),
    ],
  },
  'an auxiliary input without weights is what the backward direction reads': {
    inputs: { input, ...args, auxInput },
    output: [
      f32(
        [3, 2, 3],
        [
          0.3299572, -0.071916, -0.06235553, -0.04317219, 0.06193467, 0.2096615, -0.02527015, 0.07594535, -0.02421827,
          0.3092302, -0.111394, -0.02626885, -0.05653434, 0.213738, 0.09928195, -0.02686501, 0.03226179, 0.04531953,
        ],
      ),
      f32(
        [3, 2, 3],
        [
          0.02345202, -0.1655596, 0.05168272, -0.1316428, -0.0653085, -0.08451511, -0.06631386, -0.08919342, 0.1944482,
          -0.1685842, -0.08415322, 0.1151131, 0.08930993, -0.03455038, -0.06119488, 0, 0.08161964, -0.1625514,
        ],
      ),
    ],
    states: [
      f32([2, 3], [-0.05653434, 0.213738, 0.09928195, -0.02686501, 0.03226179, 0.04531953]),
      f32([2, 3], [-0.2028977, 0.3136264, 0.1632443, -0.1103938, 0.04246348, 0.08505408]),
      f32([2, 3], [0.02345202, -0.1655596, 0.05168272, -0.1316428, -0.0653085, -0.08451511]),
      f32([2, 3], [0.03634404, -0.4399599, 0.1226325, -0.2361536, -0.120078, -0.2205305]),
    ],
  },
});

it('integer weights have versions of their own', () => {
  const x = { dtype: 'f32', shape: [1, 2, 2] } as const;
  const w = { dtype: 'i8', shape: [2, 2] } as const;
  expect(versionOf(bidirectionalSequenceLstm, [x, w], [x])).toBe(2);
  expect(versionOf(bidirectionalSequenceLstm, [x, w], [x], { asymmetricQuantizeInputs: true })).toBe(3);
});
