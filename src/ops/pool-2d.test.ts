import { expect, it } from 'vitest';
import type { Op } from './define.js';
import { pools2d } from './pool-2d.js';
import { errorOf, f32, mixed, testOp, versionOf } from './testing.js';

const [average, max, l2] = pools2d as readonly [Op, Op, Op];
const input = f32([1, 5, 4, 2], mixed(40));

// Expected values: TensorFlow 2.21 (tf.nn.avg_pool2d, tf.nn.max_pool2d; L2 with the TFLite reference kernel).
testOp(average, {
  'only cells of the image count in an average': {
    inputs: { input },
    options: { padding: 'SAME', strideH: 2, strideW: 2, filterHeight: 3, filterWidth: 3 },
    output: f32([1, 3, 2, 2], [-1.5, 0, 3, -1, 0, -0.3333333, 0.8333333, 0.5, 1.5, -0.6666667, 0.5, 2]),
    version: 1,
  },
});

testOp(max, {
  'windows and strides differ by axis, and RELU6 bounds the result': {
    inputs: { input },
    options: {
      padding: 'VALID',
      strideH: 2,
      strideW: 1,
      filterHeight: 2,
      filterWidth: 3,
      fusedActivationFunction: 'RELU6',
    },
    output: f32([1, 2, 2, 2], [2, 5, 5, 5, 4, 5, 4, 3]),
    version: 1,
  },
  'padding is never the largest': {
    inputs: {
      input: f32(
        [1, 5, 4, 2],
        mixed(40).map((x) => -Math.abs(x) - 1),
      ),
    },
    options: { padding: 'SAME', strideH: 2, strideW: 2, filterHeight: 3, filterWidth: 3 },
    output: f32([1, 3, 2, 2], [-2, -3, -2, -1, -1, -1, -3, -1, -2, -1, -4, -1]),
  },
});

testOp(l2, {
  'the root of the mean of squares': {
    inputs: { input },
    options: { padding: 'SAME', strideH: 2, strideW: 2, filterHeight: 3, filterWidth: 3 },
    output: f32(
      [1, 3, 2, 2],
      [
        2.915476, 3.559026, 3.391165, 1.870829, 2.581989, 3.41565, 3.979112, 1.779513, 2.915476, 3.265986, 4.062019,
        2.54951,
      ],
    ),
    version: 1,
  },
});

it('integer pools have versions of their own', () => {
  const versions = (['f32', 'i8', 'i16'] as const).map((dtype) => {
    const value = { dtype, shape: [1, 4, 4, 1] };
    return [versionOf(average, [value], [value]), versionOf(max, [value], [value])];
  });
  expect(versions).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
});

it('a window of no cells, or of fewer, is refused', () => {
  for (const filterHeight of [0, -65536])
    expect(errorOf(max, { inputs: { input }, options: { padding: 'SAME', filterHeight, filterWidth: 3 } })).toBe(
      `a window of ${filterHeight} must be at least 1`,
    );
});
