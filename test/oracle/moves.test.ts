import { describe, it } from 'vitest';
import type { Options } from '../../src/ir/graph.js';
import type { DType, Quantization } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, type Operand, perTensor } from './one-op.js';

const indices = (shape: number[], ...data: number[]): Operand => ({ dtype: 'i32', shape, data, isConstant: true });

/** Operators whose version for 8-bit integers the reference resolver does not have. */
const NEWER: ReadonlySet<string> = new Set(['DEPTH_TO_SPACE', 'TILE']);
/** Operators that the runtime does not have for 16-bit integers. */
const NOT_I16: ReadonlySet<string> = new Set(['DEPTH_TO_SPACE', 'SPACE_TO_DEPTH', 'ARG_MAX']);

/** Quantized operands stay in the steps of their scale: they move, or are compared, as they are stored. */
const rowsOf = (dtype: DType, quantization: Quantization): [string, OneOp][] => {
  const value = (...shape: number[]): Operand => ({ dtype, shape, quantization });
  const row = (op: string, inputs: Operand[], outputs: Operand[], options: Options = {}): [string, OneOp] => [
    `${op} ${dtype}`,
    { op, inputs, outputs, options, ...(NEWER.has(op) ? { kernel: 'builtin' as const } : {}) },
  ];
  const image = value(2, 4, 6, 4);
  return [
    row('SPACE_TO_BATCH_ND', [image, indices([2], 2, 3), indices([2, 2], 1, 1, 0, 3)], [value(12, 3, 3, 4)]),
    row('BATCH_TO_SPACE_ND', [value(4, 2, 3, 4), indices([2], 2, 2), indices([2, 2], 0, 1, 1, 0)], [value(1, 3, 5, 4)]),
    row('SPACE_TO_DEPTH', [image], [value(2, 2, 3, 16)], { blockSize: 2 }),
    row('DEPTH_TO_SPACE', [image], [value(2, 8, 12, 1)], { blockSize: 2 }),
    row('PADV2', [value(2, 3), indices([2, 2], 1, 0, 2, 1), { ...value(), isConstant: true }], [value(3, 6)]),
    row('MIRROR_PAD', [value(3, 4), indices([2, 2], 1, 2, 2, 1)], [value(6, 7)], { mode: 'REFLECT' }),
    row('TRANSPOSE', [value(2, 3, 4), indices([3], 2, 0, 1)], [value(4, 2, 3)]),
    row('GATHER', [value(5, 3), indices([2], 4, 1)], [value(2, 3)], { axis: 0, batchDims: 0 }),
    row('STRIDED_SLICE', [value(5, 6), indices([2], 1, 5), indices([2], 4, 0), indices([2], 2, -2)], [value(2, 3)], {
      beginMask: 0,
      endMask: 0,
      ellipsisMask: 0,
      newAxisMask: 0,
      shrinkAxisMask: 0,
    }),
    row('PACK', [value(2, 3), value(2, 3)], [value(2, 2, 3)], { axis: 1, valuesCount: 2 }),
    row('SPLIT', [indices([], 1), value(2, 4)], [value(2, 2), value(2, 2)], { numSplits: 2 }),
    row('TILE', [value(2, 3), indices([2], 2, 2)], [value(4, 6)]),
    row('SELECT_V2', [{ dtype: 'bool', shape: [2, 3] }, value(2, 3), value(2, 3)], [value(2, 3)]),
    row('ARG_MAX', [value(4, 9), indices([], 1)], [{ dtype: 'i32', shape: [4] }], { outputType: 'INT32' }),
    row('TOPK_V2', [value(4, 9), indices([], 3)], [value(4, 3), { dtype: 'i32', shape: [4, 3] }]),
  ];
};

const rows = [
  ...rowsOf('i8', perTensor(0.05, 3)),
  ...rowsOf('u8', perTensor(0.05, 131)),
  ...rowsOf('i16', perTensor(0.0003)).filter(([, { op }]) => !NOT_I16.has(op)),
];

describe('operators that move quantized integers are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
