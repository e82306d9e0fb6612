import { describe, it } from 'vitest';
import type { DType, Quantization } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, perTensor } from './one-op.js';

type Scales = readonly [number, number];
const quantized = (dtype: DType, [scale, zeroPoint]: Scales): Quantization =>
  perTensor(scale, dtype === 'i16' ? 0 : dtype === 'u8' ? zeroPoint + 128 : zeroPoint);

const rows: [string, OneOp][] = [];
const all = ['i8', 'u8', 'i16'] as const;
const indices = (...data: number[]) => ({ dtype: 'i32' as const, shape: [data.length], data, isConstant: true });

for (const dtype of all) {
  const wide = dtype === 'i16' ? 1 / 200 : 1;
  const q = (scale: number, zeroPoint: number) => quantized(dtype, [scale * wide, zeroPoint]);
  const same = q(0.05, 3);
  for (const op of ['AVERAGE_POOL_2D', 'MAX_POOL_2D'])
    for (const padding of ['SAME', 'VALID'])
      rows.push([
        `${op} ${dtype}, ${padding}`,
        {
          op,
          inputs: [{ dtype, shape: [2, 7, 7, 3], quantization: same }],
          outputs: [
            { dtype, shape: [2, padding === 'SAME' ? 4 : 3, padding === 'SAME' ? 7 : 6, 3], quantization: same },
          ],
          options: {
            padding,
            filterHeight: 3,
            filterWidth: 2,
            strideH: 2,
            strideW: 1,
            fusedActivationFunction: 'RELU6',
          },
        },
      ]);
  for (const beta of [1, 0.3])
    rows.push([
      `SOFTMAX ${dtype}, beta ${beta}`,
      {
        op: 'SOFTMAX',
        inputs: [{ dtype, shape: [20, 30], quantization: q(0.1, 3) }],
        outputs: [
          {
            dtype,
            shape: [20, 30],
            quantization: dtype === 'i16' ? perTensor(1 / 32768) : perTensor(1 / 256, dtype === 'i8' ? -128 : 0),
          },
        ],
        options: { beta },
      },
    ]);
  const reduce = (
    op: string,
    axes: number[],
    shape: number[],
    from: Quantization,
    to: Quantization,
    keepDims = false,
  ): OneOp => ({
    op,
    inputs: [{ dtype, shape: [2, 5, 6, 3], quantization: from }, indices(...axes)],
    outputs: [{ dtype, shape, quantization: to }],
    options: { keepDims },
    ...(op === 'SUM' ? { kernel: 'builtin' as const } : {}),
  });
  // The reference kernel of SUM reads memory that nothing has written: its results change from run to run.
  for (const op of ['SUM', 'MEAN'])
    rows.push(
      [
        `${op} ${dtype} of rows and columns`,
        reduce(op, [1, 2], [2, 1, 1, 3], q(0.05, 3), q(op === 'SUM' ? 0.3 : 0.02, -9), true),
      ],
      [`${op} ${dtype} of the last axis`, reduce(op, [-1], [2, 5, 6], q(0.05, 3), q(0.06, -9))],
      [`${op} ${dtype} of three axes`, reduce(op, [0, 1, 3], [6], q(0.05, 3), q(op === 'SUM' ? 0.3 : 0.02, -9))],
    );
  for (const op of ['REDUCE_MAX', 'REDUCE_MIN']) rows.push([`${op} ${dtype}`, reduce(op, [1, 3], [2, 6], same, same)]);
  if (dtype !== 'u8')
    rows.push([`REDUCE_PROD ${dtype}`, reduce('REDUCE_PROD', [3], [2, 5, 6], q(0.05, 3), q(0.3, -9))]);
  for (const options of [{}, { alignCorners: true }, { halfPixelCenters: true }])
    for (const op of ['RESIZE_BILINEAR', 'RESIZE_NEAREST_NEIGHBOR'])
      for (const [h, w] of [
        [9, 4],
        [3, 13],
      ] as const)
        rows.push([
          `${op} ${dtype} to ${h} x ${w}, ${Object.keys(options)[0] ?? 'plain'}`,
          {
            op,
            inputs: [{ dtype, shape: [2, 5, 6, 3], quantization: same }, indices(h, w)],
            outputs: [{ dtype, shape: [2, h, w, 3], quantization: same }],
            options: { alignCorners: false, halfPixelCenters: false, ...options },
          },
        ]);
  rows.push(
    [
      `CONCATENATION ${dtype}`,
      {
        op: 'CONCATENATION',
        inputs: [2, 3].map((size) => ({ dtype, shape: [4, size, 5], quantization: same })),
        outputs: [{ dtype, shape: [4, 5, 5], quantization: same }],
        options: { axis: 1, fusedActivationFunction: 'NONE' },
      },
    ],
    [
      `PAD ${dtype}`,
      {
        op: 'PAD',
        inputs: [
          { dtype, shape: [2, 3], quantization: same },
          { ...indices(1, 0, 2, 3), shape: [2, 2] },
        ],
        outputs: [{ dtype, shape: [3, 8], quantization: same }],
      },
    ],
  );
}
rows.push(
  [
    'LOG_SOFTMAX i8',
    {
      op: 'LOG_SOFTMAX',
      inputs: [{ dtype: 'i8', shape: [20, 30], quantization: perTensor(0.1, 3) }],
      outputs: [{ dtype: 'i8', shape: [20, 30], quantization: perTensor(1 / 16, 127) }],
    },
  ],
  [
    'L2_NORMALIZATION i8',
    {
      op: 'L2_NORMALIZATION',
      inputs: [{ dtype: 'i8', shape: [5, 2, 2, 30], quantization: perTensor(0.1, 3) }],
      outputs: [{ dtype: 'i8', shape: [5, 2, 2, 30], quantization: perTensor(1 / 128) }],
      options: { fusedActivationFunction: 'NONE' },
    },
  ],
  [
    'L2_NORMALIZATION u8',
    {
      op: 'L2_NORMALIZATION',
      inputs: [{ dtype: 'u8', shape: [500, 8], quantization: perTensor(0.03, 100) }],
      outputs: [{ dtype: 'u8', shape: [500, 8], quantization: perTensor(1 / 128, 128) }],
      options: { fusedActivationFunction: 'NONE' },
    },
  ],
  [
    'SOFTMAX i8 to i16',
    {
      op: 'SOFTMAX',
      inputs: [{ dtype: 'i8', shape: [20, 30], quantization: perTensor(0.1, 3) }],
      outputs: [{ dtype: 'i16', shape: [20, 30], quantization: perTensor(1 / 65536, -32768) }],
      options: { beta: 1 },
    },
  ],
  [
    'CONCATENATION u8 of two scales',
    {
      op: 'CONCATENATION',
      inputs: [0.03, 0.07].map((scale, i) => ({
        dtype: 'u8',
        shape: [4, 30],
        quantization: perTensor(scale, 100 + 9 * i),
      })),
      outputs: [{ dtype: 'u8', shape: [4, 60], quantization: perTensor(0.06, 90) }],
      options: { axis: 1, fusedActivationFunction: 'NONE' },
    },
  ],
);

describe('pools, reductions and normalizations of integers are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
