import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

/** One product with constant weights, whose first size is the number of channels; `i8` with a scale for each. */
function product(
  op: string,
  [input, output]: readonly [string, string],
  filter: string,
  dtype: 'f32' | 'i8',
  options = '',
) {
  const n = Number(filter.split(',')[0]);
  const scales = Array.from({ length: n }, (_, i) => ((i % 5) + 3) / 1024);
  const grid = dtype === 'i8' ? ` q(axis 0, [${scales}])` : '';
  return `graph main(%x: f32[${input}]) {
  @w = const ${dtype}[${filter}]${grid}
  @b = const f32[${n}]
  %y = ${op}(%x, @w, @b) ${options} : f32[${output}]
  return %y
}`;
}

const SAME = '{padding: SAME, strideH: 1, strideW: 1}';
const STRIDED = '{padding: SAME, strideH: 2, strideW: 2}';
const convolution = (dtype: 'f32' | 'i8', input: string, filter: string, output: string, options = SAME) =>
  product('CONV_2D', [input, output], filter, dtype, options);
const fullyConnected = (m: number, k: number, n: number) =>
  product('FULLY_CONNECTED', [`${m},${k}`, `${m},${n}`], `${n},${k}`, 'i8');

const depthwise = (input: string, filter: string, output: string, options = SAME) => `graph main(%x: f32[${input}]) {
  @w = const f32[${filter}]
  @b = const f32[${filter.split(',')[3]}]
  %y = DEPTHWISE_CONV_2D(%x, @w, @b) ${options} : f32[${output}]
  return %y
}`;

/** No bit differs from XNNPACK, without relaxed SIMD on both sides. */
const exact = (graph: string, kernel: string): KernelCase => ({
  graph,
  kernel,
  oracle: 'xnnpack',
  plain: true,
  tolerance: 0,
});

describe('convolutions, and products with bytes, have the bits of XNNPACK', () => {
  testKernels({
    'floats, 3x3': exact(convolution('f32', '1,9,8,3', '20,3,3,3', '1,9,8,20'), 'conv_f32'),
    'floats, 3x3 in steps of two': exact(convolution('f32', '2,9,8,6', '20,3,3,6', '2,5,4,20', STRIDED), 'conv_f32'),
    'floats of each channel, 3x3': exact(depthwise('1,9,11,20', '1,3,3,20', '1,9,11,20'), 'depthwise_f32'),
    'floats of each channel, 3x3 in steps of two': exact(
      depthwise('2,9,8,6', '1,3,3,6', '2,5,4,6', STRIDED),
      'depthwise_f32',
    ),
    'floats of each channel, 5x5': exact(depthwise('1,13,9,9', '1,5,5,9', '1,13,9,9'), 'depthwise_f32'),
    'floats of each channel, a line': exact(depthwise('1,1,40,6', '1,1,9,6', '1,1,40,6'), 'depthwise_f32'),
    'floats of each channel, one pixel': exact(
      depthwise('1,5,5,12', '1,5,5,12', '1,1,1,12', '{padding: VALID, strideH: 1, strideW: 1}'),
      'depthwise_f32',
    ),
    'bytes, one row': exact(fullyConnected(1, 70, 75), 'gemm_hybrid'),
    'bytes, many rows': exact(fullyConnected(9, 70, 75), 'gemm_hybrid'),
    'bytes, 1x1: each pixel on a grid of its own': exact(
      convolution('i8', '2,7,5,24', '20,1,1,24', '2,7,5,20'),
      'gemm_hybrid',
    ),
    'bytes, 1x1 of an odd number of channels': exact(
      convolution('i8', '1,7,5,27', '20,1,1,27', '1,7,5,20'),
      'gemm_hybrid',
    ),
    'bytes, 3x3': exact(convolution('i8', '1,9,8,6', '20,3,3,6', '1,9,8,20'), 'conv_hybrid'),
    'bytes, 3x3 of two images, each on a grid of its own': exact(
      convolution('i8', '2,9,8,6', '20,3,3,6', '2,5,4,20', STRIDED),
      'conv_hybrid',
    ),
    'bytes, 3x3 of an odd number of channels': exact(
      convolution('i8', '1,9,7,3', '20,3,3,3', '1,5,4,20', STRIDED),
      'conv_hybrid',
    ),
    'bytes, 5x5 of one channel': exact(convolution('i8', '1,11,9,1', '16,5,5,1', '1,11,9,16'), 'conv_hybrid'),
  });
});
