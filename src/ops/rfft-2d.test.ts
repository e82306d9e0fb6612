import { rfft2d } from './rfft-2d.js';
import { c64, f32, i32, mixed, testOp } from './testing.js';

// Expected values: numpy.fft.rfft2.
testOp(rfft2d, {
  'short rows are filled with zeros': {
    inputs: { input: f32([2, 3], mixed(6)), fftLength: i32([2], [2, 4]) },
    output: c64([2, 3], [-2, 0, 5, -3, -8, 0, -8, 0, -11.0, -1, -10, 0]),
    version: 1,
  },
  'long columns are cut, and leading axes stay': {
    inputs: { input: f32([2, 2, 4], mixed(16)), fftLength: i32([2], [1, 4]) },
    output: c64([2, 1, 3], [0, 0, -3, 3, -14, 0, -7, 0, -3, -8, -3, 0]),
  },
});
