import { describe } from 'vitest';
import { testKernels } from '../kernel-case.js';

const transform = (shape: readonly number[], size: number, part: 'REAL' | 'IMAG' | 'COMPLEX_ABS') => {
  const to = [...shape.slice(0, -1), size / 2 + 1];
  return `graph main(%x: f32[${shape}]) {
  @n = const i32[2] [1, ${size}]
  %f = RFFT2D(%x, @n) : c64[${to}]
  %y = ${part}(%f) : f32[${to}]
  return %y
}`;
};
const kernel = 'fourier_f32';

describe('Fourier transforms of rows', () => {
  testKernels({
    'real parts of one row': { graph: transform([1, 8], 8, 'REAL'), kernel },
    'imaginary parts of one row': { graph: transform([1, 8], 8, 'IMAG'), kernel },
    'of the least size': { graph: transform([3, 1, 4], 4, 'IMAG'), kernel },
    'of an odd number of rows': { graph: transform([5, 1, 32], 32, 'COMPLEX_ABS'), kernel },
    'of rows that are filled up': { graph: transform([4, 1, 401], 512, 'REAL'), kernel },
    'of rows that are cut': { graph: transform([2, 3, 1, 50], 16, 'IMAG'), kernel },
    'of a large size': { graph: transform([2, 1, 1024], 1024, 'COMPLEX_ABS'), kernel },
  });
});
