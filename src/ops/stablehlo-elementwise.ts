import type { Tensor } from '../ir/tensor.js';
import type { BuiltinName } from '../schema/tflite.gen.js';
import { sigmoid } from './activation.js';
import { defineOp, type Op, type OutputType } from './define.js';
import { divisor } from './divisor.js';
import { type BinaryFunction, binaryKernel, greaterBigint, lesserBigint, unaryKernel } from './elementwise.js';

type Name = Extract<BuiltinName, `STABLEHLO_${string}`>;
type Kernel = (inputs: readonly Tensor[], type: OutputType) => Tensor;

const binary =
  (operation: BinaryFunction): Kernel =>
  ([a, b], type) =>
    binaryKernel(operation, a!, b!, type);
const unary =
  (numbers: (x: number) => number, bigints?: (x: bigint) => bigint): Kernel =>
  ([x], type) =>
    unaryKernel(x!, type, numbers, bigints);

/** `a` times two to the power `b`; more than 31 or 63 bits leave nothing. */
const shiftLeft: BinaryFunction = {
  numbers: (a, b) => (b > 31 ? 0 : a << b),
  bigints: (a, b) => (b > 63n ? 0n : a << b),
};

/** Element-wise operators: operands of one type and shape, and a result like them. */
const KERNELS: Partial<Readonly<Record<Name, Kernel>>> = {
  STABLEHLO_ABS: unary(Math.abs, (x) => (x < 0n ? -x : x)),
  STABLEHLO_ADD: binary({ numbers: (a, b) => a + b, bigints: (a, b) => a + b }),
  STABLEHLO_AND: binary({ numbers: (a, b) => a & b, bigints: (a, b) => a & b }),
  STABLEHLO_CBRT: unary(Math.cbrt),
  STABLEHLO_COSINE: unary(Math.cos),
  STABLEHLO_DIVIDE: binary({
    numbers: (a, b) => a / b,
    integers: (a, b) => Math.trunc(a / divisor(b)),
    bigints: (a, b) => a / divisor(b),
  }),
  STABLEHLO_EXPONENTIAL: unary(Math.exp),
  STABLEHLO_FLOOR: unary(Math.floor),
  STABLEHLO_LOG: unary(Math.log),
  STABLEHLO_LOGISTIC: unary(sigmoid),
  STABLEHLO_MAXIMUM: binary({ numbers: Math.max, bigints: greaterBigint }),
  STABLEHLO_MINIMUM: binary({ numbers: Math.min, bigints: lesserBigint }),
  STABLEHLO_MULTIPLY: binary({ numbers: (a, b) => a * b, integers: Math.imul, bigints: (a, b) => a * b }),
  STABLEHLO_NEGATE: unary(
    (x) => -x,
    (x) => -x,
  ),
  STABLEHLO_OR: binary({ numbers: (a, b) => a | b, bigints: (a, b) => a | b }),
  STABLEHLO_POWER: binary({ numbers: (a, b) => a ** b, bigints: (a, b) => a ** b }),
  STABLEHLO_REMAINDER: binary({
    numbers: (a, b) => a % b,
    integers: (a, b) => a % divisor(b),
    bigints: (a, b) => a % divisor(b),
  }),
  STABLEHLO_RSQRT: unary((x) => 1 / Math.sqrt(x)),
  STABLEHLO_SHIFT_LEFT: binary(shiftLeft),
  STABLEHLO_SUBTRACT: binary({ numbers: (a, b) => a - b, bigints: (a, b) => a - b }),
  STABLEHLO_TANH: unary(Math.tanh),
};

/**
 * Element-wise StableHLO operators, which files may hold in place of the builtin ones.
 *
 * Source: StableHLO specification.
 */
export const stablehloElementwise: readonly Op[] = (Object.entries(KERNELS) as [Name, Kernel][]).map(([name, kernel]) =>
  defineOp({
    name,
    inputs: ['operands*'],
    outputs: ['output'],
    infer: ({ operands: [first] }) => (first ? [{ dtype: first.dtype, shape: first.shape }] : []),
    reference: ({ inputs: { operands }, types: [type] }) => [kernel(operands, type!)],
  }),
);
