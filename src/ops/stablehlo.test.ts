import { it } from 'vitest';
import type { Options } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { findOp } from './registry.js';
import { bool, expectTensor, f32, i32 } from './testing.js';

function expectRun(name: string, inputs: readonly Tensor[], output: Tensor, options: Options = {}): void {
  const { dtype, shape } = output;
  const [result] = findOp(`STABLEHLO_${name}`)?.reference?.(inputs, [{ dtype, shape }], options) ?? [];
  expectTensor(result as Tensor, output, 1e-6);
}

const matrix = f32([2, 3], [1, 2, 3, 4, 5, 6]);
const scalar = (x: number) => i32([], [x]);

// Expected values: by hand, after the StableHLO specification.
it('arithmetic is done element by element', () => {
  const [a, b] = [i32([3], [-7, 6, 5]), i32([3], [2, 3, -3])];
  expectRun('SUBTRACT', [a, b], i32([3], [-9, 3, 8]));
  expectRun('DIVIDE', [a, b], i32([3], [-3, 2, -1]));
  expectRun('REMAINDER', [a, b], i32([3], [-1, 0, 2]));
  expectRun('AND', [a, b], i32([3], [-7 & 2, 6 & 3, 5 & -3]));
  expectRun('OR', [a, b], i32([3], [-7 | 2, 6 | 3, 5 | -3]));
  expectRun('NEGATE', [a], i32([3], [7, -6, -5]));
  expectRun('SHIFT_LEFT', [i32([2], [1, 3]), i32([2], [4, 32])], i32([2], [16, 0]));
  expectRun('POWER', [f32([2], [2, 9]), f32([2], [3, 0.5])], f32([2], [8, 3]));
  expectRun('CBRT', [f32([2], [8, -27])], f32([2], [2, -3]));
  expectRun('LOGISTIC', [f32([2], [0, -100])], f32([2], [0.5, 0]));
});

it('elements are moved as the options say', () => {
  expectRun('RESHAPE', [matrix], f32([3, 2], [1, 2, 3, 4, 5, 6]));
  expectRun('TRANSPOSE', [matrix], f32([3, 2], [1, 4, 2, 5, 3, 6]), { permutation: [1n, 0n] });
  expectRun('SLICE', [matrix], f32([1, 2], [4, 6]), {
    startIndices: [1n, 0n],
    limitIndices: [2n, 3n],
    strides: [1n, 2n],
  });
  expectRun('BROADCAST_IN_DIM', [f32([2], [1, 2])], f32([2, 3], [1, 1, 1, 2, 2, 2]), { broadcastDimensions: [0n] });
  expectRun('CONCATENATE', [matrix, f32([2, 1], [7, 8])], f32([2, 4], [1, 2, 3, 7, 4, 5, 6, 8]), { dimension: 1n });
  expectRun('IOTA', [], i32([2, 3], [0, 1, 2, 0, 1, 2]), { iotaDimension: 1n });
});

it('starts of dynamic slices are clamped so that the slice fits', () => {
  expectRun('DYNAMIC_SLICE', [matrix, scalar(5), scalar(-1)], f32([1, 2], [4, 5]), { sliceSizes: [1n, 2n] });
  const updated = f32([2, 3], [1, 2, 3, 4, 9, 9]);
  expectRun('DYNAMIC_UPDATE_SLICE', [matrix, f32([1, 2], [9, 9]), scalar(1), scalar(2)], updated);
});

it('elements are chosen, compared and converted', () => {
  const [a, b] = [f32([3], [1, 5, 3]), f32([3], [2, 4, 3])];
  expectRun('SELECT', [bool([3], [1, 0, 1]), a, b], f32([3], [1, 4, 3]));
  expectRun('CLAMP', [f32([], [2]), a, f32([], [4])], f32([3], [2, 4, 3]));
  const comparisonDirection = 'STABLEHLO_COMPARISON_DIRECTION_LE';
  expectRun('COMPARE', [a, b], bool([3], [1, 0, 1]), { comparisonDirection });
  expectRun('CONVERT', [f32([2], [1.9, -2.9])], i32([2], [1, -2]));
});

it('negative padding cuts elements off', () => {
  const options = { edgePaddingLow: [0n, -1n], edgePaddingHigh: [1n, 0n], interiorPadding: [0n, 1n] };
  expectRun('PAD', [matrix, f32([], [9])], f32([3, 4], [9, 2, 9, 3, 9, 5, 9, 6, 9, 9, 9, 9]), options);
});
