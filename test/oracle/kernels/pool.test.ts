import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const pool = (op: string, input: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  %y = ${op}(%x) ${options} : f32[${output}]
  return %y
}`;

describe('pooling of floats equals the reference kernels', () => {
  testKernels({
    'AVERAGE_POOL_2D of whole images': {
      graph: pool('AVERAGE_POOL_2D', '2,7,7,37', '2,1,1,37', '{padding: VALID, filterHeight: 7, filterWidth: 7}'),
      kernel: 'pool_average',
    },
    'AVERAGE_POOL_2D counts only the cells inside': {
      graph: pool('AVERAGE_POOL_2D', '1,8,9,17', '1,8,9,17', '{padding: SAME, filterHeight: 3, filterWidth: 4}'),
    },
    'AVERAGE_POOL_2D with stride 2 and RELU': {
      graph: pool(
        'AVERAGE_POOL_2D',
        '1,9,13,5',
        '1,5,7,5',
        '{padding: SAME, filterHeight: 2, filterWidth: 2, strideH: 2, strideW: 2, fusedActivationFunction: RELU}',
      ),
    },
    'MAX_POOL_2D 2x2': {
      graph: pool(
        'MAX_POOL_2D',
        '2,8,10,16',
        '2,4,5,16',
        '{padding: VALID, filterHeight: 2, filterWidth: 2, strideH: 2, strideW: 2}',
      ),
    },
    'MAX_POOL_2D 3x3 with stride 2': {
      graph: pool(
        'MAX_POOL_2D',
        '1,13,17,33',
        '1,7,9,33',
        '{padding: SAME, filterHeight: 3, filterWidth: 3, strideH: 2, strideW: 2}',
      ),
    },
    'MAX_POOL_2D of 5x13 windows of one channel': {
      graph: pool('MAX_POOL_2D', '1,13,17,1', '1,13,17,1', '{padding: SAME, filterHeight: 5, filterWidth: 13}'),
    },
    L2_POOL_2D: {
      graph: pool('L2_POOL_2D', '1,6,7,6', '1,6,7,6', '{padding: SAME, filterHeight: 3, filterWidth: 3}'),
    },
    'MAX_POOL_2D with an ADD behind': {
      graph: `graph main(%x: f32[1,8,8,7], %z: f32[1,4,4,7]) {
  %m = MAX_POOL_2D(%x) {padding: SAME, filterHeight: 2, filterWidth: 2, strideH: 2, strideW: 2} : f32[1,4,4,7]
  %y = ADD(%m, %z) : f32[1,4,4,7]
  return %y
}`,
    },
  });
});
