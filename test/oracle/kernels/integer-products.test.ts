import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

// Sums are rescaled in float32, those of the reference kernels in fixed point: near halves they differ by a step.
const steps = 1;

const biasOf = (count: number) => `[${Array.from({ length: count }, (_, i) => ((i * 7919) % 4001) - 2000)}]`;

interface Types {
  readonly x?: string;
  readonly w?: string;
  readonly y?: string;
}

const i8: Required<Types> = { x: 'i8 q(0.05, 3)', w: 'i8', y: 'i8 q(0.3, -5)' };
const u8: Required<Types> = { x: 'u8 q(0.05, 131)', w: 'u8 q(0.02, 117)', y: 'u8 q(0.3, 120)' };

/** A type such as `i8[2,3] q(0.1, 0)`. */
const typed = (type: string, shape: string) => {
  const [dtype, ...rest] = type.split(' ');
  return `${dtype}[${shape}] ${rest.join(' ')}`;
};

const weights = (type: string, shape: string, channels: number, axis: number) =>
  type.includes('q(') ? typed(type, shape) : `${type}[${shape}] q(${channels} scales, axis ${axis})`;

function fullyConnected(m: number, k: number, n: number, options = '', types: Types = {}, biasScale = 0.001): string {
  const { x, w, y } = { ...i8, ...types };
  return `graph main(%x: ${typed(x, `${m},${k}`)}) {
  @w = const ${typed(w.includes('q(') ? w : `${w} q(0.02, 0)`, `${n},${k}`)}
  @b = const i32[${n}] q(${biasScale}, 0) ${biasOf(n)}
  %y = FULLY_CONNECTED(%x, @w, @b) ${options} : ${typed(y, `${m},${n}`)}
  return %y
}`;
}

function convolution(
  op: string,
  shapes: readonly [string, string, string],
  options: string,
  types: Types = {},
): string {
  const { x, w, y } = { ...i8, ...types };
  const [input, filter, output] = shapes;
  const channels = Number(output.split(',')[3]);
  return `graph main(%x: ${typed(x, input)}) {
  @w = const ${weights(w, filter, channels, op === 'CONV_2D' ? 0 : 3)}
  @b = const i32[${channels}] ${biasOf(channels)}
  %y = ${op}(%x, @w, @b) ${options} : ${typed(y, output)}
  return %y
}`;
}
const conv = (input: string, filter: string, output: string, options: string, types: Types = {}) =>
  convolution('CONV_2D', [input, filter, output], options, types);
const depthwise = (input: string, filter: string, output: string, options: string, types: Types = {}) =>
  convolution('DEPTHWISE_CONV_2D', [input, filter, output], options, types);

function transposed([input, filter, output]: readonly [string, string, string], options: string): string {
  const channels = Number(output.split(',')[3]);
  return `graph main(%x: ${typed(i8.x, input)}) {
  @shape = const i32[4] [${output}]
  @w = const ${weights(i8.w, filter, channels, 0)}
  @b = const i32[${channels}] ${biasOf(channels)}
  %y = TRANSPOSE_CONV(@shape, @w, %x, @b) ${options} : ${typed(i8.y, output)}
  return %y
}`;
}

const batchMatmul = (
  [a, b, out]: readonly [string, string, string],
  options: string,
) => `graph main(%x: ${typed(i8.x, a)}, %z: i8[${b}] q(0.02, -9)) {
  %y = BATCH_MATMUL(%x, %z) ${options} : ${typed(i8.y, out)}
  return %y
}`;

