import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const computed = (x: string, y: string, out: string, options = '') => `graph main(%x: f32[${x}], %y: f32[${y}]) {
  %z = BATCH_MATMUL(%x, %y) ${options} : f32[${out}]
  return %z
}`;

const constant = (x: string, y: string, out: string, options = '') => `graph main(%x: f32[${x}]) {
  @y = const f32[${y}]
  %z = BATCH_MATMUL(%x, @y) ${options} : f32[${out}]
  return %z
}`;

describe('batched products equal the reference kernels', () => {
  testKernels({
    'of two matrices': { graph: computed('9,7', '7,13', '9,13'), kernel: 'gemm_f32_4x8' },
    'of many rows': { graph: computed('33,20', '20,69', '33,69') },
    'of one row': { graph: computed('1,40', '40,75', '1,75'), kernel: 'gemm_f32_1x32' },
    'of two rows and a transposed matrix': { graph: computed('2,40', '19,40', '2,19', '{adjY: true}') },
    'of few batches': { graph: computed('3,5,17', '3,17,9', '3,5,9') },
    'of many batches': { graph: computed('2,4,9,16', '2,4,16,23', '2,4,9,23') },
    'of many batches and rows': { graph: computed('2,4,25,16', '2,4,16,39', '2,4,25,39') },
    'with a transposed right side': { graph: computed('2,4,9,16', '2,4,23,16', '2,4,9,23', '{adjY: true}') },
    'with a transposed left side': { graph: computed('2,4,17,9', '2,4,17,23', '2,4,9,23', '{adjX: true}') },
    'with both sides transposed': {
      graph: computed('6,17,9', '6,23,17', '6,9,23', '{adjX: true, adjY: true}'),
    },
    'with one transposed left side': { graph: computed('17,9', '17,23', '9,23', '{adjX: true}') },
    'that broadcast the right side': { graph: computed('3,2,7,8', '8,5', '3,2,7,5') },
    'that broadcast the left side': { graph: computed('1,7,8', '6,8,5', '6,7,5') },
    'that broadcast both sides': { graph: computed('3,1,7,8', '1,2,8,5', '3,2,7,5') },
    'that broadcast a left side of smaller rank': { graph: computed('7,8', '5,2,8,5', '5,2,7,5') },
    'of columns': { graph: computed('2,9,8', '2,8,1', '2,9,1') },
    'with constant weights': { graph: constant('2,9,24', '24,13', '2,9,13') },
    'with transposed constant weights': { graph: constant('2,9,24', '13,24', '2,9,13', '{adjY: true}') },
    'with constant weights for each batch': { graph: constant('6,9,24', '6,24,13', '6,9,13') },
    'with transposed constant weights for each batch': {
      graph: constant('6,9,24', '6,13,24', '6,9,13', '{adjY: true}'),
    },
    'with a scale and a mask behind them': {
      graph: `graph main(%x: f32[6,9,16], %y: f32[6,11,16], %m: f32[6,9,11]) {
  @s = const f32[1] [0.25]
  @c = const f32[11]
  %p = BATCH_MATMUL(%x, %y) {adjY: true} : f32[6,9,11]
  %q = MUL(%p, @s) : f32[6,9,11]
  %r = ADD(%q, %m) : f32[6,9,11]
  %z = ADD(%r, @c) : f32[6,9,11]
  return %z
}`,
    },
    'of a matrix with itself': {
      graph: `graph main(%x: f32[6,9,16]) {
  %z = BATCH_MATMUL(%x, %x) {adjY: true} : f32[6,9,9]
  return %z
}`,
    },
    'FULLY_CONNECTED with a computed filter': {
      graph: `graph main(%x: f32[9,16], %w: f32[11,16], %b: f32[11]) {
  %z = FULLY_CONNECTED(%x, %w, %b) {fusedActivationFunction: RELU} : f32[9,11]
  return %z
}`,
    },
  });
});
