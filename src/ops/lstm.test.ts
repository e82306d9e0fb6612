import { expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { lstm } from './lstm.js';
import { expectTensor, f32, mixed, testOp, versionOf } from './testing.js';

// Expected values: TFLite reference kernel of TensorFlow 2.21.
testOp(lstm, {
  'a step gives its output and the new states': {
    inputs: {
      input: f32([2, 2], mixed(4, 1, 0.5)),
      inputToInputWeights: f32([3, 2], mixed(6, 0, 0.1)),
      inputToForgetWeights: f32([3, 2], mixed(6, 1, 0.1)),
      inputToCellWeights: f32([3, 2], mixed(6, 2, 0.1)),
      inputToOutputWeights: f32([3, 2], mixed(6, 3, 0.1)),
      recurrentToInputWeights: f32([3, 3], mixed(9, 4, 0.1)),
      recurrentToForgetWeights: f32([3, 3], mixed(9, 5, 0.1)),
      recurrentToCellWeights: f32([3, 3], mixed(9, 6, 0.1)),
      recurrentToOutputWeights: f32([3, 3], mixed(9, 7, 0.1)),
      inputGateBias: f32([3], mixed(3, 11, 0.1)),
      forgetGateBias: f32([3], mixed(3, 12, 0.1)),
      cellBias: f32([3], mixed(3, 13, 0.1)),
      outputGateBias: f32([3], mixed(3, 14, 0.1)),
      outputState: f32([2, 3], mixed(6, 17, 0.1)),
      cellState: f32([2, 3], mixed(6, 18, 0.1)),
    },
    options: { kernelType: 'FULL' },
    output: f32([2, 3], [0.4929266, -0.03562078, 0.004226987, -0.05811404, -0.02511841, 0.2108961]),
    states: [
      f32([2, 3], [0.4929266, -0.03562078, 0.004226987, -0.05811404, -0.02511841, 0.2108961]),
      f32([2, 3], [0.7531181, -0.06763403, 0.01092328, -0.2407723, -0.03107966, 0.4146525]),
    ],
    version: 1,
  },
});

it('the basic kernel takes five arguments and gives four outputs', () => {
  const inputs = [
    f32([2, 2], mixed(4, 1, 0.5)),
    f32([2, 1], mixed(2, 2, 0.5)),
    f32([4, 3], mixed(12, 3, 0.2)),
    f32([4], mixed(4, 4, 0.2)),
    f32([2, 1], mixed(2, 5, 0.5)),
  ];
  const options = { kernelType: 'BASIC' };
  const types = lstm.infer(
    inputs.map((t) => ({ ...t, elements: undefined })),
    options,
  );
  const expected = [
    f32([2, 1], [0.6041965, -0.08378694]),
    f32([2, 1], [0.7597636, -0.6075955]),
    f32([2, 3], [-2, 1.5, -1.5, -0.5, -2.5, 2]),
    f32([2, 4], [1.8, 1.4, 3.2, 2.8, -2.1, -2.7, -1.1, -1.7]),
  ];
  expect(types.map((t) => t.shape)).toEqual(expected.map((t) => t.shape));
  const actual = lstm.reference?.(inputs, types, options) ?? [];
  for (const [i, tensor] of expected.entries()) expectTensor(actual[i] as Tensor, tensor, 1e-6);
  expect(versionOf(lstm, types, types, options)).toBe(2);
});

const x = { dtype: 'f32', shape: [1, 2] } as const;
const w = { dtype: 'i8', shape: [2, 2] } as const;

// Rules: the order of the reference converter's version table.
it.each([
  ['8-bit weights', [x, w, w], 'f32', {}, 3],
  ['8-bit weights with asymmetric inputs', [x, w, w], 'f32', { asymmetricQuantizeInputs: true }, 4],
  ['16-bit inputs', [{ ...x, dtype: 'i16' }, w, w], 'i16', {}, 5],
  ['8-bit inputs', [{ ...x, dtype: 'i8' }, w, w], 'i8', {}, 1],
] as const)('%s have their version', (_, inputs, dtype, options, version) => {
  expect(versionOf(lstm, inputs, [{ ...x, dtype }], { kernelType: 'FULL', ...options })).toBe(version);
});
