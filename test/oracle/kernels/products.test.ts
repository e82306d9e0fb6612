import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const fullyConnected = (m: number, k: number, n: number, options = '') => `graph main(%x: f32[${m},${k}]) {
  @w = const f32[${n},${k}]
  @b = const f32[${n}]
  %y = FULLY_CONNECTED(%x, @w, @b) ${options} : f32[${m},${n}]
  return %y
}`;

const convolution = (input: string, filter: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @w = const f32[${filter}]
  @b = const f32[${filter.split(',')[0]}]
  %y = CONV_2D(%x, @w, @b) ${options} : f32[${output}]
  return %y
}`;

describe('float products equal the reference kernels', () => {
  testKernels({
    'FULLY_CONNECTED of one row': { graph: fullyConnected(1, 70, 75), kernel: 'gemm_f32_1x32' },
    'FULLY_CONNECTED of two rows': { graph: fullyConnected(2, 33, 40), kernel: 'gemm_f32_2x16' },
    'FULLY_CONNECTED of three rows with RELU6': { graph: fullyConnected(3, 7, 5, '{fusedActivationFunction: RELU6}') },
    'FULLY_CONNECTED of many rows': { graph: fullyConnected(37, 64, 30), kernel: 'gemm_f32_4x8' },
    'FULLY_CONNECTED of one column': { graph: fullyConnected(9, 11, 1) },
    'CONV_2D 1x1': { graph: convolution('1,5,7,16', '24,1,1,16', '1,5,7,24', '{padding: SAME}') },
    'CONV_2D 3x3 with SAME padding': { graph: convolution('2,6,7,3', '9,3,3,3', '2,6,7,9', '{padding: SAME}') },
    'CONV_2D 3x3 with stride 2 and RELU': {
      graph: convolution(
        '1,9,10,8',
        '12,3,3,8',
        '1,5,5,12',
        '{padding: SAME, strideW: 2, strideH: 2, fusedActivationFunction: RELU}',
      ),
    },
    'CONV_2D 5x3 with VALID padding': { graph: convolution('1,9,10,4', '7,5,3,4', '1,5,8,7', '{padding: VALID}') },
    'CONV_2D with dilation': {
      graph: convolution(
        '1,11,12,5',
        '6,3,3,5',
        '1,11,12,6',
        '{padding: SAME, dilationWFactor: 2, dilationHFactor: 3}',
      ),
    },
    'CONV_2D in groups': { graph: convolution('1,6,6,8', '12,3,3,4', '1,6,6,12', '{padding: SAME}') },
    'CONV_2D 1x1 with stride 2': {
      graph: convolution('1,8,8,8', '8,1,1,8', '1,4,4,8', '{padding: SAME, strideW: 2, strideH: 2}'),
    },
    'CONV_2D in groups with one column': {
      graph: convolution('1,6,6,8', '12,3,1,4', '1,6,6,12', '{padding: SAME}'),
    },
    'CONV_2D with one column and dilation': {
      graph: convolution('1,6,6,5', '4,3,1,5', '1,6,6,4', '{padding: SAME, dilationHFactor: 2, dilationWFactor: 2}'),
    },
    'CONV_2D with a residual ADD and RELU': {
      graph: `graph main(%x: f32[1,6,6,16]) {
  @w = const f32[16,3,3,16]
  @b = const f32[16]
  %a = CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,6,6,16]
  %s = ADD(%a, %x) : f32[1,6,6,16]
  %y = RELU(%s) : f32[1,6,6,16]
  return %y
}`,
    },
  });
});
