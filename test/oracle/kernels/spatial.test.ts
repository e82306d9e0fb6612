import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const depthwise = (input: string, filter: string, output: string, options: string) => `graph main(%x: f32[${input}]) {
  @w = const f32[${filter}]
  @b = const f32[${filter.split(',')[3]}]
  %y = DEPTHWISE_CONV_2D(%x, @w, @b) ${options} : f32[${output}]
  return %y
}`;

describe('float depthwise convolutions equal the reference kernels', () => {
  testKernels({
    '3x3 with SAME padding': {
      graph: depthwise('2,7,9,16', '1,3,3,16', '2,7,9,16', '{padding: SAME}'),
      kernel: 'depthwise_f32_3x3',
    },
    '3x3 with VALID padding and RELU6': {
      graph: depthwise('1,9,17,8', '1,3,3,8', '1,7,15,8', '{padding: VALID, fusedActivationFunction: RELU6}'),
    },
    '3x3 with stride 2 of an even size': {
      graph: depthwise('1,14,14,12', '1,3,3,12', '1,7,7,12', '{padding: SAME, strideW: 2, strideH: 2}'),
    },
    '3x3 with stride 2 of an odd size': {
      graph: depthwise('1,13,17,4', '1,3,3,4', '1,7,9,4', '{padding: SAME, strideW: 2, strideH: 2}'),
    },
    '5x5 of an image smaller than the kernel': { graph: depthwise('1,3,3,8', '1,5,5,8', '1,3,3,8', '{padding: SAME}') },
    '5x5 with stride 1': { graph: depthwise('1,19,33,7', '1,5,5,7', '1,19,33,7', '{padding: SAME}') },
    '5x5 with stride 2': {
      graph: depthwise('1,17,18,5', '1,5,5,5', '1,9,9,5', '{padding: SAME, strideW: 2, strideH: 2}'),
    },
    'an oblong kernel with unequal strides': {
      graph: depthwise('1,10,20,6', '1,2,4,6', '1,5,7,6', '{padding: SAME, strideH: 2, strideW: 3}'),
    },
    'a stride above the kernel': {
      graph: depthwise('1,10,11,4', '1,1,2,4', '1,4,4,4', '{padding: SAME, strideH: 3, strideW: 3}'),
    },
    dilation: {
      graph: depthwise('1,17,15,9', '1,3,3,9', '1,17,15,9', '{padding: SAME, dilationHFactor: 2, dilationWFactor: 3}'),
    },
    'dilation that steps over the whole image': {
      graph: depthwise('1,5,5,4', '1,2,2,4', '1,5,5,4', '{padding: SAME, dilationHFactor: 10, dilationWFactor: 10}'),
    },
    'a kernel of 1 row and 17 columns': { graph: depthwise('1,1,40,6', '1,1,17,6', '1,1,40,6', '{padding: SAME}') },
    'a depth multiplier of 2': {
      graph: depthwise('1,6,7,3', '1,3,3,6', '1,6,7,6', '{padding: SAME, depthMultiplier: 2}'),
    },
    'a depth multiplier of 8 of one channel': {
      graph: depthwise('1,6,7,1', '1,3,3,8', '1,3,4,8', '{padding: SAME, depthMultiplier: 8, strideW: 2, strideH: 2}'),
    },
    'one to three channels': {
      graph: `graph main(%x: f32[1,5,6,1], %z: f32[1,5,6,3]) {
  @w = const f32[1,3,3,1]
  @b = const f32[1]
  @v = const f32[1,3,3,3]
  @c = const f32[3]
  %y = DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,5,6,1]
  %u = DEPTHWISE_CONV_2D(%z, @v, @c) {padding: SAME} : f32[1,5,6,3]
  return %y, %u
}`,
    },
    'two convolutions with the same weights and different biases': {
      graph: `graph main(%x: f32[1,5,6,4]) {
  @w = const f32[1,3,3,4]
  @b = const f32[4]
  @c = const f32[4]
  %a = DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,5,6,4]
  %y = DEPTHWISE_CONV_2D(%a, @w, @c) {padding: SAME} : f32[1,5,6,4]
  return %y
}`,
    },
    'weights of 16 bits': {
      graph: `graph main(%x: f32[1,5,6,9]) {
  @h = const f16[1,3,3,9]
  @b = const f32[9]
  %w = DEQUANTIZE(@h) : f32[1,3,3,9]
  %y = DEPTHWISE_CONV_2D(%x, %w, @b) {padding: SAME} : f32[1,5,6,9]
  return %y
}`,
    },
    'weights of 8 bits, with a residual ADD': {
      // The reference kernels quantize the input to 8 bits too.
      tolerance: 2e-2,
      graph: `graph main(%x: f32[1,6,6,13]) {
  @w = const i8[1,3,3,13] q(axis 3, 13 scales)
  @b = const f32[13]
  %a = DEPTHWISE_CONV_2D(%x, @w, @b) {padding: SAME} : f32[1,6,6,13]
  %s = ADD(%a, %x) : f32[1,6,6,13]
  %y = RELU(%s) : f32[1,6,6,13]
  return %y
}`,
    },
  });
});
