import { expect, it } from 'vitest';
import { svdf } from './svdf.js';
import { errorOf, f32, mixed, testOp, versionOf } from './testing.js';

// Expected values: TFLite reference kernel of TensorFlow 2.21.
testOp(svdf, {
  'filters remember their features, and units sum their filters': {
    inputs: {
      input: f32([2, 2], mixed(4)),
      weightsFeature: f32([4, 2], mixed(8, 1)),
      weightsTime: f32([4, 3], mixed(12, 2)),
      bias: f32([2], [1, -1]),
      state: f32([2, 12], mixed(24, 1, 0.5)),
    },
    options: { rank: 2, fusedActivationFunction: 'RELU' },
    output: f32([2, 2], [0, 88.5, 27, 45]),
    states: [
      f32(
        [2, 12],
        [1.5, -0.5, 26, 1, -1, -5, 0.5, -1.5, -14, 0, -2, -23, -0.5, -2.5, 23, -1, 2.5, -23, -1.5, 2, -14, -2, 1.5, -5],
      ),
    ],
    version: 1,
  },
});

it('filters that do not divide into units are refused', () => {
  const inputs = {
    input: f32([1, 1], [1]),
    weightsFeature: f32([3, 1], [1, 2, 3]),
    weightsTime: f32([3, 1], [1, 2, 3]),
    state: f32([1, 3], [0, 0, 0]),
  };
  expect(errorOf(svdf, { inputs, options: { rank: 2 } })).toBe('3 filters have no rank 2');
});

it('integer weights and inputs have versions of their own', () => {
  const [x, w] = [{ dtype: 'f32', shape: [1, 2] } as const, { dtype: 'i8', shape: [2, 2] } as const];
  expect(versionOf(svdf, [x, w], [x])).toBe(2);
  expect(versionOf(svdf, [x, w], [x], { asymmetricQuantizeInputs: true })).toBe(4);
  expect(versionOf(svdf, [{ ...x, dtype: 'i8' }, w], [x])).toBe(3);
});
