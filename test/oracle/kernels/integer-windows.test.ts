import { describe } from 'vitest';
import { type KernelCase, testKernels } from '../kernel-case.js';

const pool = (op: string, dtype: string, sizes: readonly [string, string], options: string) =>
  `graph main(%x: ${dtype}[${sizes[0]}] q(0.05, 3)) {
  %y = ${op}(%x) ${options} : ${dtype}[${sizes[1]}] q(0.05, 3)
  return %y
}`;

const reduce = (op: string, dtype: string, sizes: readonly [string, string, string], options = '{keepDims: false}') =>
  `graph main(%x: ${dtype}[${sizes[0]}] q(0.05, 3)) {
  @axes = const i32[${sizes[2].split(',').length}] [${sizes[2]}]
  %y = ${op}(%x, @axes) ${options} : ${dtype}[${sizes[1]}] q(${op === 'SUM' ? 0.5 : 0.04}, 9)
  return %y
}`;

const cases: Record<string, KernelCase> = {};
const square = 'strideW: 2, strideH: 2, filterWidth: 3, filterHeight: 3';
for (const dtype of ['i8', 'u8']) {
  for (const op of ['AVERAGE_POOL_2D', 'MAX_POOL_2D']) {
    cases[`${op} ${dtype} with SAME padding`] = {
      graph: pool(op, dtype, ['2,9,8,19', '2,5,4,19'], `{padding: SAME, ${square}}`),
    };
    cases[`${op} ${dtype} without padding, with RELU`] = {
      graph: pool(op, dtype, ['1,9,8,5', '1,4,3,5'], `{padding: VALID, fusedActivationFunction: RELU, ${square}}`),
    };
    cases[`${op} ${dtype} of whole images`] = {
      graph: pool(op, dtype, ['1,7,7,33', '1,1,1,33'], '{padding: VALID, filterWidth: 7, filterHeight: 7}'),
    };
  }
  // The factor is a float32 one that holds the count.
  const steps = 1;
  cases[`MEAN ${dtype} of height and width`] = {
    graph: reduce('MEAN', dtype, ['2,5,7,21', '2,1,1,21', '1,2'], '{keepDims: true}'),
    steps,
  };
  cases[`MEAN ${dtype} of the last axis`] = { graph: reduce('MEAN', dtype, ['3,5,70', '3,5', '-1']), steps };
  cases[`MEAN ${dtype} of all`] = { graph: reduce('MEAN', dtype, ['3,5,7', '', '0,1,2']), steps };
  cases[`SUM ${dtype} of the middle`] = {
    // The reference kernel reads memory that nothing has written.
    oracle: 'builtin',
    graph: reduce('SUM', dtype, ['3,40,5', '3,5', '1']),
    steps,
  };
}

const resize = (
  dtype: string,
  options: string,
  channels: number,
  size = '11,5',
) => `graph main(%x: ${dtype}[2,5,7,${channels}] q(0.05, 3)) {
  @size = const i32[2] [${size}]
  %y = RESIZE_BILINEAR(%x, @size) ${options} : ${dtype}[2,${size},${channels}] q(0.05, 3)
  return %y
}`;

cases['RESIZE_BILINEAR i8'] = { graph: resize('i8', '', 19), kernel: 'resize_i8' };
cases['RESIZE_BILINEAR i8 with half pixels'] = { graph: resize('i8', '{halfPixelCenters: true}', 3) };
cases['RESIZE_BILINEAR i8 with aligned corners'] = { graph: resize('i8', '{alignCorners: true}', 8, '9,20') };
// The reference kernel interpolates unsigned bytes in float32.
cases['RESIZE_BILINEAR u8'] = { graph: resize('u8', '{halfPixelCenters: true}', 5), steps: 1 };

cases['CONCATENATION u8 of different scales'] = {
  graph: `graph main(%a: u8[3,5,7] q(0.05, 131), %b: u8[3,2,7] q(0.08, 100), %c: u8[3,1,7] q(0.06, 117)) {
  %y = CONCATENATION(%a, %b, %c) {axis: 1} : u8[3,8,7] q(0.06, 117)
  return %y
}`,
  kernel: 'concatenation_u8',
  // Factors of 21 bits where the reference kernel has float32.
  steps: 1,
};

describe('windows and reductions of bytes equal the reference kernels', () => {
  testKernels(cases);
});
