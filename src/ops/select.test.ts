import { select, selectV2 } from './select.js';
import { bool, c64, i32, strings, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(selectV2, {
  'all three broadcast': {
    inputs: { condition: bool([2, 1], [1, 0]), x: i32([1, 3], [4, 8, -4]), y: i32([2, 1], [7, 6]) },
    output: i32([2, 3], [4, 8, -4, 6, 6, 6]),
  },
  'texts are chosen': {
    inputs: { condition: bool([2], [1, 0]), x: strings([2], ['a', 'b']), y: strings([], ['c']) },
    output: strings([2], ['a', 'c']),
  },
  'a known choice of sizes is known': {
    inputs: { condition: bool([], [0]), x: i32([2], [1, 2]), y: i32([2], [3, 4]) },
    output: i32([2], [3, 4]),
    elements: [3, 4],
  },
  'complex numbers are chosen whole': {
    inputs: { condition: bool([2], [1, 0]), x: c64([2], [1, 1, 2, 0]), y: c64([2], [2, 0, 1, 1]) },
    output: c64([2], [1, 1, 1, 1]),
  },
});

testOp(select, {
  'a vector chooses rows': {
    inputs: {
      condition: bool([2], [1, 0]),
      x: i32([2, 3], [-3, -3, -5, -4, 6, -4]),
      y: i32([2, 3], [-1, 7, 3, -7, -8, -5]),
    },
    output: i32([2, 3], [-3, -3, -5, -7, -8, -5]),
  },
  'elements choose elements': {
    inputs: {
      condition: bool([2, 3], [1, 0, 0, 1, 0, 0]),
      x: i32([2, 3], [-3, -3, -5, -4, 6, -4]),
      y: i32([2, 3], [-1, 7, 3, -7, -8, -5]),
    },
    output: i32([2, 3], [-3, 7, 3, -4, -8, -5]),
  },
  'a scalar chooses all': {
    inputs: {
      condition: bool([], [1]),
      x: i32([2, 3], [-3, -3, -5, -4, 6, -4]),
      y: i32([2, 3], [-1, 7, 3, -7, -8, -5]),
    },
    output: i32([2, 3], [-3, -3, -5, -4, 6, -4]),
  },
});
