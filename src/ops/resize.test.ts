import { expect, it } from 'vitest';
import type { Op } from './define.js';
import { resizes } from './resize.js';
import { errorOf, f32, i8, i32, mixed, testOp, versionOf } from './testing.js';

const [bilinear, nearest] = resizes as readonly [Op, Op];
const input = f32([1, 2, 3, 1], mixed(6));

// Expected values: TFLite reference kernels of TensorFlow 2.21.
testOp(bilinear, {
  'corners lie at the first cell': {
    inputs: { input, size: i32([2], [4, 2]) },
    output: f32([1, 4, 2, 1], [-5, 0, 0, -0.5, 5, -1, 5, -1]),
    version: 1,
  },
  'alignCorners spans from the first to the last cell': {
    inputs: { input, size: i32([2], [3, 4]) },
    options: { alignCorners: true },
    output: f32([1, 3, 4, 1], [-5, -0.3333331, 0.6666665, -2, 0, 1, 0.1666665, -2.5, 5, 2.333333, -0.3333335, -3]),
    version: 1,
  },
  'halfPixelCenters measures from the middle of cells': {
    inputs: { input, size: i32([2], [4, 3]) },
    options: { halfPixelCenters: true },
    output: f32([1, 4, 3, 1], [-5, 2, -2, -2.5, 1.75, -2.25, 2.5, 1.25, -2.75, 5, 1, -3]),
    version: 3,
  },
});

testOp(nearest, {
  'the cell below is the nearest': {
    inputs: { input, size: i32([2], [3, 4]) },
    output: f32([1, 3, 4, 1], [-5, -5, 2, -2, -5, -5, 2, -2, 5, 5, 1, -3]),
    version: 1,
  },
  'alignCorners rounds halves up': {
    inputs: { input, size: i32([2], [3, 4]) },
    options: { alignCorners: true },
    output: f32([1, 3, 4, 1], [-5, 2, 2, -2, 5, 1, 1, -3, 5, 1, 1, -3]),
    version: 3,
  },
  'halfPixelCenters measures from the middle of cells': {
    inputs: { input, size: i32([2], [3, 4]) },
    options: { halfPixelCenters: true },
    output: f32([1, 3, 4, 1], [-5, 2, 2, -2, 5, 1, 1, -3, 5, 1, 1, -3]),
    version: 3,
  },
  'integers are copied': {
    inputs: { input: i8([1, 1, 1, 2], [-3, 4]), size: i32([2], [1, 2]) },
    output: i8([1, 1, 2, 2], [-3, 4, -3, 4]),
    version: 2,
  },
});

it('corners cannot be aligned and centred at once', () => {
  const options = { alignCorners: true, halfPixelCenters: true };
  expect(errorOf(bilinear, { inputs: { input, size: i32([2], [1, 1]) }, options })).toBe(
    'alignCorners and halfPixelCenters exclude each other',
  );
});

it('16-bit images have version 4 whatever the alignment', () => {
  const x = { dtype: 'i16', shape: [1, 2, 3, 1] } as const;
  const size = { dtype: 'i32', shape: [2] } as const;
  expect(versionOf(bilinear, [x, size], [x])).toBe(4);
  expect(versionOf(nearest, [x, size], [x], { alignCorners: true })).toBe(4);
});
