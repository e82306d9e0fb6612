import { expect, it } from 'vitest';
import type { KnownValue, Op } from './define.js';
import { windowOps } from './reduce-window.js';

const [dilate, reduceWindow, stableReduceWindow, stablePad] = windowOps as readonly [Op, Op, Op, Op];
const operand = (shape: readonly number[]): KnownValue => ({ dtype: 'f32', shape, elements: undefined });
const held = (...elements: (number | undefined)[]): KnownValue => ({
  dtype: 'i64',
  shape: [elements.length],
  elements,
});
const zero = operand([]);
const shapeOf = (op: Op, inputs: readonly KnownValue[], options = {}) => op.infer(inputs, options).map((t) => t.shape);

// Expected shapes: TFLite reference kernels of TensorFlow 2.21.
it('DILATE puts cells between elements', () => {
  expect(shapeOf(dilate, [operand([3, 4]), held(2, 3), zero])).toEqual([[5, 10]]);
  expect(shapeOf(dilate, [operand([-1, 4]), held(2, undefined), zero])).toEqual([[-1, -1]]);
});

it('REDUCE_WINDOW slides without padding', () => {
  const inputs = [operand([4, 6]), zero, held(2, 3), held(2, 1), held(2, 1)];
  expect(shapeOf(reduceWindow, inputs)).toEqual([[1, 4]]);
  expect(shapeOf(reduceWindow, [operand([-1, 6]), ...inputs.slice(1)])).toEqual([[-1, 4]]);
});

it('STABLEHLO_PAD pads between elements and at the ends, also by less than nothing', () => {
  const options = { edgePaddingLow: [0n, -1n], edgePaddingHigh: [0n, 1n], interiorPadding: [1n, 1n] };
  expect(shapeOf(stablePad, [operand([3, 4]), zero], options)).toEqual([[5, 7]]);
});

it('STABLEHLO_REDUCE_WINDOW gives one output for each operand', () => {
  const options = { windowDimensions: [2n, 2n], windowStrides: [2n, 2n], padding: [0n, 0n, 0n, 1n] };
  const inputs = [operand([4, 5]), operand([4, 5]), zero, zero];
  expect(shapeOf(stableReduceWindow, inputs, options)).toEqual([
    [2, 3],
    [2, 3],
  ]);
});
