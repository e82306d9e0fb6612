import { expect, it } from 'vitest';
import { conv2d } from './conv-2d.js';
import { errorOf, f16, f32, mixed, testOp, versionOf } from './testing.js';

// Expected values: tf.nn.conv2d of TensorFlow 2.21.
testOp(conv2d, {
  'SAME padding puts the odd cell behind and a stride of 2 halves the image': {
    inputs: {
      input: f32([1, 5, 5, 2], mixed(50)),
      filter: f32([3, 3, 3, 2], mixed(54, 3)),
      bias: f32([3], [1, -2, 3]),
    },
    options: { padding: 'SAME', strideH: 2, strideW: 2 },
    output: f32(
      [1, 3, 3, 3],
      [
        -27, 17, 3, 27, -26, -16, -53, -23, -18, 55, -7, 60, -40, 37, 12, 73, -21, 69, 12, -14, -21, -28, -10, -6, 18,
        22, -21,
      ],
    ),
    version: 1,
  },
  'dilation spreads the filter and RELU6 bounds the result': {
    inputs: {
      input: f32([1, 5, 5, 2], mixed(50)),
      filter: f32([3, 3, 3, 2], mixed(54, 3)),
      bias: f32([3], [1, -2, 3]),
    },
    options: { padding: 'VALID', dilationHFactor: 2, dilationWFactor: 2, fusedActivationFunction: 'RELU6' },
    output: f32([1, 1, 1, 3], [6, 0, 6]),
  },
  'the axes have strides of their own, and the bias may be absent': {
    inputs: { input: f32([2, 4, 3, 1], mixed(24)), filter: f32([1, 2, 2, 1], mixed(4, 1)) },
    options: { padding: 'SAME', strideH: 2, strideW: 1 },
    output: f32([2, 2, 3, 1], [16, 0, 11, -14, 14, 21, 0, 6, -24, 14, 20, -14]),
  },
  'a filter of fewer channels makes groups': {
    inputs: { input: f32([1, 3, 3, 4], mixed(36)), filter: f32([4, 2, 2, 2], mixed(32, 5)) },
    options: { padding: 'VALID' },
    output: f32([1, 2, 2, 4], [10, -38, 11, -24, 9, 20, -26, -24, 7, 15, -23, -24, -49, 7, 17, 64]),
    version: 6,
  },
  '16-bit floats are rounded once, at the end': {
    inputs: { input: f16([1, 1, 1, 2], [1, 2 ** -11]), filter: f16([1, 1, 1, 2], [1, 2]) },
    output: f16([1, 1, 1, 1], [1 + 2 ** -10]),
  },
});

it('inputs that do not fit are named', () => {
  const filter = f32([2, 1, 1, 3], mixed(6));
  expect(errorOf(conv2d, { inputs: { input: f32([1, 1, 1, 4], mixed(4)), filter } })).toBe(
    'filter expects 3 input channels, input has 4',
  );
  expect(errorOf(conv2d, { inputs: { input: f32([1, 3], mixed(3)), filter } })).toBe('input expects rank 4, got [1,3]');
});

const shape = [2, 4, 4, 3];
const x = (dtype: 'f32' | 'i8' | 'i16') => ({ dtype, shape });
const filter = (dtype: 'f32' | 'i4' | 'i8' | 'i16', scales?: number, channels = 3) => ({
  dtype,
  shape: [4, 1, 1, channels],
  ...(scales ? { quantization: { scale: new Float32Array(scales).fill(1), zeroPoint: [], axis: 0 } } : {}),
});

// Rules: the order of the reference converter's version table.
it.each([
  ['floats', [x('f32'), filter('f32')], 'f32', {}, 1],
  ['a float image and one weight scale', [x('f32'), filter('i8', 1)], 'f32', {}, 2],
  ['a float image and a scale for each filter', [x('f32'), filter('i8', 4)], 'f32', {}, 5],
  ['8-bit integers', [x('i8'), filter('i8', 4)], 'i8', {}, 3],
  ['8-bit integers in groups', [x('i8'), filter('i8', 4, 1)], 'i8', {}, 6],
  ['4-bit filters', [x('i8'), filter('i4', 4)], 'i8', {}, 7],
  ['16-bit images', [x('i16'), filter('i8', 4)], 'i16', {}, 1],
  ['16-bit images with a bias type', [x('i16'), filter('i8', 4)], 'i16', { quantizedBiasType: 'INT32' }, 8],
  ['16-bit images and filters', [x('i16'), filter('i16', 4)], 'i16', {}, 4],
] as const)('%s have their version', (_, inputs, output, options, version) => {
  expect(versionOf(conv2d, inputs, [{ dtype: output, shape }], options)).toBe(version);
});
