import { describe, it } from 'vitest';
import type { DType } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, type Operand } from './one-op.js';

const value = (dtype: DType, ...shape: number[]): Operand => ({ dtype, shape });
const list = (dtype: DType, ...data: number[]): Operand => ({ dtype, shape: [data.length], data, isConstant: true });

const rows: [string, OneOp][] = [];
for (const op of ['STABLEHLO_ADD', 'STABLEHLO_MULTIPLY', 'STABLEHLO_MAXIMUM', 'STABLEHLO_MINIMUM'])
  for (const dtype of ['f32', 'i32'] as const)
    rows.push([
      `${op} ${dtype}`,
      { op, inputs: [value(dtype, 3, 4), value(dtype, 3, 4)], outputs: [value(dtype, 3, 4)] },
    ]);
rows.push(
  [
    'STABLEHLO_AND i32',
    { op: 'STABLEHLO_AND', kernel: 'builtin', inputs: [value('i32', 9), value('i32', 9)], outputs: [value('i32', 9)] },
  ],
  [
    'STABLEHLO_SHIFT_LEFT i32',
    {
      op: 'STABLEHLO_SHIFT_LEFT',
      kernel: 'builtin',
      inputs: [value('i32', 9), { ...value('i32', 9), range: [0, 31] }],
      outputs: [value('i32', 9)],
    },
  ],
  [
    'STABLEHLO_PAD f32',
    {
      op: 'STABLEHLO_PAD',
      inputs: [value('f32', 3, 4), value('f32')],
      outputs: [value('f32', 6, 7)],
      options: { edgePaddingLow: [0n, -1n], edgePaddingHigh: [1n, 1n], interiorPadding: [1n, 1n] },
    },
  ],
  [
    'STABLEHLO_GATHER f32',
    {
      op: 'STABLEHLO_GATHER',
      inputs: [value('f32', 3, 4, 2), { ...value('i64', 2, 3, 2), range: [0, 3] }],
      outputs: [value('f32', 2, 3, 2, 2)],
      options: {
        offsetDims: [2n, 3n],
        collapsedSliceDims: [0n],
        startIndexMap: [1n, 0n],
        indexVectorDim: 2n,
        sliceSizes: [1n, 2n, 2n],
        indicesAreSorted: false,
      },
    },
  ],
  [
    'DILATE i32',
    { op: 'DILATE', inputs: [value('i32', 3, 4), list('i32', 2, 3), value('i32')], outputs: [value('i32', 5, 10)] },
  ],
);
for (const [reduceFunction, dtype] of [
  ['ADD', 'f32'],
  ['MUL', 'f32'],
  ['MINIMUM', 'i32'],
  ['MAXIMUM', 'i32'],
] as const)
  rows.push([
    `REDUCE_WINDOW ${reduceFunction} ${dtype}`,
    {
      op: 'REDUCE_WINDOW',
      inputs: [value(dtype, 5, 7), value(dtype), list('i64', 2, 3), list('i64', 2, 1), list('i64', 1, 2)],
      outputs: [value(dtype, 2, 3)],
      options: { reduceFunction },
    },
  ]);
for (const combiner of ['SUM', 'MEAN', 'SQRTN'])
  rows.push([
    `EMBEDDING_LOOKUP_SPARSE ${combiner}`,
    {
      op: 'EMBEDDING_LOOKUP_SPARSE',
      inputs: [
        { ...list('i32', 1, 3, 0, 2), isConstant: false },
        { ...list('i32', 0, 0, 0, 1, 2, 0, 2, 1), shape: [4, 2] },
        list('i32', 3, 2),
        { ...value('f32', 4), range: [0.5, 2] },
        value('f32', 4, 3),
      ],
      outputs: [value('f32', 3, 3)],
      options: { combiner },
    },
  ]);

describe('windows, gathers and StableHLO operators are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
