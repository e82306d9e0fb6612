import { expect, it } from 'vitest';
import { errorOf, f32, i32, mixed, testOp, versionOf } from './testing.js';
import { transposeConv } from './transpose-conv.js';

// Expected values: tf.nn.conv2d_transpose of TensorFlow 2.21.
testOp(transposeConv, {
  'the output has the size asked for, odd or even': {
    inputs: {
      outputShape: i32([4], [1, 4, 5, 2]),
      weights: f32([2, 3, 3, 2], mixed(36, 4)),
      input: f32([1, 2, 3, 2], mixed(12)),
    },
    options: { padding: 'SAME', strideH: 2, strideW: 2 },
    output: f32(
      [1, 4, 5, 2],
      [
        -14, 26, -46, -13, -14, 23, 9, -19, 8, -13, -8, -23, 9, 9, -20, -5, -26, 34, 12, 2, 28, -33, 18, -11, 15, 14,
        -19, 17, -9, -5, 0, 20, 36, -26, -12, -17, -32, 32, 20, -10,
      ],
    ),
    version: 1,
  },
  'bias and activation come last': {
    inputs: {
      outputShape: i32([4], [1, 5, 7, 2]),
      weights: f32([2, 3, 3, 2], mixed(36, 4)),
      input: f32([1, 2, 3, 2], mixed(12)),
      bias: f32([2], [1, -1]),
    },
    options: { padding: 'VALID', strideH: 2, strideW: 2, fusedActivationFunction: 'RELU' },
    output: f32(
      [1, 5, 7, 2],
      [
        0, 0, 0, 25, 0, 0, 0, 22, 10, 0, 9, 0, 3, 13, 24, 0, 0, 0, 10, 8, 0, 0, 0, 33, 13, 1, 7, 0, 26, 7, 29, 0, 19, 0,
        16, 13, 0, 16, 0, 0, 1, 14, 0, 7, 1, 19, 37, 0, 0, 0, 0, 31, 21, 0, 3, 0, 0, 0, 0, 11, 31, 0, 24, 0, 0, 45, 0,
        1, 15, 0,
      ],
    ),
    version: 4,
  },
});

const weights = f32([2, 3, 3, 2], mixed(36));
const input = f32([1, 2, 3, 2], mixed(12));

it('sizes that are known are inferred although others are not', () => {
  const elements = [undefined, undefined, 5, undefined];
  const [type] = transposeConv.infer(
    [
      { dtype: 'i32', shape: [4], elements },
      { ...weights, elements: undefined },
      { ...input, shape: [-1, 2, 3, 2], elements: undefined },
    ],
    { strideH: 2, strideW: 2 },
  );
  expect(type?.shape).toEqual([-1, -1, 5, 2]);
});

it('another batch or number of channels than the operands have is refused', () => {
  const of = (...shape: number[]) =>
    errorOf(transposeConv, {
      inputs: { outputShape: i32([4], shape), weights, input },
      options: { strideH: 2, strideW: 2 },
    });
  expect(of(3, 4, 5, 2)).toBe('outputShape has batch 3, expected 1');
  expect(of(1, 4, 5, 3)).toBe('outputShape has channels 3, expected 2');
});

it('an output size that no input of that size gives is refused', () => {
  const inputs = { outputShape: i32([4], [1, 7, 5, 2]), weights, input };
  expect(errorOf(transposeConv, { inputs, options: { strideH: 2, strideW: 2 } })).toBe(
    'an output height of 7 needs an input of 4, got 2',
  );
});

const q = { dtype: 'i8', shape: [2, 3, 3, 2] } as const;
const s = { dtype: 'i32', shape: [4] } as const;
const x = { dtype: 'i8', shape: [1, 2, 3, 2] } as const;

// Rules: the order of the reference converter's version table.
it.each([
  ['8-bit weights', [s, q, x], {}, 2],
  ['a bias', [s, q, x, s], {}, 3],
  ['an activation', [s, q, x, s], { fusedActivationFunction: 'RELU6' }, 4],
  ['16-bit images with a bias type', [s, q, { ...x, dtype: 'i16' }], { quantizedBiasType: 'INT32' }, 2],
] as const)('%s needs its version', (_, inputs, options, version) => {
  expect(versionOf(transposeConv, inputs, [x], options)).toBe(version);
});
