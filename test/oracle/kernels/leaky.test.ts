import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const convolution = (tail: string) => `graph main(%x: f32[1,5,6,7]) {
  @w = const f32[9,3,3,7]
  @b = const f32[9]
  @alpha = const f32[1,1,9]
  %a = CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,5,6,9]
  ${tail} : f32[1,5,6,9]
  return %y
}`;

describe('leaky activations equal the reference kernels', () => {
  testKernels({
    'PRELU with a slope for each channel': {
      graph: `graph main(%x: f32[2,3,5,7]) {
  @alpha = const f32[1,1,7]
  %y = PRELU(%x, @alpha) : f32[2,3,5,7]
  return %y
}`,
      kernel: 'elementwise_f32',
    },
    'PRELU with one slope': {
      graph: `graph main(%x: f32[3,33]) {
  @alpha = const f32[1]
  %y = PRELU(%x, @alpha) : f32[3,33]
  return %y
}`,
    },
    'PRELU of a convolution': { graph: convolution('%y = PRELU(%a, @alpha)'), kernel: 'conv_f32' },
    'LEAKY_RELU of a convolution': { graph: convolution('%y = LEAKY_RELU(%a) {alpha: 0.3}'), kernel: 'conv_f32' },
    'LEAKY_RELU of special values': {
      graph: `graph main(%x: f32[1,8]) {
  %y = LEAKY_RELU(%x) {alpha: 0.2} : f32[1,8]
  return %y
}`,
      inputs: { x: new Float32Array([0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-40]) },
    },
  });
});
