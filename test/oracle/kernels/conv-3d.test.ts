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
