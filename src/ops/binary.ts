import { ModelError } from '../errors.js';
import { defineOp, type Op, type OutputType, type VersionFacts } from './define.js';
import { divisor } from './divisor.js';
import { computedElements } from './elements.js';
import {
  type BinaryFunction,
  binaryKernel,
  broadcastType,
  greaterBigint,
  isBig,
  lesserBigint,
  requireOperands,
} from './elementwise.js';
import { quantizedSquaredDifference } from './integer-arithmetic.js';
import { LITERT, type LiteRtKernels } from './litert.js';
import { isBroadcastAbove, versionByType } from './version.js';

type BinaryName =
  | 'FLOOR_DIV'
  | 'FLOOR_MOD'
  | 'POW'
  | 'MAXIMUM'
  | 'MINIMUM'
  | 'SQUARED_DIFFERENCE'
  | 'ATAN2'
  | 'BITWISE_XOR'
  | 'RIGHT_SHIFT';

/** An elementwise function of two operands of one type, with broadcasting. */
const binary = (
  name: BinaryName,
  operation: BinaryFunction,
  version: (facts: VersionFacts) => number = () => 1,
  litert?: LiteRtKernels,
): Op =>
  defineOp({
    name,
    inputs: ['a', 'b'],
    outputs: ['output'],
    version,
    ...(litert && { litert }),
    infer: ({ a, b }) => [broadcastType(requireOperands([a, b]), [a, b])],
    elements({ a, b }) {
      if (DIVIDES.has(name) && !b.elements?.every((x) => x !== 0)) return undefined;
      if (isBig(a.dtype)) return computedElements([a, b], a.dtype, throughBigints(operation));
      const isInteger = !a.dtype.startsWith('f');
      return computedElements(
        [a, b],
        a.dtype,
        isInteger ? (operation.integers ?? operation.numbers) : operation.numbers,
      );
    },
    reference: ({ inputs: { a, b }, types: [type] }) => [binaryKernel(operation, a, b, type as OutputType)],
  });

/** Operators whose zero divisors are an error of the run, not of inference. */
const DIVIDES: ReadonlySet<BinaryName> = new Set(['FLOOR_DIV', 'FLOOR_MOD', 'POW']);

const throughBigints =
  ({ bigints }: BinaryFunction) =>
  (a: number, b: number): number =>
    Number.isInteger(a) && Number.isInteger(b) ? Number(bigints(BigInt(a), BigInt(b))) : Number.NaN;

/** The remainder with the sign of the divisor. */
function floorMod(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function floorDivBig(a: bigint, b: bigint): bigint {
  const whole = a / divisor(b);
  return a % b !== 0n && a < 0n !== b < 0n ? whole - 1n : whole;
}

function floorModBig(a: bigint, b: bigint): bigint {
  const rest = a % divisor(b);
  return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
}

/** Integer power; the low 32 bits where it overflows. */
function integerPower(a: number, b: number): number {
  return Number(BigInt.asIntN(32, powBig(BigInt(a), BigInt(b))));
}

function powBig(a: bigint, b: bigint): bigint {
  if (b < 0n) throw new ModelError('invalid-data', `an integer is raised to the power ${b}`);
  let result = 1n;
  for (let base = a, rest = b; rest > 0n; rest >>= 1n, base = BigInt.asIntN(64, base * base))
    if (rest & 1n) result = BigInt.asIntN(64, result * base);
  return result;
}

/** The shift amount within 0..31; narrower types are exact too, because their sign is extended. */
const shiftBy = (b: number): number => Math.min(Math.max(b, 0), 31);

function extremeVersion(facts: VersionFacts): number {
  const [x] = facts.inputs;
  if (x?.dtype === 'i16') return 4;
  if (isBroadcastAbove(4, facts)) return 3;
  return x?.dtype === 'i8' ? 2 : 1;
}

export const binaryOps: readonly Op[] = [
  binary(
    'FLOOR_DIV',
    {
      numbers: (a, b) => Math.floor(a / b),
      integers: (a, b) => Math.floor(a / divisor(b)),
      bigints: floorDivBig,
    },
    versionByType({ i8: 3, i16: 3, f32: 2 }),
    LITERT.ownSigned,
  ),
  binary(
    'FLOOR_MOD',
    { numbers: floorMod, integers: (a, b) => floorMod(a, divisor(b)), bigints: floorModBig },
    versionByType({ i8: 2, i16: 2 }),
    LITERT.ownSigned,
  ),
  binary('POW', { numbers: (a, b) => a ** b, integers: integerPower, bigints: powBig }, undefined, LITERT.ownFloat),
  binary(
    'MAXIMUM',
    { numbers: Math.max, bigints: greaterBigint, quantized: () => Math.max },
    extremeVersion,
    LITERT.floatFast,
  ),
  binary(
    'MINIMUM',
    { numbers: Math.min, bigints: lesserBigint, quantized: () => Math.min },
    extremeVersion,
    LITERT.floatFast,
  ),
  binary(
    'SQUARED_DIFFERENCE',
    {
      numbers: (a, b) => (a - b) ** 2,
      integers: (a, b) => Math.imul(a - b, a - b),
      bigints: (a, b) => (a - b) ** 2n,
      quantized: quantizedSquaredDifference,
    },
    versionByType({ i8: 2 }),
    LITERT.floatFastOrI8,
  ),
  binary(
    'ATAN2',
    { numbers: Math.atan2, bigints: (a, b) => BigInt(Math.trunc(Math.atan2(Number(a), Number(b)))) },
    undefined,
    LITERT.ownFloat,
  ),
  binary('BITWISE_XOR', { numbers: (a, b) => a ^ b, bigints: (a, b) => a ^ b }),
  binary('RIGHT_SHIFT', {
    numbers: (a, b) => (a > 0x7fffffff ? a >>> shiftBy(b) : a >> shiftBy(b)),
    bigints: (a, b) => a >> (b < 0n ? 0n : b > 63n ? 63n : b),
  }),
];
