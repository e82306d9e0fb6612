import type { Shape } from '../ir/tensor.js';
import type { BuiltinName } from '../schema/tflite.gen.js';
import { defineOp, type Op } from './define.js';

/** Element-wise StableHLO operators: the output has the type of the first operand. */
const ELEMENT_WISE = [
  'STABLEHLO_LOGISTIC',
  'STABLEHLO_ADD',
  'STABLEHLO_DIVIDE',
  'STABLEHLO_MULTIPLY',
  'STABLEHLO_MAXIMUM',
  'STABLEHLO_ABS',
  'STABLEHLO_AND',
  'STABLEHLO_COSINE',
  'STABLEHLO_EXPONENTIAL',
  'STABLEHLO_FLOOR',
  'STABLEHLO_LOG',
  'STABLEHLO_MINIMUM',
  'STABLEHLO_NEGATE',
  'STABLEHLO_OR',
  'STABLEHLO_POWER',
  'STABLEHLO_REMAINDER',
  'STABLEHLO_RSQRT',
  'STABLEHLO_SUBTRACT',
  'STABLEHLO_TANH',
  'STABLEHLO_SHIFT_LEFT',
  'STABLEHLO_CBRT',
  'STABLEHLO_SCATTER',
  'STABLEHLO_DYNAMIC_UPDATE_SLICE',
] as const satisfies readonly BuiltinName[];

/** Operators that files may hold and of which nothing is known here but their options. */
const UNKNOWN = [
  'CONCAT_EMBEDDINGS',
  'CUSTOM',
  'DELEGATE',
  'PLACEHOLDER_FOR_GREATER_OP_CODES',
  'STABLEHLO_RESHAPE',
  'STABLEHLO_CLAMP',
  'STABLEHLO_CONCATENATE',
  'STABLEHLO_BROADCAST_IN_DIM',
  'STABLEHLO_CONVOLUTION',
  'STABLEHLO_SLICE',
  'STABLEHLO_CUSTOM_CALL',
  'STABLEHLO_REDUCE',
  'STABLEHLO_COMPARE',
  'STABLEHLO_CONVERT',
  'STABLEHLO_DYNAMIC_SLICE',
  'STABLEHLO_IOTA',
  'STABLEHLO_DOT_GENERAL',
  'STABLEHLO_SELECT',
  'STABLEHLO_SORT',
  'STABLEHLO_WHILE',
  'STABLEHLO_TRANSPOSE',
  'STABLEHLO_RNG_BIT_GENERATOR',
  'STABLEHLO_COMPOSITE',
  'STABLEHLO_CASE',
] as const satisfies readonly BuiltinName[];

/**
 * Operators without kernels here: known by name, so that a model with them is read, shown and written with all options.
 * The types of their outputs are what the file states.
 *
 * Source: TFLite schema; StableHLO specification.
 */
export const opaqueOps: readonly Op[] = [
  ...ELEMENT_WISE.map((name) =>
    defineOp({
      name,
      inputs: ['operands*'],
      outputs: ['output'],
      infer: ({ operands: [first] }) => (first ? [{ dtype: first.dtype, shape: first.shape }] : []),
    }),
  ),
  ...UNKNOWN.map((name) =>
    defineOp({ name, inputs: ['values*'], outputs: ['outputs*'], impure: true, infer: () => [] }),
  ),
  defineOp({
    name: 'STABLEHLO_GATHER',
    inputs: ['operand', 'startIndices'],
    outputs: ['output'],
    infer: ({ operand, startIndices }, options) => [
      { dtype: operand.dtype, shape: gatheredShape(startIndices.shape, options) },
    ],
  }),
];

/** The axes of the indices without that of the index vectors, and between them, at `offsetDims`, those of the slices. */
function gatheredShape(
  indices: Shape | undefined,
  options: {
    readonly offsetDims?: readonly bigint[] | undefined;
    readonly collapsedSliceDims?: readonly bigint[] | undefined;
    readonly indexVectorDim: bigint;
    readonly sliceSizes?: readonly bigint[] | undefined;
  },
): Shape | undefined {
  if (!indices) return undefined;
  const batch = indices.filter((_, axis) => axis !== Number(options.indexVectorDim));
  const slices = (options.sliceSizes ?? []).filter((_, axis) => !options.collapsedSliceDims?.includes(BigInt(axis)));
  const sizes = slices.map(Number);
  return Array.from({ length: batch.length + sizes.length }, (_, axis) =>
    options.offsetDims?.includes(BigInt(axis)) ? (sizes.shift() ?? -1) : (batch.shift() ?? -1),
  );
}
