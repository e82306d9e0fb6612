import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const transposed = (input: string, weights: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @shape = const i32[4] [${output}]
  @w = const f32[${weights}]
  @b = const f32[${weights.split(',')[0]}]
  %y = TRANSPOSE_CONV(@shape, @w, %x, @b) ${options} : f32[${output}]
  return %y
}`;

describe('TRANSPOSE_CONV of floats equals the reference kernel', () => {
  testKernels({
    '2x2 windows side by side': {
      graph: transposed('2,5,7,9', '8,2,2,9', '2,10,14,8', '{padding: SAME, strideH: 2, strideW: 2}'),
      kernel: 'transpose_conv_f32',
    },
    '2x2 windows of one channel with a LOGISTIC': {
      graph: `graph main(%x: f32[1,5,7,6]) {
  @shape = const i32[4] [1, 10, 14, 1]
  @w = const f32[1,2,2,6]
  @b = const f32[1]
  %m = TRANSPOSE_CONV(@shape, @w, %x, @b) {padding: SAME, strideH: 2, strideW: 2} : f32[1,10,14,1]
  %y = LOGISTIC(%m) : f32[1,10,14,1]
  return %y
}`,
    },
    '2x3 windows side by side with an ADD': {
      graph: `graph main(%x: f32[2,4,3,6], %z: f32[2,8,9,7]) {
  @shape = const i32[4] [2, 8, 9, 7]
  @w = const f32[7,2,3,6]
  @b = const f32[7]
  %m = TRANSPOSE_CONV(@shape, @w, %x, @b) {padding: VALID, strideH: 2, strideW: 3} : f32[2,8,9,7]
  %y = ADD(%m, %z) : f32[2,8,9,7]
  return %y
}`,
    },
    '3x3 windows that overlap': {
      graph: transposed('1,5,7,16', '17,3,3,16', '1,10,14,17', '{padding: SAME, strideH: 2, strideW: 2}'),
    },
    '3x3 windows with stride 2 and VALID padding': {
      graph: transposed('1,4,6,3', '5,3,3,3', '1,9,13,5', '{padding: VALID, strideH: 2, strideW: 2}'),
    },
    '4x4 windows with stride 2 and RELU': {
      graph: transposed(
        '1,8,9,5',
        '33,4,4,5',
        '1,16,18,33',
        '{padding: SAME, strideH: 2, strideW: 2, fusedActivationFunction: RELU}',
      ),
    },
    '3x3 windows with stride 1': { graph: transposed('1,6,5,4', '3,3,3,4', '1,6,5,3', '{padding: SAME}') },
    'windows smaller than the stride': {
      graph: transposed('1,4,5,4', '1,2,1,4', '1,12,15,1', '{padding: SAME, strideH: 3, strideW: 3}'),
    },
    'unequal strides': {
      graph: transposed('1,4,5,4', '6,5,4,4', '1,8,15,6', '{padding: SAME, strideH: 2, strideW: 3}'),
    },
    'one row': { graph: transposed('1,1,9,7', '4,1,4,7', '1,1,18,4', '{padding: SAME, strideW: 2, strideH: 1}') },
    'a column of width 1': {
      graph: transposed('1,9,1,7', '4,4,1,7', '1,18,1,4', '{padding: SAME, strideW: 1, strideH: 2}'),
    },
    'without a bias, with an ADD behind': {
      graph: `graph main(%x: f32[1,4,4,6], %z: f32[1,8,8,7]) {
  @shape = const i32[4] [1, 8, 8, 7]
  @w = const f32[7,3,3,6]
  %m = TRANSPOSE_CONV(@shape, @w, %x, _) {padding: SAME, strideH: 2, strideW: 2} : f32[1,8,8,7]
  %y = ADD(%m, %z) : f32[1,8,8,7]
  return %y
}`,
    },
    'weights of 8 bits': {
      graph: `graph main(%x: f32[1,4,4,16]) {
  @shape = const i32[4] [1, 8, 8, 7]
  @w = const i8[7,3,3,16] q(axis 0, 7 scales)
  %y = TRANSPOSE_CONV(@shape, @w, %x, _) {padding: SAME, strideH: 2, strideW: 2} : f32[1,8,8,7]
  return %y
}`,
      // The reference kernels quantize the input to 8 bits too.
      tolerance: 2e-2,
    },
  });
});
