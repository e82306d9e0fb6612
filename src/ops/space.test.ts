import { expect, it } from 'vitest';
import { matrixDiag, matrixSetDiag } from './matrix-diag.js';
import { batchToSpaceNd, spaceToBatchNd } from './space-to-batch.js';
import { depthToSpace, spaceToDepth } from './space-to-depth.js';
import { errorOf, i32, testOp } from './testing.js';

// Expected values: TensorFlow.

testOp(spaceToBatchNd, {
  'cells move into the batch': {
    inputs: {
      input: i32([1, 4, 2, 1], [-3, -3, 4, -8, -5, 0, 7, 4]),
      block: i32([2], [2, 2]),
      paddings: i32([2, 2], [0, 0, 0, 0]),
    },
    output: i32([4, 2, 1, 1], [-3, -5, -3, 0, 4, 7, -8, 4]),
  },
  'zeros fill up to the block size': {
    inputs: {
      input: i32([2, 3, 2, 2], [5, -6, -4, -5, 4, 0, -6, 4, 2, 7, 1, -7, 6, -6, -9, 5, -1, 2, -7, 3, -2, 8, 2, 7]),
      block: i32([2], [2, 3]),
      paddings: i32([2, 2], [1, 0, 0, 1]),
    },
    output: i32(
      [12, 2, 1, 2],
      [
        0, 0, 4, 0, 0, 0, -1, 2, 0, 0, -6, 4, 0, 0, -7, 3, 0, 0, 0, 0, 0, 0, 0, 0, 5, -6, 2, 7, 6, -6, -2, 8, -4, -5, 1,
        -7, -9, 5, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0,
      ],
    ),
  },
  'one axis has its version': {
    inputs: {
      input: i32([1, 4, 3], [5, 6, -8, 4, 1, -2, -4, 2, -6, -6, 6, 4]),
      block: i32([1], [2]),
      paddings: i32([1, 2], [1, 1]),
    },
    output: i32([2, 3, 3], [0, 0, 0, 4, 1, -2, -6, 6, 4, 5, 6, -8, -4, 2, -6, 0, 0, 0]),
    version: 3,
  },
});

testOp(batchToSpaceNd, {
  'the batch moves back into cells': {
    inputs: {
      input: i32([4, 2, 1, 2], [1, 4, -4, 3, -6, -1, -7, -3, -3, -2, -1, -9, -3, 6, -2, 0]),
      block: i32([2], [2, 2]),
      crops: i32([2, 2], [0, 0, 0, 0]),
    },
    output: i32([1, 4, 2, 2], [1, 4, -6, -1, -3, -2, -3, 6, -4, 3, -7, -3, -1, -9, -2, 0]),
  },
  'edges are cropped': {
    inputs: {
      input: i32([6, 2, 2, 1], [-8, -3, 8, 0, -9, 3, 4, -3, -9, 5, -5, 7, -3, -3, 5, -7, -9, 4, 7, 8, -7, -7, -3, 3]),
      block: i32([2], [2, 3]),
      crops: i32([2, 2], [1, 0, 0, 2]),
    },
    output: i32([1, 3, 4, 1], [-3, -9, -7, -3, 8, 4, -5, 0, 5, 7, -3, -7]),
  },
  'one axis moves': {
    inputs: {
      input: i32([4, 2, 3], [7, 5, -3, 7, -5, -7, -2, -8, 3, 8, -8, -7, -6, -6, 0, 1, 8, -1, 7, 4, 6, -6, -1, 7]),
      block: i32([1], [2]),
      crops: i32([1, 2], [1, 0]),
    },
    output: i32([2, 3, 3], [-6, -6, 0, 7, -5, -7, 1, 8, -1, 7, 4, 6, 8, -8, -7, -6, -1, 7]),
  },
});

testOp(spaceToDepth, {
  'cells of pixels become channels': {
    inputs: {
      input: i32(
        [1, 4, 2, 3],
        [4, -6, 6, 4, -7, -8, -5, -1, -7, -9, -8, -4, -2, -4, -1, 3, -5, -1, 4, -8, 7, 8, -4, 6],
      ),
    },
    output: i32(
      [1, 2, 1, 12],
      [4, -6, 6, 4, -7, -8, -5, -1, -7, -9, -8, -4, -2, -4, -1, 3, -5, -1, 4, -8, 7, 8, -4, 6],
    ),
  },
});

testOp(depthToSpace, {
  'channels become cells of pixels': {
    inputs: {
      input: i32(
        [1, 2, 1, 18],
        [
          -5, 7, 2, -5, -8, -2, 4, -5, 0, -7, -2, -9, 8, 0, 6, -7, -6, -6, 1, 6, 1, -1, 7, -6, -7, 3, 6, -5, -5, 0, 5,
          -4, 5, 0, 3, 2,
        ],
      ),
    },
    options: { blockSize: 3 },
    output: i32(
      [1, 6, 3, 2],
      [
        -5, 7, 2, -5, -8, -2, 4, -5, 0, -7, -2, -9, 8, 0, 6, -7, -6, -6, 1, 6, 1, -1, 7, -6, -7, 3, 6, -5, -5, 0, 5, -4,
        5, 0, 3, 2,
      ],
    ),
  },
});

testOp(matrixDiag, {
  'rows become diagonals': {
    inputs: { diagonal: i32([2, 3], [-1, 0, 8, -2, 8, 5]) },
    output: i32([2, 3, 3], [-1, 0, 0, 0, 0, 0, 0, 0, 8, -2, 0, 0, 0, 8, 0, 0, 0, 5]),
  },
});

testOp(matrixSetDiag, {
  'diagonals of 2 by 3 matrices are replaced': {
    inputs: {
      input: i32([2, 2, 3], [-6, 6, -3, -6, -5, -7, -3, -7, 0, 8, 8, 7]),
      diagonal: i32([2, 2], [-5, -5, 3, 8]),
    },
    output: i32([2, 2, 3], [-5, 6, -3, -6, -5, -7, 3, -7, 0, 8, 8, 7]),
  },
  'diagonals of 3 by 2 matrices are replaced': {
    inputs: { input: i32([3, 2], [5, -6, 4, 0, -2, -1]), diagonal: i32([2], [0, 7]) },
    output: i32([3, 2], [0, -6, 4, 7, -2, -1]),
  },
});

it('sizes that the block does not divide are refused', () => {
  const inputs = { input: i32([1, 3, 2, 1], [1, 2, 3, 4, 5, 6]) };
  expect(errorOf(spaceToDepth, { inputs })).toBe('[1,3,2,1] has a size 3 that is no multiple of 2');
});
