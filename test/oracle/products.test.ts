import { describe, it } from 'vitest';
import type { DType } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, type Operand, perChannel, perTensor } from './one-op.js';

/** Padding, strides, dilations and channels of convolutions. */
const CONVOLUTIONS = {
  'same padding': { padding: 'SAME', strideH: 1, strideW: 1, dilationHFactor: 1, dilationWFactor: 1 },
  'valid, strides': { padding: 'VALID', strideH: 2, strideW: 1, dilationHFactor: 1, dilationWFactor: 1 },
  'same, strides': { padding: 'SAME', strideH: 2, strideW: 2, dilationHFactor: 1, dilationWFactor: 1 },
  dilations: { padding: 'SAME', strideH: 1, strideW: 1, dilationHFactor: 2, dilationWFactor: 1 },
} as const;

const q8 = { i8: perTensor(0.05, 3), u8: perTensor(0.05, 131), i16: perTensor(0.0003) } as const;
const out8 = { i8: perTensor(0.09, -7), u8: perTensor(0.09, 120), i16: perTensor(0.0006) } as const;
type Quantized = keyof typeof q8;

const weights = (dtype: DType, shape: number[], quantization = perTensor(0.01)): Operand => ({
  dtype,
  shape,
  quantization,
  isConstant: true,
  ...(dtype === 'i8' ? { range: [-127, 127] } : {}),
});
const bias = (dtype: DType, count: number, scale = 0.0005): Operand => ({
  dtype,
  shape: [count],
  isConstant: true,
  range: dtype === 'f32' ? [-1, 1] : [-3000, 3000],
  quantization: dtype === 'f32' ? undefined : perTensor(scale),
});

const spatial = (
  size: number,
  { padding, strideH, strideW, dilationHFactor: d }: (typeof CONVOLUTIONS)[keyof typeof CONVOLUTIONS],
) => {
  const rows = padding === 'SAME' ? Math.ceil(size / strideH) : Math.ceil((size - 2 * d) / strideH);
  const columns = padding === 'SAME' ? Math.ceil(size / strideW) : Math.ceil((size - 2) / strideW);
  return [rows, columns] as const;
};

const rows: [string, OneOp][] = [];
for (const [what, geometry] of Object.entries(CONVOLUTIONS)) {
  const [oh, ow] = spatial(6, geometry);
  for (const dtype of ['i8', 'i16'] as const) {
    for (const groups of [1, 2])
      rows.push([
        `CONV_2D ${dtype}, ${what}, ${groups} groups`,
        {
          op: 'CONV_2D',
          inputs: [
            { dtype, shape: [2, 6, 6, 4], quantization: q8[dtype] },
            weights('i8', [6, 3, 3, 4 / groups], perChannel(6, 0)),
            bias(dtype === 'i8' ? 'i32' : 'i64', 6),
          ],
          outputs: [{ dtype, shape: [2, oh, ow, 6], quantization: out8[dtype] }],
          options: { ...geometry, fusedActivationFunction: 'RELU6' },
        },
      ]);
    rows.push([
      `DEPTHWISE_CONV_2D ${dtype}, ${what}`,
      {
        op: 'DEPTHWISE_CONV_2D',
        inputs: [
          { dtype, shape: [2, 6, 6, 3], quantization: q8[dtype] },
          weights('i8', [1, 3, 3, 6], perChannel(6, 3)),
          bias(dtype === 'i8' ? 'i32' : 'i64', 6),
        ],
        outputs: [{ dtype, shape: [2, oh, ow, 6], quantization: out8[dtype] }],
        options: { ...geometry, depthMultiplier: 2, fusedActivationFunction: 'RELU' },
      },
    ]);
  }
  // Groups with one scale are left out: there the runtime reads scales behind the end of the list.
  for (const [kind, quantization] of [
    ['one scale', perTensor(0.01)],
    ['a scale for each channel', perChannel(6, 0)],
  ] as const)
    for (const groups of kind === 'one scale' ? [1] : [1, 2])
      rows.push([
        `CONV_2D f32 with i8 weights of ${kind}, ${what}, ${groups} groups`,
        {
          op: 'CONV_2D',
          inputs: [
            { dtype: 'f32', shape: [2, 6, 6, 4] },
            weights('i8', [6, 3, 3, 4 / groups], quantization),
            bias('f32', 6),
          ],
          outputs: [{ dtype: 'f32', shape: [2, oh, ow, 6] }],
          options: { ...geometry, fusedActivationFunction: 'NONE' },
        },
      ]);
  rows.push([
    `DEPTHWISE_CONV_2D f32 with i8 weights, ${what}`,
    {
      op: 'DEPTHWISE_CONV_2D',
      inputs: [{ dtype: 'f32', shape: [2, 6, 6, 3] }, weights('i8', [1, 3, 3, 6], perChannel(6, 3)), bias('f32', 6)],
      outputs: [{ dtype: 'f32', shape: [2, oh, ow, 6] }],
      options: { ...geometry, depthMultiplier: 2, fusedActivationFunction: 'NONE' },
    },
  ]);
}

