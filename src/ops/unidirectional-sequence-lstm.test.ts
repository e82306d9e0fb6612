import { expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { f32, mixed, testOp, versionOf } from './testing.js';
import { LSTM_INPUTS, unidirectionalSequenceLstm } from './unidirectional-sequence-lstm.js';

/** Arguments of C cells and O outputs with small numbers, each argument's starting at its own place; without `skip`. */
function argumentsOf(cells: number, outputs: number, skip: RegExp): Record<string, Tensor> {
  const names = LSTM_INPUTS.slice(1).map((name) => name.replace('?', ''));
  const shape = (name: string): number[] => {
    if (name === 'outputState') return [2, outputs];
    if (name === 'cellState') return [2, cells];
    if (name === 'projectionBias') return [outputs];
    if (name === 'projectionWeights') return [outputs, cells];
    if (name.startsWith('inputTo')) return [cells, 2];
    return name.startsWith('recurrentTo') ? [cells, outputs] : [cells];
  };
  const tensor = (name: string, k: number) => {
    const sizes = shape(name);
    return f32(
      sizes,
      mixed(
        sizes.reduce((n, d) => n * d, 1),
        k,
        0.1,
      ),
    );
  };
  return Object.fromEntries(names.flatMap((n, k) => (skip.test(n) ? [] : [[n, tensor(n, k)] as const])));
}

const input = f32([2, 3, 2], mixed(12, 1, 0.5));
/** The same with time first. */
const timeMajorInput = f32(
  [3, 2, 2],
  [0, 1, 2].flatMap((t) => [0, 1].flatMap((b) => mixed(12, 1, 0.5).slice((b * 3 + t) * 2, (b * 3 + t) * 2 + 2))),
);

// Expected values: TFLite reference kernel of TensorFlow 2.21.
testOp(unidirectionalSequenceLstm, {
  'four gates': {
    inputs: { input, ...argumentsOf(3, 3, /^cellTo|Norm$|^projection/) },
    output: f32(
      [2, 3, 3],
      [
        0.4929266, -0.03562078, 0.004226987, -0.008461364, 0.1324839, 0.02219671, -0.05089242, 0.2453804, 0.1274399,
        -0.03625359, 0.02327786, 0.3896981, 0.3488309, -0.1035602, 0.01019567, -0.02323825, 0.05023695, 0.07200478,
      ],
    ),
    states: [
      f32([2, 3], [-0.05089242, 0.2453804, 0.1274399, -0.02323825, 0.05023695, 0.07200478]),
      f32([2, 3], [-0.1801491, 0.363575, 0.2115001, -0.09363201, 0.06592372, 0.1351394]),
    ],
    version: 1,
  },
  'no input gate, with peepholes, clipping and a projection, time first': {
    inputs: { input: timeMajorInput, ...argumentsOf(3, 2, /ToInputWeights$|^inputGateBias|Norm$/) },
    options: { timeMajor: true, cellClip: 0.4, projClip: 0.1 },
    output: f32(
      [3, 2, 2],
      [-0.009630846, -0.1, 0.0548633, -0.1, -0.01363504, -0.1, 0.02162348, -0.1, -0.06460049, -0.1, -0.009839424, -0.1],
    ),
    states: [
      f32([2, 2], [-0.06460049, -0.1, -0.009839424, -0.1]),
      f32([2, 3], [-0.4, 0.2184268, 0.01903164, -0.4, 0.008424804, -0.137792]),
    ],
  },
  'layer normalization before the bias': {
    inputs: { input, ...argumentsOf(3, 3, /^projection/) },
    output: f32(
      [2, 3, 3],
      [
        0.07834466, 0.03630728, 0.2315603, -0.1165641, 0.2068934, 0.112719, -0.1792965, 0.2655532, 0.01328587,
        -0.09358886, 0.01000115, 0.005584063, 0.02116328, 0.1008159, 0.06723388, -0.1478979, 0.2396068, 0.02019369,
      ],
    ),
    states: [
      f32([2, 3], [-0.1792965, 0.2655532, 0.01328587, -0.1478979, 0.2396068, 0.02019369]),
      f32([2, 3], [-0.2956975, 0.4280673, 0.02696958, -0.246707, 0.3720478, 0.03918806]),
    ],
    tolerance: 1e-5,
  },
});

it('one-dimensional recurrent weights are a diagonal matrix', () => {
  const matrix = argumentsOf(2, 2, /^cellTo|Norm$|^projection/);
  const diagonal = { ...matrix };
  for (const name of Object.keys(matrix).filter((n) => n.startsWith('recurrentTo'))) {
    diagonal[name] = f32([2], [0.5, -0.25]);
    matrix[name] = f32([2, 2], [0.5, 0, 0, -0.25]);
  }
  const run = (args: Record<string, Tensor>) => {
    const inputs = LSTM_INPUTS.map((n) => (n === 'input' ? input : args[n.replace('?', '')]));
    const types = unidirectionalSequenceLstm.infer(
      inputs.map((t) => t && { ...t, elements: undefined }),
      {},
    );
    return unidirectionalSequenceLstm.reference?.(inputs, types, {});
  };
  expect(run(diagonal)).toEqual(run(matrix));
});

const x = { dtype: 'f32', shape: [1, 2, 2] } as const;
const w = { dtype: 'i8', shape: [2, 2] } as const;

// Rules: the order of the reference converter's version table.
it.each([
  ['float weights', [x, x, x], 'f32', {}, 1],
  ['8-bit weights', [x, w, w], 'f32', {}, 2],
  ['8-bit weights with asymmetric inputs', [x, w, w], 'f32', { asymmetricQuantizeInputs: true }, 3],
  ['diagonal matrices', [x, w, w], 'f32', { diagonalRecurrentTensors: true }, 4],
  ['16-bit inputs', [{ ...x, dtype: 'i16' }, w, w], 'i16', {}, 5],
] as const)('%s have their version', (_, inputs, dtype, options, version) => {
  expect(versionOf(unidirectionalSequenceLstm, inputs, [{ ...x, dtype }], options)).toBe(version);
});
