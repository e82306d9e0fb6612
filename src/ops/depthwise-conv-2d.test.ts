import { expect, it } from 'vitest';
import { depthwiseConv2d } from './depthwise-conv-2d.js';
import { errorOf, f32, mixed, testOp, versionOf } from './testing.js';

// Expected values: tf.nn.depthwise_conv2d of TensorFlow 2.21.
testOp(depthwiseConv2d, {
  'each channel gives as many as the multiplier says': {
    inputs: {
      input: f32([1, 5, 4, 2], mixed(40)),
      filter: f32([1, 3, 3, 4], mixed(36, 2)),
      bias: f32([4], [1, 2, 3, 4]),
    },
    options: { padding: 'SAME', strideH: 2, strideW: 2, depthMultiplier: 2 },
    output: f32(
      [1, 3, 2, 4],
      [-5, 21, 25, -40, -24, -16, 7, 2, 8, -2, 26, -16, 47, 6, 0, 22, 21, 8, 31, -29, 0, 37, -8, 5],
    ),
    version: 1,
  },
  'dilation spreads the filter and RELU bounds the result': {
    inputs: { input: f32([1, 5, 4, 2], mixed(40)), filter: f32([1, 2, 2, 2], mixed(8, 2)) },
    options: { padding: 'VALID', dilationHFactor: 2, dilationWFactor: 2, fusedActivationFunction: 'RELU' },
    output: f32([1, 3, 2, 2], [0, 14, 31, 28, 0, 15, 26, 0, 0, 27, 21, 0]),
    version: 2,
  },
});

it('a filter that is no multiple of the channels is refused', () => {
  const inputs = { input: f32([1, 1, 1, 2], [1, 2]), filter: f32([1, 1, 1, 3], [1, 2, 3]) };
  expect(errorOf(depthwiseConv2d, { inputs })).toBe('3 filter channels are no multiple of 2 input channels');
});

const scales = (count: number) => ({ scale: new Float32Array(count).fill(1), zeroPoint: [], axis: 3 });
const x = { dtype: 'f32', shape: [1, 4, 4, 2] } as const;
const filter = { dtype: 'i8', shape: [1, 1, 1, 2] } as const;

// Rules: the order of the reference converter's version table.
it.each([
  ['a float image and a scale for each channel', [x, { ...filter, quantization: scales(2) }], 'f32', 6],
  ['a float image and one weight scale', [x, { ...filter, quantization: scales(1) }], 'f32', 4],
  ['8-bit integers', [{ ...x, dtype: 'i8' }, filter], 'i8', 3],
  [
    '4-bit filters',
    [
      { ...x, dtype: 'i8' },
      { ...filter, dtype: 'i4' },
    ],
    'i8',
    7,
  ],
  [
    '16-bit images and filters',
    [
      { ...x, dtype: 'i16' },
      { ...filter, dtype: 'i16' },
    ],
    'i16',
    5,
  ],
  ['16-bit images', [{ ...x, dtype: 'i16' }, filter], 'i16', 1],
] as const)('%s have their version', (_, inputs, dtype, version) => {
  expect(versionOf(depthwiseConv2d, inputs, [{ dtype, shape: x.shape }])).toBe(version);
});