const conv = CONVOLUTIONS['same padding'];
rows.push(
  [
    'CONV_2D u8',
    {
      op: 'CONV_2D',
      inputs: [
        { dtype: 'u8', shape: [1, 6, 6, 3], quantization: q8.u8 },
        { ...weights('u8', [5, 3, 3, 3], perTensor(0.01, 128)) },
        bias('i32', 5),
      ],
      outputs: [{ dtype: 'u8', shape: [1, 6, 6, 5], quantization: out8.u8 }],
      options: { ...conv, fusedActivationFunction: 'RELU' },
    },
  ],
  [
    'DEPTHWISE_CONV_2D u8',
    {
      op: 'DEPTHWISE_CONV_2D',
      inputs: [
        { dtype: 'u8', shape: [1, 6, 6, 3], quantization: q8.u8 },
        { ...weights('u8', [1, 3, 3, 3], perTensor(0.01, 128)) },
        bias('i32', 3),
      ],
      outputs: [{ dtype: 'u8', shape: [1, 6, 6, 3], quantization: out8.u8 }],
      options: { ...conv, depthMultiplier: 1, fusedActivationFunction: 'RELU' },
    },
  ],
  [
    'CONV_2D i16 with 32-bit sums',
    {
      op: 'CONV_2D',
      inputs: [
        { dtype: 'i16', shape: [1, 6, 6, 3], quantization: q8.i16 },
        weights('i8', [5, 3, 3, 3], perChannel(5, 0)),
        bias('i32', 5),
      ],
      outputs: [{ dtype: 'i16', shape: [1, 6, 6, 5], quantization: out8.i16 }],
      options: { ...conv, quantizedBiasType: 'INT32', fusedActivationFunction: 'NONE' },
    },
  ],
  [
    'CONV_2D i8 with i4 weights',
    {
      op: 'CONV_2D',
      inputs: [
        { dtype: 'i8', shape: [1, 6, 6, 3], quantization: q8.i8 },
        weights('i4', [5, 3, 3, 3], perChannel(5, 0, 0.1)),
        bias('i32', 5),
      ],
      outputs: [{ dtype: 'i8', shape: [1, 6, 6, 5], quantization: out8.i8 }],
      options: { ...conv, fusedActivationFunction: 'NONE' },
    },
  ],
  [
    'CONV_2D f32 with i4 weights',
    {
      op: 'CONV_2D',
      inputs: [
        { dtype: 'f32', shape: [1, 6, 6, 3] },
        weights('i4', [5, 3, 3, 3], perChannel(5, 0, 0.1)),
        bias('f32', 5),
      ],
      outputs: [{ dtype: 'f32', shape: [1, 6, 6, 5] }],
      options: { ...conv, fusedActivationFunction: 'NONE' },
    },
  ],
  [
    'DEPTHWISE_CONV_2D i8 with i4 weights',
    {
      // The reference resolver ends with version 6.
      kernel: 'builtin',
      op: 'DEPTHWISE_CONV_2D',
      inputs: [
        { dtype: 'i8', shape: [1, 6, 6, 3], quantization: q8.i8 },
        weights('i4', [1, 3, 3, 3], perChannel(3, 3, 0.1)),
        bias('i32', 3),
      ],
      outputs: [{ dtype: 'i8', shape: [1, 6, 6, 3], quantization: out8.i8 }],
      options: { ...conv, depthMultiplier: 1, fusedActivationFunction: 'NONE' },
    },
  ],
);

