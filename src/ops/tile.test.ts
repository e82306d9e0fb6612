import { i32, i64, strings, testOp } from './testing.js';
import { tile } from './tile.js';

// Expected values: TensorFlow.

testOp(tile, {
  'rows and columns repeat': {
    inputs: { input: i32([2, 3], [-6, -1, -6, 8, -7, 0]), multiples: i32([2], [2, 3]) },
    output: i32(
      [4, 9],
      [
        -6, -1, -6, -6, -1, -6, -6, -1, -6, 8, -7, 0, 8, -7, 0, 8, -7, 0, -6, -1, -6, -6, -1, -6, -6, -1, -6, 8, -7, 0,
        8, -7, 0, 8, -7, 0,
      ],
    ),
  },
  'a multiple of 0 leaves nothing': {
    inputs: { input: i32([2, 3], [-6, -1, -6, 8, -7, 0]), multiples: i64([2], [1, 0]) },
    output: i32([2, 0], []),
  },
  'a vector of sizes repeats': {
    inputs: { input: i32([2], [1, 2]), multiples: i32([1], [2]) },
    output: i32([4], [1, 2, 1, 2]),
    elements: [1, 2, 1, 2],
  },
  'texts repeat': {
    inputs: { input: strings([1], ['a']), multiples: i32([1], [2]) },
    output: strings([2], ['a', 'a']),
    version: 2,
  },
});
