import { clamp, roundHalfEven } from '../numerics/round.js';

import { defineOp, type Op, type OutputType, type VersionFacts } from './define.js';
import { computedElements } from './elements.js';
import { requireOperands, unaryKernel } from './elementwise.js';
import {
  type QuantizedUnary,
  quantizedAbs,
  quantizedClamp,
  quantizedHardSwish,
  quantizedLogistic,
  quantizedRsqrt,
  quantizedSqrt,
  quantizedTanh,
  tabulated,
  tabulatedAbove0,
} from './integer-functions.js';
import { LITERT, type LiteRtKernels } from './litert.js';
import { versionByType } from './version.js';

type UnaryName =
  | 'ABS'
  | 'CEIL'
  | 'COS'
  | 'ELU'
  | 'EXP'
  | 'FLOOR'
  | 'HARD_SWISH'
  | 'LOG'
  | 'LOGISTIC'
  | 'NEG'
  | 'RELU'
  | 'RELU6'
  | 'RELU_0_TO_1'
  | 'RELU_N1_TO_1'
  | 'ROUND'
  | 'RSQRT'
  | 'SIGN'
  | 'SIN'
  | 'SQRT'
  | 'SQUARE'
  | 'TANH'
  | 'ZEROS_LIKE';

interface UnaryFunction {
  readonly numbers: (x: number) => number;
  readonly bigints?: (x: bigint) => bigint;
  readonly quantized?: QuantizedUnary;
  readonly version?: (facts: VersionFacts) => number;
  readonly litert: LiteRtKernels;
}

/** A function of every element; the result has the input's type and shape. */
const unary = (name: UnaryName, { numbers, bigints, quantized, version = () => 1, litert }: UnaryFunction): Op =>
  defineOp({
    name,
    inputs: ['input'],
    outputs: ['output'],
    version,
    litert,
    infer: ({ input }) => [{ dtype: requireOperands([input]), shape: input.shape }],
    elements: ({ input }) => computedElements([input], input.dtype, numbers),
    reference: ({ inputs: { input }, types: [type] }) => [
      unaryKernel(input, type as OutputType, numbers, bigints, quantized),
    ],
  });

const clampTo =
  (low: number, high: number) =>
  (x: number): number =>
    clamp(x, low, high);

/** Without overflow of the exponential for numbers far from zero. */
const logistic = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

const elu = (x: number): number => (x < 0 ? Math.expm1(x) : x);

function absVersion({ inputs: [x] }: VersionFacts): number {
  if (x?.dtype === 'i32') return 5;
  // As the reference converter, which takes every int16 for quantized.
  if (x?.dtype === 'i16') return 3;
  return x?.dtype === 'i8' || x?.dtype === 'u8' ? 2 : 1;
}

const wide = versionByType({ i8: 2, i16: 2 });
const byteThenShort = versionByType({ i16: 3, i8: 2 });

export const unaryOps: readonly Op[] = [
  unary('ABS', {
    litert: LITERT.floatFastOrSigned,
    numbers: Math.abs,
    bigints: (x) => (x < 0n ? -x : x),
    quantized: quantizedAbs,
    version: absVersion,
  }),
  unary('CEIL', { litert: LITERT.floatFastOnly, numbers: Math.ceil }),
  unary('COS', { litert: LITERT.floatFastOnly, numbers: Math.cos, version: versionByType({ f16: 2 }) }),
  unary('ELU', { litert: { xnnpack: ['f32', 'i8'], builtin: ['f32', 'i8'] }, numbers: elu, quantized: tabulated(elu) }),
  unary('EXP', { litert: LITERT.floatFastOrSigned, numbers: Math.exp, quantized: tabulated(Math.exp), version: wide }),
  unary('FLOOR', { litert: LITERT.floatFastOnly, numbers: Math.floor }),
  unary('HARD_SWISH', {
    litert: LITERT.floatFastOrBytes,
    numbers: (x) => (x * clampTo(0, 6)(x + 3)) / 6,
    quantized: quantizedHardSwish,
  }),
  unary('LOG', {
    litert: LITERT.floatFastOrSigned,
    numbers: Math.log,
    quantized: tabulatedAbove0(Math.log, -1),
    version: wide,
  }),
  unary('LOGISTIC', {
    litert: LITERT.everywhere,
    numbers: logistic,
    quantized: quantizedLogistic(logistic),
    version: byteThenShort,
  }),
  unary('NEG', { litert: LITERT.floatFastOrSigned, numbers: (x) => -x, bigints: (x) => -x }),
  unary('RELU', {
    litert: LITERT.floatFast,
    numbers: clampTo(0, Infinity),
    quantized: quantizedClamp(0, Infinity),
    version: versionByType({ i16: 3, i8: 2, u8: 2 }),
  }),
  unary('RELU6', {
    litert: LITERT.floatFast,
    numbers: clampTo(0, 6),
    quantized: quantizedClamp(0, 6),
    version: byteThenShort,
  }),
  unary('RELU_0_TO_1', { litert: LITERT.ownBytes, numbers: clampTo(0, 1), quantized: quantizedClamp(0, 1) }),
  unary('RELU_N1_TO_1', { litert: LITERT.floatFastOrBytes, numbers: clampTo(-1, 1), quantized: quantizedClamp(-1, 1) }),
  unary('ROUND', { litert: LITERT.floatFastOnly, numbers: roundHalfEven }),
  unary('RSQRT', {
    litert: LITERT.floatFastOrSigned,
    numbers: (x) => 1 / Math.sqrt(x),
    quantized: quantizedRsqrt,
    version: byteThenShort,
  }),
  unary('SIGN', { litert: LITERT.ownFloat, numbers: Math.sign, version: versionByType({ i32: 2 }) }),
  unary('SIN', { litert: LITERT.floatFastOnly, numbers: Math.sin, version: versionByType({ f16: 2 }) }),
  unary('SQRT', { litert: LITERT.floatFastOrSigned, numbers: Math.sqrt, quantized: quantizedSqrt, version: wide }),
  unary('SQUARE', { litert: LITERT.floatFastOnly, numbers: (x) => x * x, bigints: (x) => x * x }),
  unary('TANH', { litert: LITERT.everywhere, numbers: Math.tanh, quantized: quantizedTanh, version: byteThenShort }),
  unary('ZEROS_LIKE', { litert: LITERT.ownFloat, numbers: () => 0, bigints: () => 0n }),
];