const transposed = (dtype: Quantized | 'f32', w: Operand, b: Operand | undefined, options: object = {}): OneOp => ({
  op: 'TRANSPOSE_CONV',
  inputs: [
    { dtype: 'i32', shape: [4], data: [2, 6, 6, 4], isConstant: true },
    w,
    { dtype, shape: [2, 3, 3, 5], quantization: dtype === 'f32' ? undefined : q8[dtype] },
    ...(b ? [b] : []),
  ],
  outputs: [{ dtype, shape: [2, 6, 6, 4], quantization: dtype === 'f32' ? undefined : out8[dtype] }],
  options: { padding: 'SAME', strideH: 2, strideW: 2, fusedActivationFunction: 'NONE', ...options },
});
const tw = weights('i8', [4, 3, 3, 5], perChannel(4, 0));
rows.push(
  ['TRANSPOSE_CONV i8', transposed('i8', tw, bias('i32', 4))],
  [
    'TRANSPOSE_CONV i8 without bias, with activation',
    transposed('i8', tw, undefined, { fusedActivationFunction: 'RELU' }),
  ],
  ['TRANSPOSE_CONV u8', transposed('u8', weights('u8', [4, 3, 3, 5], perTensor(0.01, 128)), bias('i32', 4))],
  ['TRANSPOSE_CONV i16', transposed('i16', tw, bias('i64', 4))],
  ['TRANSPOSE_CONV i16 with 32-bit sums', transposed('i16', tw, bias('i32', 4), { quantizedBiasType: 'INT32' })],
  ['TRANSPOSE_CONV f32 with i8 weights', transposed('f32', tw, bias('f32', 4))],
);

