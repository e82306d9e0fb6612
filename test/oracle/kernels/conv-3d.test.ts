import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const convolution = (input: string, filter: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @w = const f32[${filter}]
  @b = const f32[${filter.split(',')[4]}]
  %y = CONV_3D(%x, @w, @b) ${options} : f32[${output}]
  return %y
}`;

describe('CONV_3D of floats equals the reference kernel', () => {
  testKernels({
    '3x3x3 with SAME padding': {
      graph: convolution('2,4,5,6,3', '3,3,3,3,7', '2,4,5,6,7', '{padding: SAME}'),
      kernel: 'conv_3d_f32',
    },
    '2x3x1 with strides and RELU': {
      graph: convolution(
        '1,6,7,8,5',
        '2,3,1,5,17',
        '1,3,4,3,17',
        '{padding: SAME, strideD: 2, strideH: 2, strideW: 3, fusedActivationFunction: RELU}',
      ),
    },
    'VALID padding': { graph: convolution('1,5,5,5,1', '1,3,2,1,3', '1,5,3,4,3', '{padding: VALID}') },
    dilation: {
      graph: convolution(
        '1,7,7,8,4',
        '3,2,3,4,8',
        '1,3,5,2,8',
        '{padding: VALID, dilationDFactor: 2, dilationHFactor: 2, dilationWFactor: 3}',
      ),
    },
  });
});

const transposed = (input: string, filter: string, output: string, options: string, then = '%y = NEG(%c)') =>
  `graph main(%x: f32[${input}]) {
  @shape = const i32[5] [${output}]
  @w = const f32[${filter}]
  @b = const f32[${filter.split(',')[3]}]
  %c = CONV_3D_TRANSPOSE(@shape, @w, %x, @b) ${options} : f32[${output}]
  ${then} : f32[${output}]
  return %y
}`;
const kernel = 'transpose_conv_3d_f32';

describe('CONV_3D_TRANSPOSE of floats equals the reference kernel', () => {
  testKernels({
    'windows side by side': {
      graph: transposed('1,3,4,5,6', '2,2,2,3,6', '1,6,8,10,3', '{padding: VALID, strideD: 2, strideH: 2, strideW: 2}'),
      kernel,
    },
    'windows that overlap, of several volumes': {
      graph: transposed('2,3,4,3,5', '3,3,3,7,5', '2,6,8,6,7', '{padding: SAME, strideD: 2, strideH: 2, strideW: 2}'),
      kernel,
    },
    'other strides, and a tensor added behind it': {
      graph: transposed(
        '1,2,3,4,3',
        '3,2,4,9,3',
        '1,4,3,12,9',
        '{padding: SAME, strideD: 2, strideH: 1, strideW: 3, fusedActivationFunction: RELU}',
        '@k = const f32[1,4,3,12,9]\n  %y = ADD(%c, @k)',
      ),
      kernel,
    },
    'planes that no window meets': {
      graph: transposed('1,2,2,2,3', '1,1,1,4,3', '1,4,4,4,4', '{padding: SAME, strideD: 2, strideH: 2, strideW: 2}'),
      kernel: 'reference',
    },
  });
});
