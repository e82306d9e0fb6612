import { clamp } from '../numerics/round.js';
import type { ActivationFunctionType } from '../schema/tflite.gen.js';
import { activationBounds } from './activation.js';
import { complexKernel } from './complex-arithmetic.js';
import { defineOp, type Op, type OutputType, type VersionFacts } from './define.js';
import { divisor } from './divisor.js';
import { computedElements } from './elements.js';
import { type BinaryFunction, binaryKernel, broadcastType, isBig, requireOperands } from './elementwise.js';
import { quantizedProduct, quantizedQuotient, quantizedSum } from './integer-arithmetic.js';
import { LITERT } from './litert.js';
import { isBroadcastAbove } from './version.js';

type Arithmetic = 'ADD' | 'SUB' | 'MUL' | 'DIV';

/**
 * Elementwise arithmetic with broadcasting and a fused activation. Integers wrap around; their division truncates toward
 * zero.
 */
const arithmetic = (name: Arithmetic, operation: BinaryFunction, version: (facts: VersionFacts) => number): Op =>
  defineOp({
    name,
    inputs: ['a', 'b'],
    outputs: ['output'],
    version,
    litert: name === 'DIV' ? LITERT.floatFast : LITERT.everywhere,
    infer: ({ a, b }) => [broadcastType(requireOperands([a, b], false), [a, b])],
    elements({ a, b }, { fusedActivationFunction }) {
      if (fusedActivationFunction !== 'NONE') return undefined;
      const isInteger = !a.dtype.startsWith('f');
      if (isInteger && name === 'DIV' && (b.elements?.includes(0) ?? true)) return undefined;
      // Products of 64-bit integers stay exact as numbers or become unknown.
      const compute = isInteger && !isBig(a.dtype) ? operation.integers : undefined;
      const truncated = name === 'DIV' && isInteger ? (x: number, y: number) => Math.trunc(x / y) : operation.numbers;
      return computedElements([a, b], a.dtype, compute ?? truncated);
    },
    reference({ inputs: { a, b }, types: [type], options }) {
      if (a.dtype === 'c64' || a.dtype === 'c128') return [complexKernel(name, a, b)];
      const bounded = withActivation(operation, options.fusedActivationFunction);
      const { fusedActivationFunction: activation } = options;
      const potScaleInt16 = 'potScaleInt16' in options && options.potScaleInt16;
      return [binaryKernel(bounded, a, b, type as OutputType, { activation, potScaleInt16 })];
    },
  });

/** The operation with the bounds of a fused activation, which hold for the real number and not for its integer. */
function withActivation(operation: BinaryFunction, activation: ActivationFunctionType | number): BinaryFunction {
  const bounds = activationBounds(activation);
  if (!bounds) return operation;
  const [low, high] = bounds;
  const { numbers, integers = numbers } = operation;
  return {
    ...operation,
    numbers: (a, b) => clamp(numbers(a, b), low, high),
    integers: (a, b) => clamp(integers(a, b), low, high),
  };
}

// The reference converter gives every tensor a quantization table, if an empty one, and so takes int16 for quantized: the
// versions of plain int16 (ADD 5, MUL 7) never come from it.

function addVersion({ inputs: [x], options }: VersionFacts): number {
  if (x?.dtype === 'f16') return 6;
  if (x?.dtype === 'i64') return 4;
  if (x?.dtype === 'i16' && !options.potScaleInt16) return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}

function subVersion(facts: VersionFacts): number {
  const [x] = facts.inputs;
  if (x?.dtype === 'i16' && !facts.options.potScaleInt16) return 5;
  if (x?.dtype === 'i64') return 4;
  if (isBroadcastAbove(4, facts)) return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}

function mulVersion({ inputs: [x, w], outputs: [y] }: VersionFacts): number {
  if (x?.dtype === 'f16') return 8;
  if (x?.dtype === 'u32') return 7;
  if (x?.dtype === 'c64') return 6;
  if (x?.dtype === 'i64') return 5;
  if (x?.dtype === 'i16') return 4;
  if (x?.dtype !== 'i8') return 1;
  const [sx = 0, sw = 0, sy = 0] = [x, w, y].map((v) => v?.quantization?.scale[0]);
  return sy !== 0 && (sx * sw) / sy >= 1 ? 3 : 2;
}

export const arithmeticOps: readonly Op[] = [
  arithmetic('ADD', { numbers: (a, b) => a + b, bigints: (a, b) => a + b, quantized: quantizedSum(1) }, addVersion),
  arithmetic('SUB', { numbers: (a, b) => a - b, bigints: (a, b) => a - b, quantized: quantizedSum(-1) }, subVersion),
  arithmetic(
    'MUL',
    { numbers: (a, b) => a * b, integers: Math.imul, bigints: (a, b) => a * b, quantized: quantizedProduct },
    mulVersion,
  ),
  arithmetic(
    'DIV',
    {
      numbers: (a, b) => a / b,
      integers: (a, b) => Math.trunc(a / divisor(b)),
      bigints: (a, b) => a / divisor(b),
      quantized: quantizedQuotient,
    },
    (facts) => (isBroadcastAbove(4, facts) ? 2 : 1),
  ),
];
