import { expect, it } from 'vitest';
import { batchMatmul } from './batch-matmul.js';
import { errorOf, f32, mixed, testOp, versionOf } from './testing.js';

// Expected values: NumPy matrix products.
testOp(batchMatmul, {
  'leading axes broadcast': {
    inputs: { x: f32([2, 1, 2, 3], mixed(12)), y: f32([3, 3, 2], mixed(18, 4)) },
    output: f32(
      [2, 3, 2, 2],
      [-1, 19, -18, -30, 9, -26, -24, 19, 19, 6, -30, 24, -24, -24, -30, -18, -24, 20, -24, 21, -24, 20, -18, 16],
    ),
    version: 1,
  },
  'both operands may be transposed': {
    inputs: { x: f32([2, 3, 2], mixed(12)), y: f32([4, 3], mixed(12, 2)) },
    options: { adjX: true, adjY: true },
    output: f32([2, 2, 4], [7, 13, 19, -30, 14, 10, 6, 24, -28, -27, -26, 19, 12, 14, 16, 18]),
  },
});

it('operands that do not meet are refused', () => {
  const inputs = { x: f32([2, 3], mixed(6)), y: f32([2, 3], mixed(6)) };
  expect(errorOf(batchMatmul, { inputs })).toBe('x has rows of 3, y has columns of 2');
  expect(errorOf(batchMatmul, { inputs: { ...inputs, y: f32([3], mixed(3)) } })).toBe(
    'operands expect rank 2 or more, got [3]',
  );
});

it('integer operands and asymmetric inputs have versions of their own', () => {
  const value = (dtype: 'f32' | 'i8' | 'i16') => ({ dtype, shape: [2, 2] });
  const asymmetric = { asymmetricQuantizeInputs: true };
  const hybrid = [value('f32'), value('i8')];
  expect(versionOf(batchMatmul, [value('i16'), value('i8')], [value('i16')])).toBe(3);
  expect(versionOf(batchMatmul, [value('i8'), value('i8')], [value('i8')])).toBe(2);
  expect(versionOf(batchMatmul, hybrid, [value('f32')])).toBe(1);
  expect(versionOf(batchMatmul, hybrid, [value('f32')], asymmetric)).toBe(4);
});
