import { expect, it } from 'vitest';
import type { Options } from '../ir/graph.js';
import type { DType, Quantization, Shape } from '../ir/tensor.js';
import { findOp } from './registry.js';
import { i8, versionOf } from './testing.js';

// Expected versions: the rules of the reference converter, tested top to bottom; the first that matches wins.

interface Row {
  readonly op: string;
  /** Types of the inputs, and of the output where it matters. */
  readonly types: readonly DType[];
  readonly output?: DType;
  readonly shape?: Shape;
  readonly options?: Options;
  readonly version: number;
}
const rows: readonly Row[] = [
  { op: 'ADD', types: ['i8', 'i8'], version: 2 },
  { op: 'ADD', types: ['i16', 'i16'], version: 1 },
  { op: 'ADD', types: ['i16', 'i16'], options: { potScaleInt16: false }, version: 3 },
  { op: 'ADD', types: ['f16', 'f16'], version: 6 },
  { op: 'SUB', types: ['i16', 'i16'], options: { potScaleInt16: false }, version: 5 },
  { op: 'MUL', types: ['i16', 'i16'], version: 4 },
  { op: 'MUL', types: ['u32', 'u32'], version: 7 },
  { op: 'MUL', types: ['c64', 'c64'], version: 6 },
  { op: 'ABS', types: ['u8'], version: 2 },
  { op: 'ABS', types: ['i16'], version: 3 },
  { op: 'ABS', types: ['i32'], version: 5 },
  { op: 'RELU', types: ['u8'], version: 2 },
  { op: 'RELU6', types: ['u8'], version: 1 },
  { op: 'LEAKY_RELU', types: ['i16'], version: 2 },
  { op: 'GELU', types: ['f16'], version: 3 },
  { op: 'LOGISTIC', types: ['i16'], version: 3 },
  { op: 'REDUCE_PROD', types: ['i16', 'i32'], version: 2 },
  { op: 'MEAN', types: ['i16', 'i32'], version: 3 },
  { op: 'SUM', types: ['i16', 'i32'], version: 1 },
  { op: 'TRANSPOSE', types: ['f16', 'i32'], version: 9 },
  { op: 'TRANSPOSE', types: ['f32', 'i32'], shape: [1, 1, 1, 1, 1, 1, 1], version: 8 },
  { op: 'TRANSPOSE', types: ['i16', 'i32'], shape: [1, 1, 1, 1, 1, 1], version: 6 },
  { op: 'SLICE', types: ['u32', 'i32', 'i32'], version: 6 },
  { op: 'SLICE', types: ['i16', 'i32', 'i32'], shape: [1, 1, 1, 1, 1], version: 5 },
  { op: 'STRIDED_SLICE', types: ['i8', 'i32', 'i32', 'i32'], options: { newAxisMask: 1 }, version: 6 },
  { op: 'STRIDED_SLICE', types: ['u32', 'i32', 'i32', 'i32'], options: { newAxisMask: 1 }, version: 7 },
  { op: 'GATHER', types: ['i8', 'i16'], version: 6 },
  { op: 'GATHER', types: ['i8', 'i32'], options: { batchDims: 1 }, version: 5 },
  { op: 'GATHER_ND', types: ['i16', 'i16'], version: 4 },
  { op: 'SPLIT', types: ['i32', 'i16'], version: 4 },
  { op: 'SPLIT_V', types: ['i8', 'i32', 'i32'], version: 2 },
  { op: 'UNPACK', types: ['u8'], version: 2 },
  { op: 'FILL', types: ['i32', 'bool'], version: 2 },
  { op: 'REVERSE_V2', types: ['bool', 'i32'], version: 2 },
  { op: 'SPARSE_TO_DENSE', types: ['i32', 'i32', 'u8', 'u8'], version: 3 },
  { op: 'CAST', types: ['i4'], output: 'f32', version: 6 },
  { op: 'CAST', types: ['f32'], output: 'i2', version: 8 },
  { op: 'BROADCAST_TO', types: ['i16', 'i32'], version: 3 },
  { op: 'DYNAMIC_UPDATE_SLICE', types: ['f16', 'f16', 'i64'], version: 3 },
  { op: 'SELECT', types: ['bool', 'f32', 'f32'], shape: [1, 1, 1, 1, 1], version: 3 },
  { op: 'SELECT_V2', types: ['bool', 'u32', 'u32'], version: 1 },
  { op: 'EMBEDDING_LOOKUP', types: ['i32', 'i4'], version: 4 },
];

for (const { op: name, types, output, shape = [1], options, version } of rows) {
  const details = [...types, output && `to ${output}`, `[${shape}]`, JSON.stringify(options ?? {})];
  it(`${name} of ${details.filter(Boolean).join(' ')} has version ${version}`, () => {
    const op = findOp(name);
    if (!op) expect.fail(`${name} is known`);
    const outputs = [{ dtype: output ?? (types[0] as DType), shape }];
    expect(
      versionOf(
        op,
        types.map((dtype) => ({ dtype, shape })),
        outputs,
        options,
      ),
    ).toBe(version);
  });
}

it('a product of 8-bit integers whose factor is 1 or more has version 3', () => {
  const scaled = (scale: number) => {
    const quantization: Quantization = { scale: Float32Array.of(scale), zeroPoint: [0], axis: 0 };
    return { ...i8([1], [0]), quantization };
  };
  const mul = findOp('MUL');
  if (!mul) expect.fail('MUL is known');
  expect(versionOf(mul, [scaled(0.5), scaled(0.5)], [scaled(0.5)])).toBe(2);
  expect(versionOf(mul, [scaled(2), scaled(0.5)], [scaled(0.5)])).toBe(3);
});
