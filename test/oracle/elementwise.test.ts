import { describe, it } from 'vitest';
import type { Options } from '../../src/ir/graph.js';
import type { DType, Quantization } from '../../src/ir/tensor.js';
import { expectSame, type OneOp, type Operand, perTensor } from './one-op.js';

type Scales = readonly [number, number];
const quantized = (dtype: DType, [scale, zeroPoint]: Scales): Quantization =>
  perTensor(scale, dtype === 'i16' ? 0 : dtype === 'u8' ? zeroPoint + 128 : zeroPoint);

/** An operator of two operands that broadcast. */
const two = (
  op: string,
  dtype: DType,
  a: Scales,
  b: Scales,
  to: Scales,
  options: Options = {},
  more: Partial<Operand> = {},
): OneOp => ({
  op,
  inputs: [
    { dtype, shape: [3, 1, 40], quantization: quantized(dtype, a) },
    { dtype, shape: [2, 40], quantization: quantized(dtype, b), ...more },
  ],
  outputs: [{ dtype, shape: [3, 2, 40], quantization: quantized(dtype, to) }],
  options,
});

/** An operator of one operand over all 8-bit integers or many 16-bit ones. */
const one = (
  op: string,
  dtype: DType,
  from: Scales,
  to: Scales,
  options: Options = {},
  more: Partial<Operand> = {},
): OneOp => {
  const low = dtype === 'i8' ? -128 : 0;
  const all = dtype === 'i16' ? {} : { data: Array.from({ length: 256 }, (_, i) => low + i) };
  const shape = dtype === 'i16' ? [2000] : [256];
  return {
    op,
    inputs: [{ dtype, shape, quantization: quantized(dtype, from), ...all, ...more }],
    outputs: [{ dtype, shape, quantization: quantized(dtype, to) }],
    options,
  };
};

/** The first operand does not broadcast. */
const sameShape = (row: OneOp): OneOp => ({
  ...row,
  inputs: [{ ...(row.inputs[0] as Operand), shape: [3, 2, 40] }, ...row.inputs.slice(1)],
});

const rows: [string, OneOp][] = [];
const bytes = ['i8', 'u8'] as const;
const all = ['i8', 'u8', 'i16'] as const;
const fusedPot = { fusedActivationFunction: 'NONE', potScaleInt16: true };
const fused = { fusedActivationFunction: 'NONE', potScaleInt16: false };

for (const dtype of all) {
  const wide = dtype === 'i16' ? 1 / 200 : 1;
  const s = (scale: number, zeroPoint: number): Scales => [scale * wide, zeroPoint];
  for (const op of ['ADD', 'SUB', 'MUL'])
    rows.push(
      [
        `${op} ${dtype}`,
        two(op, dtype, s(0.05, 3), s(0.11, -9), s(dtype === 'i16' && op === 'MUL' ? 0.01 : 0.13, 5), fused),
      ],
      [
        `${op} ${dtype} with RELU6`,
        two(op, dtype, s(0.11, 0), s(0.05, 20), s(0.09, -40), { ...fused, fusedActivationFunction: 'RELU6' }),
      ],
    );
  rows.push(
    [
      `DIV ${dtype}`,
      two('DIV', dtype, s(0.05, 3), s(0.11, -9), [0.02, 5], fused, {
        range: dtype === 'i16' ? [1, 3000] : dtype === 'u8' ? [120, 255] : [-8, 127],
      }),
    ],
    [
      `DIV ${dtype} by negative numbers`,
      two('DIV', dtype, s(0.05, 3), s(0.11, 9), [0.02, 5], fused, {
        range: dtype === 'i16' ? [-3000, -1] : dtype === 'u8' ? [0, 136] : [-128, 8],
      }),
    ],
    [`MAXIMUM ${dtype}`, two('MAXIMUM', dtype, s(0.05, 3), s(0.05, 3), s(0.05, 3))],
    [`MINIMUM ${dtype}`, two('MINIMUM', dtype, s(0.05, 3), s(0.05, 3), s(0.05, 3))],
    [`RELU ${dtype}`, one('RELU', dtype, s(0.05, 3), s(0.03, -9))],
    [`RELU6 ${dtype}`, one('RELU6', dtype, s(0.05, 3), s(0.03, -9))],
    [`LEAKY_RELU ${dtype}`, one('LEAKY_RELU', dtype, s(0.05, 3), s(0.04, -9), { alpha: 0.3 })],
    [`LEAKY_RELU ${dtype} with a negative slope`, one('LEAKY_RELU', dtype, s(0.05, 3), s(0.04, -9), { alpha: -0.3 })],
    [`LOGISTIC ${dtype}`, one('LOGISTIC', dtype, s(0.05, 3), dtype === 'i16' ? [1 / 32768, 0] : [1 / 256, -128])],
    [`TANH ${dtype}`, one('TANH', dtype, s(0.04, 3), dtype === 'i16' ? [1 / 32768, 0] : [1 / 128, 0])],
  );
}
for (const dtype of ['i8', 'i16'] as const) {
  const wide = dtype === 'i16' ? 1 / 256 : 1;
  const s = (scale: number, zeroPoint: number): Scales => [scale * wide, zeroPoint];
  const positive = { range: [1, 32767] as const };
  rows.push(
    [`ABS ${dtype}`, one('ABS', dtype, s(0.05, 3), s(0.04, -9))],
    [`ABS ${dtype} of one scale`, one('ABS', dtype, s(0.05, 3), s(0.05, -9))],
    [`EXP ${dtype}`, one('EXP', dtype, s(0.02, 3), s(0.06, -100))],
    [`LOG ${dtype}`, one('LOG', dtype, s(0.02, -100), s(0.03, 5))],
    [`RSQRT ${dtype}`, one('RSQRT', dtype, s(0.02, -128), s(0.05, -128), {}, dtype === 'i16' ? positive : {})],
    [`SQRT ${dtype}`, one('SQRT', dtype, s(0.02, -128), s(0.01, -128), {}, dtype === 'i16' ? positive : {})],
    [`GELU ${dtype}`, one('GELU', dtype, s(0.03, 3), s(0.03, -100), { approximate: false })],
    [`GELU ${dtype}, approximate`, one('GELU', dtype, s(0.03, 3), s(0.03, -100), { approximate: true })],
  );
}
for (const dtype of bytes)
  rows.push(
    [`RELU_N1_TO_1 ${dtype}`, one('RELU_N1_TO_1', dtype, [0.05, 3], [0.01, -9])],
    [`RELU_0_TO_1 ${dtype}`, one('RELU_0_TO_1', dtype, [0.05, 3], [0.01, -9])],
    [`HARD_SWISH ${dtype}`, one('HARD_SWISH', dtype, [0.05, 3], [0.04, -100])],
    [`HARD_SWISH ${dtype} of large steps`, one('HARD_SWISH', dtype, [0.2, 3], [0.15, -100])],
    [`HARD_SWISH ${dtype} of small steps`, one('HARD_SWISH', dtype, [0.004, 3], [0.003, -20])],
    [`RELU ${dtype} where a float32 factor decides a tie`, one('RELU', dtype, [0.01085421, -72], [0.0083428435, -128])],
    [`PRELU ${dtype}`, sameShape(two('PRELU', dtype, [0.05, 3], [0.01, -9], [0.06, 5], {}, { isConstant: true }))],
  );
