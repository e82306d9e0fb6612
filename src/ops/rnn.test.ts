import { expect, it } from 'vitest';
import type { Op } from './define.js';
import { rnns } from './rnn.js';
import { f32, mixed, testOp, versionOf } from './testing.js';

const [rnn, sequence, bidirectional] = rnns as readonly [Op, Op, Op];
const input = f32([2, 3, 2], mixed(12, 1, 0.5));
/** The same with time first. */
const timeMajorInput = f32(
  [3, 2, 2],
  [0, 1, 2].flatMap((t) => [0, 1].flatMap((b) => mixed(12, 1, 0.5).slice((b * 3 + t) * 2, (b * 3 + t) * 2 + 2))),
);
const weights = f32([3, 2], mixed(6, 0, 0.1));
const recurrentWeights = f32([3, 3], mixed(9, 1, 0.1));
const bias = f32([3], mixed(3, 2, 0.1));
const hiddenState = f32([2, 3], mixed(6, 3, 0.1));
const bothDirections = {
  input: timeMajorInput,
  fwWeights: weights,
  fwRecurrentWeights: recurrentWeights,
  fwBias: bias,
  fwHiddenState: f32([2, 3], mixed(6, 0, 0)),
  bwWeights: f32([3, 2], mixed(6, 4, 0.1)),
  bwRecurrentWeights: f32([3, 3], mixed(9, 5, 0.1)),
  bwBias: f32([3], mixed(3, 6, 0.1)),
  bwHiddenState: f32([2, 3], mixed(6, 0, 0)),
};

// Expected values: TFLite reference kernels of TensorFlow 2.21.
testOp(rnn, {
  'a step gives its output as the new state': {
    inputs: { input: f32([2, 2], mixed(4, 1, 0.5)), weights, recurrentWeights, bias, hiddenState },
    options: { fusedActivationFunction: 'RELU' },
    output: f32([2, 3], [1.22, 1.73, 0, 0, 0, 0.59]),
    states: [f32([2, 3], [1.22, 1.73, 0, 0, 0, 0.59])],
    version: 1,
  },
});

testOp(sequence, {
  'each step reads the output of the one before': {
    inputs: { input, weights, recurrentWeights, bias, hiddenState },
    options: { fusedActivationFunction: 'TANH' },
    output: f32(
      [2, 3, 3],
      [
        0.8396541, 0.9390559, -0.6230654, -0.4943782, -0.6949171, 0.8854925, -0.8002378, -0.3530228, -0.1803347,
        -0.8366795, 0.3627075, -0.009999676, 0.8602964, 0.9753996, -0.8107004, -0.5852618, -0.5869028, 0.8788967,
      ],
    ),
    states: [f32([2, 3], [-0.8002378, -0.3530228, -0.1803347, -0.5852618, -0.5869028, 0.8788967])],
    version: 1,
  },
});

testOp(bidirectional, {
  'the second output reads time backwards': {
    inputs: bothDirections,
    options: { fusedActivationFunction: 'TANH', timeMajor: true },
    output: [
      f32(
        [3, 2, 3],
        [
          0.7615942, 0.9137855, -0.57167, -0.8956929, 0.148885, 0.099668, -0.4802699, -0.682461, 0.8725525, 0.8463022,
          0.9736294, -0.8375348, -0.8004579, -0.3547505, -0.1685237, -0.5801433, -0.5789742, 0.879096,
        ],
      ),
      f32(
        [3, 2, 3],
        [
          -0.4832207, -0.825772, -0.5173461, -0.1508279, 0.472793, 0.8859081, 0.9153141, 0.1359153, -0.0760387,
          -0.6234657, -0.7970273, -0.2359947, 0.4621171, 0.099668, 0.6640367, 0.800499, 0.099668, 0.1973753,
        ],
      ),
    ],
    states: [
      f32([2, 3], [-0.8004579, -0.3547505, -0.1685237, -0.5801433, -0.5789742, 0.879096]),
      f32([2, 3], [-0.4832207, -0.825772, -0.5173461, -0.1508279, 0.472793, 0.8859081]),
    ],
    version: 1,
  },
  'an auxiliary input adds to both directions, and the outputs may be merged': {
    inputs: {
      ...bothDirections,
      auxInput: f32([3, 2, 2], mixed(12, 5, 0.5)),
      fwAuxWeights: f32([3, 2], mixed(6, 8, 0.1)),
      bwAuxWeights: f32([3, 2], mixed(6, 9, 0.1)),
    },
    options: { fusedActivationFunction: 'TANH', timeMajor: true, mergeOutputs: true },
    output: f32(
      [3, 2, 6],
      [
        0.8336547, 0.8177541, -0.9288577, -0.7594967, -0.9781895, 0.6780798, -0.739783, -0.6043679, -0.421899,
        -0.2171934, -0.7344335, 0.9654502, -0.8843205, 0.5597678, 0.9859958, 0.7022635, 0.9437028, -0.5584781,
        0.4274666, 0.9953736, 0.3767284, -0.7202926, 0.3421805, -0.9461215, -0.2700716, -0.4566618, -0.8116966,
        0.6043677, -0.5005202, 0.9051483, -0.01004709, -0.9341477, 0.3801647, 0.9562375, -0.6043679, 0,
      ],
    ),
    states: [
      f32([2, 3], [-0.2700716, -0.4566618, -0.8116966, -0.01004709, -0.9341477, 0.3801647]),
      f32([2, 3], [-0.7594967, -0.9781895, 0.6780798, -0.2171934, -0.7344335, 0.9654502]),
    ],
  },
});

it('integer weights have versions of their own', () => {
  const x = { dtype: 'f32', shape: [1, 2, 2] } as const;
  const w = { dtype: 'i8', shape: [2, 2] } as const;
  for (const op of rnns) {
    expect(versionOf(op, [x, w], [x])).toBe(2);
    expect(versionOf(op, [x, w], [x], { asymmetricQuantizeInputs: true })).toBe(3);
  }
});
