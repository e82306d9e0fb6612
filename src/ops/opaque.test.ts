import { expect, it } from 'vitest';
import { findOp } from './registry.js';

const value = (shape: readonly number[]) => ({ dtype: 'f32', shape, elements: undefined }) as const;
const shapesOf = (name: string, inputs: readonly (readonly number[])[], options = {}) =>
  findOp(name)
    ?.infer(inputs.map(value), options)
    .map((t) => t.shape);

it('element-wise StableHLO operators give the type of their first operand', () => {
  expect(
    shapesOf('STABLEHLO_ADD', [
      [2, -1],
      [2, 3],
    ]),
  ).toEqual([[2, -1]]);
});

it('nothing follows from the inputs of operators that other graphs define', () => {
  expect(shapesOf('STABLEHLO_COMPOSITE', [[2]])).toEqual([]);
  expect(shapesOf('IF', [[], [2]])).toEqual([]);
});

it('a loop gives the types that it takes', () => {
  expect(shapesOf('WHILE', [[2, 3], [-1]])).toEqual([[2, 3], [-1]]);
});

// Expected shape: the StableHLO specification's example of gather.
it('STABLEHLO_GATHER puts the axes of slices where its options say', () => {
  const options = {
    offsetDims: [2n, 3n],
    collapsedSliceDims: [0n],
    indexVectorDim: 2n,
    sliceSizes: [1n, 2n, 2n],
  };
  expect(
    shapesOf(
      'STABLEHLO_GATHER',
      [
        [3, 4, 2],
        [2, 3, 2],
      ],
      options,
    ),
  ).toEqual([[2, 3, 2, 2]]);
});

it('operators with effects or of unknown meaning are never folded or dropped', () => {
  const names = ['CUSTOM', 'WHILE', 'ASSIGN_VARIABLE', 'HASHTABLE_IMPORT', 'RANDOM_UNIFORM', 'LSTM', 'STABLEHLO_CASE'];
  expect(names.map((name) => findOp(name)?.impure)).toEqual(names.map(() => true));
});