describe('products of bytes equal the reference kernels', () => {
  testKernels({
    'FULLY_CONNECTED of one row': { graph: fullyConnected(1, 70, 75), kernel: 'gemm_i8_1x32', steps },
    'FULLY_CONNECTED of two rows of odd length': { graph: fullyConnected(2, 33, 40), kernel: 'gemm_i8_2x16', steps },
    'FULLY_CONNECTED of three rows with RELU': {
      graph: fullyConnected(3, 7, 5, '{fusedActivationFunction: RELU}'),
      steps,
    },
    'FULLY_CONNECTED of many rows': { graph: fullyConnected(37, 65, 30), kernel: 'gemm_i8', steps },
    'FULLY_CONNECTED of one column': { graph: fullyConnected(9, 11, 1), steps },
    'FULLY_CONNECTED of unsigned bytes': { graph: fullyConnected(5, 21, 13, '', u8), kernel: 'gemm_u8_4x8', steps },
    'FULLY_CONNECTED of unsigned bytes, one row': { graph: fullyConnected(1, 34, 37, '', u8), steps },
    'FULLY_CONNECTED that saturates': {
      graph: fullyConnected(5, 64, 17, '', { w: 'i8 q(20, 0)', y: 'i8 q(0.0001, 0)' }, 1),
      steps,
    },
    'CONV_2D 1x1': { graph: conv('1,5,7,16', '24,1,1,16', '1,5,7,24', '{padding: SAME}'), kernel: 'gemm_i8', steps },
    'CONV_2D 1x1 of an odd number of channels': {
      graph: conv('1,5,7,13', '9,1,1,13', '1,5,7,9', '{padding: SAME}'),
      steps,
    },
    'CONV_2D 3x3 with SAME padding': { graph: conv('2,6,7,3', '9,3,3,3', '2,6,7,9', '{padding: SAME}'), steps },
    'CONV_2D 3x3 with stride 2 and RELU6': {
      graph: conv(
        '1,9,10,8',
        '12,3,3,8',
        '1,5,5,12',
        '{padding: SAME, strideW: 2, strideH: 2, fusedActivationFunction: RELU6}',
        { y: 'i8 q(0.03, -60)' },
      ),
      steps,
    },
    'CONV_2D 5x3 with VALID padding': {
      graph: conv('1,9,10,5', '7,5,3,5', '1,5,8,7', '{padding: VALID}'),
      kernel: 'conv_i8',
      steps,
    },
    'CONV_2D with dilation': {
      graph: conv('1,11,12,5', '6,3,3,5', '1,11,12,6', '{padding: SAME, dilationWFactor: 2, dilationHFactor: 3}'),
      steps,
    },
    'CONV_2D in groups': { graph: conv('1,6,6,8', '12,3,3,4', '1,6,6,12', '{padding: SAME}'), steps },
    'CONV_2D in groups of odd channels': { graph: conv('1,6,6,6', '4,3,3,3', '1,6,6,4', '{padding: SAME}'), steps },
    'CONV_2D of unsigned bytes': { graph: conv('1,6,7,5', '11,3,3,5', '1,6,7,11', '{padding: SAME}', u8), steps },
    'CONV_2D with 4-bit filters': {
      graph: conv('1,6,7,6', '8,3,3,6', '1,6,7,8', '{padding: SAME}', { w: 'i4' }),
      steps,
    },
    'DEPTHWISE_CONV_2D 3x3': {
      graph: depthwise('2,9,8,16', '1,3,3,16', '2,9,8,16', '{padding: SAME}'),
      kernel: 'depthwise_i8_3x3',
      steps,
    },
    'DEPTHWISE_CONV_2D 3x3 without padding': {
      graph: depthwise('1,9,8,24', '1,3,3,24', '1,7,6,24', '{padding: VALID}'),
      steps,
    },
    'DEPTHWISE_CONV_2D 5x5 with stride 2 and RELU6': {
      graph: depthwise(
        '1,11,9,13',
        '1,5,5,13',
        '1,6,5,13',
        '{padding: SAME, strideW: 2, strideH: 2, fusedActivationFunction: RELU6}',
        { y: 'i8 q(0.03, -60)' },
      ),
      steps,
    },
    'DEPTHWISE_CONV_2D 1x7 with dilation': {
      graph: depthwise('1,3,25,3', '1,1,7,3', '1,3,25,3', '{padding: SAME, dilationWFactor: 2}'),
      steps,
    },
    'DEPTHWISE_CONV_2D with a depth multiplier': {
      graph: depthwise('1,7,6,3', '1,3,3,12', '1,7,6,12', '{padding: SAME, depthMultiplier: 4}'),
      steps,
    },
    'DEPTHWISE_CONV_2D of unsigned bytes': {
      graph: depthwise('1,7,6,9', '1,3,3,9', '1,7,6,9', '{padding: SAME}', u8),
      kernel: 'depthwise_u8_3x3',
      steps,
    },
    'CONV_2D 3x1 in groups': { graph: conv('1,6,6,8', '12,3,1,4', '1,6,6,12', '{padding: SAME}'), steps },
    'TRANSPOSE_CONV 3x3 with stride 2': {
      graph: transposed(['2,5,4,6', '9,3,3,6', '2,10,8,9'], '{padding: SAME, strideW: 2, strideH: 2}'),
      kernel: 'transpose_conv_i8',
      steps,
    },
    'TRANSPOSE_CONV 2x2 with stride 2 of odd channels': {
      graph: transposed(['1,5,4,5', '7,2,2,5', '1,10,8,7'], '{padding: VALID, strideW: 2, strideH: 2}'),
      steps,
    },
    'TRANSPOSE_CONV 5x4 with strides 2 and 1 of odd channels': {
      graph: transposed(['1,5,7,3', '8,5,4,3', '1,10,7,8'], '{padding: SAME, strideW: 1, strideH: 2}'),
      steps,
    },
    'TRANSPOSE_CONV 4x4 without padding': {
      graph: transposed(['1,3,5,4', '5,4,4,4', '1,8,12,5'], '{padding: VALID, strideW: 2, strideH: 2}'),
      steps,
    },
    BATCH_MATMUL: { graph: batchMatmul(['2,3,5,17', '2,3,17,21', '2,3,5,21'], ''), kernel: 'gemm_i8_4x8', steps },
    'BATCH_MATMUL with a transposed right operand': {
      graph: batchMatmul(['4,1,6,8', '3,9,8', '4,3,6,9'], '{adjY: true}'),
      steps,
    },
    'BATCH_MATMUL with a transposed left operand': {
      graph: batchMatmul(['2,7,1', '2,7,33', '2,1,33'], '{adjX: true}'),
      steps,
    },
    'CONV_2D equals XNNPACK': {
      graph: conv('1,19,18,32', '20,3,3,32', '1,19,18,20', '{padding: SAME}'),
      oracle: 'xnnpack',
    },
  });
});
