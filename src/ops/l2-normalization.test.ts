import { l2Normalization } from './l2-normalization.js';
import { f32, testOp } from './testing.js';

// Expected values: by hand, from 3-4-5 triangles.
testOp(l2Normalization, {
  'rows along the last axis get length 1': {
    inputs: { input: f32([2, 2], [3, 4, -8, 6]) },
    output: f32([2, 2], [0.6, 0.8, -0.8, 0.6]),
    version: 1,
  },
  'rows near zero are divided by a millionth': {
    inputs: { input: f32([2, 2], [0, 0, 3e-7, 0]) },
    output: f32([2, 2], [0, 0, 0.3, 0]),
  },
});