const dense = (
  dtype: Quantized | 'f32',
  w: Operand,
  b: Operand | undefined,
  options: object = {},
  size = w.shape[1] ?? 0,
): OneOp => ({
  op: 'FULLY_CONNECTED',
  inputs: [{ dtype, shape: [3, size], quantization: dtype === 'f32' ? undefined : q8[dtype] }, w, b],
  outputs: [{ dtype, shape: [3, w.shape[0] ?? 0], quantization: dtype === 'f32' ? undefined : out8[dtype] }],
  options: { fusedActivationFunction: 'NONE', asymmetricQuantizeInputs: false, keepNumDims: false, ...options },
});
const fw = (dtype: DType, quantization = perTensor(0.01)) => weights(dtype, [16, 40], quantization);
rows.push(
  ['FULLY_CONNECTED i8', dense('i8', fw('i8'), bias('i32', 16))],
  [
    'FULLY_CONNECTED i8, per channel, activation',
    dense('i8', fw('i8', perChannel(16, 0)), bias('i32', 16), { fusedActivationFunction: 'RELU' }),
  ],
  ['FULLY_CONNECTED i8 without bias', dense('i8', fw('i8'), undefined)],
  ['FULLY_CONNECTED i8 with i4 weights', dense('i8', fw('i4', perTensor(0.1)), bias('i32', 16, 0.005))],
  ['FULLY_CONNECTED u8', dense('u8', fw('u8', perTensor(0.01, 128)), bias('i32', 16))],
  ['FULLY_CONNECTED i16', dense('i16', fw('i8'), bias('i64', 16, 3e-6))],
  ['FULLY_CONNECTED i16, per channel', dense('i16', fw('i8', perChannel(16, 0)), bias('i64', 16))],
  [
    'FULLY_CONNECTED i16 with 32-bit sums',
    dense('i16', fw('i8'), bias('i32', 16, 3e-6), { quantizedBiasType: 'INT32' }),
  ],
  ['FULLY_CONNECTED i16 with i4 weights', dense('i16', fw('i4', perTensor(0.1)), bias('i64', 16, 3e-5))],
);
for (const asymmetricQuantizeInputs of [false, true])
  rows.push(
    [
      `FULLY_CONNECTED f32 with i8 weights, asymmetric ${asymmetricQuantizeInputs}`,
      dense('f32', fw('i8'), bias('f32', 16), { asymmetricQuantizeInputs }),
    ],
    [
      `FULLY_CONNECTED f32 with i8 weights per channel, asymmetric ${asymmetricQuantizeInputs}`,
      dense('f32', fw('i8', perChannel(16, 0)), bias('f32', 16), {
        asymmetricQuantizeInputs,
        fusedActivationFunction: 'RELU6',
      }),
    ],
    [
      `FULLY_CONNECTED f32 with i4 weights, asymmetric ${asymmetricQuantizeInputs}`,
      dense('f32', { ...fw('i4', perTensor(0.1)), range: [-7, 7] }, bias('f32', 16), { asymmetricQuantizeInputs }),
    ],
    [
      `FULLY_CONNECTED f32 with i4 weights per channel, asymmetric ${asymmetricQuantizeInputs}`,
      dense('f32', { ...fw('i4', perChannel(16, 0, 0.1)), range: [-7, 7] }, undefined, { asymmetricQuantizeInputs }),
    ],
  );

const product = (
  dtype: Quantized | 'f32',
  y: Operand,
  options: { adjX: boolean; adjY: boolean; asymmetricQuantizeInputs?: boolean },
): OneOp => ({
  op: 'BATCH_MATMUL',
  inputs: [
    { dtype, shape: options.adjX ? [2, 7, 3] : [2, 3, 7], quantization: dtype === 'f32' ? undefined : q8[dtype] },
    y,
  ],
  outputs: [{ dtype, shape: [2, 3, 5], quantization: dtype === 'f32' ? undefined : out8[dtype] }],
  options,
});
for (const adjX of [false, true])
  for (const adjY of [false, true]) {
    const what = `${adjX ? ' adjX' : ''}${adjY ? ' adjY' : ''}`;
    const y = (dtype: Quantized, batch: number): Operand => ({
      dtype,
      shape: adjY ? [batch, 5, 7] : [batch, 7, 5],
      quantization: q8[dtype],
    });
    rows.push(
      [`BATCH_MATMUL i8${what}`, product('i8', y('i8', 2), { adjX, adjY })],
      [`BATCH_MATMUL i8, one right matrix${what}`, product('i8', y('i8', 1), { adjX, adjY })],
      [`BATCH_MATMUL i16${what}`, product('i16', y('i16', 2), { adjX, adjY })],
      [
        `BATCH_MATMUL i8 to i32${what}`,
        { ...product('i8', y('i8', 2), { adjX, adjY }), outputs: [{ dtype: 'i32', shape: [2, 3, 5] }] },
      ],
    );
    for (const asymmetricQuantizeInputs of [false, true])
      rows.push([
        `BATCH_MATMUL f32 with i8 weights, asymmetric ${asymmetricQuantizeInputs}${what}`,
        product(
          'f32',
          { ...y('i8', 1), quantization: perTensor(0.01), isConstant: true },
          { adjX, adjY, asymmetricQuantizeInputs },
        ),
      ]);
  }

describe('convolutions and matrix products are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