rows.push(
  // The reference resolver has no ELU.
  ['ELU i8', { ...one('ELU', 'i8', [0.05, 3], [0.04, -100]), kernel: 'builtin' }],
  ['SQUARED_DIFFERENCE i8', two('SQUARED_DIFFERENCE', 'i8', [0.02, 3], [0.05, -9], [0.3, -128])],
  [
    // The runtime aborts when the operands broadcast.
    'ADD i16 of powers of two',
    {
      ...two('ADD', 'i16', [2 ** -11, 0], [2 ** -12, 0], [2 ** -11, 0], fusedPot),
      inputs: [-11, -12].map((e): Operand => ({ dtype: 'i16', shape: [3, 2, 40], quantization: perTensor(2 ** e) })),
    },
  ],
  [
    'SUB i16 of powers of two',
    two('SUB', 'i16', [2 ** -11, 0], [2 ** -12, 0], [2 ** -11, 0], {
      fusedActivationFunction: 'NONE',
      potScaleInt16: true,
    }),
  ],
  ['LOGISTIC i16 of a power of two', one('LOGISTIC', 'i16', [2 ** -12, 0], [2 ** -15, 0])],
  ['TANH i16 of a power of two', one('TANH', 'i16', [2 ** -11, 0], [2 ** -15, 0])],
  ['LOGISTIC i16 of large steps', one('LOGISTIC', 'i16', [2 ** -9.3, 0], [2 ** -15, 0])],
);
for (const op of ['EQUAL', 'NOT_EQUAL', 'LESS', 'LESS_EQUAL', 'GREATER', 'GREATER_EQUAL'])
  for (const dtype of all)
    rows.push([
      `${op} ${dtype}`,
      { ...two(op, dtype, [0.05, 3], [0.1, -9], [1, 0]), outputs: [{ dtype: 'bool', shape: [3, 2, 40] }] },
    ]);
for (const from of all)
  for (const to of from === 'i16' ? (['i8', 'i16'] as const) : all)
    rows.push([
      `QUANTIZE ${from} to ${to}`,
      {
        ...one('QUANTIZE', from, [from === 'i16' ? 0.0004 : 0.05, 3], [1, 0]),
        outputs: [
          {
            dtype: to,
            shape: from === 'i16' ? [2000] : [256],
            quantization: quantized(to, [to === 'i16' ? 0.0003 : 0.06, -9]),
          },
        ],
      },
    ]);
for (const to of [...all, 'i4'] as const)
  rows.push([
    `QUANTIZE f32 to ${to}`,
    {
      op: 'QUANTIZE',
      inputs: [{ dtype: 'f32', shape: [2000], range: [-4, 4] }],
      outputs: [{ dtype: to, shape: [2000], quantization: quantized(to, [0.02, -9]) }],
    },
  ]);
// 4-bit constants are left out: the runtime leaves some elements of the result unwritten.
for (const from of all)
  rows.push([
    `DEQUANTIZE ${from}`,
    {
      op: 'DEQUANTIZE',
      inputs: [
        {
          dtype: from,
          shape: [256],
          quantization: quantized(from, [0.02, -9]),
        },
      ],
      outputs: [{ dtype: 'f32', shape: [256] }],
    },
  ]);

describe('elementwise operators of integers are those of the reference kernels', () => {
  it.each(rows)('%s', (_, row) => expectSame(row));
});
