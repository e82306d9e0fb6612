import type { BuiltinName } from '../schema/tflite.gen.js';
import { defineOp, type Op } from './define.js';

/** Operators that files may hold and of which nothing is known here but their options. */
const UNKNOWN = [
  'CONCAT_EMBEDDINGS',
  'CUSTOM',
  'DELEGATE',
  'PLACEHOLDER_FOR_GREATER_OP_CODES',
  'STABLEHLO_CONVOLUTION',
  'STABLEHLO_CUSTOM_CALL',
  'STABLEHLO_REDUCE',
  'STABLEHLO_DOT_GENERAL',
  'STABLEHLO_SORT',
  'STABLEHLO_WHILE',
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
  defineOp({
    name: 'STABLEHLO_SCATTER',
    inputs: ['operands*'],
    outputs: ['output'],
    infer: ({ operands: [first] }) => (first ? [{ dtype: first.dtype, shape: first.shape }] : []),
  }),
  ...UNKNOWN.map((name) =>
    defineOp({ name, inputs: ['values*'], outputs: ['outputs*'], impure: true, infer: () => [] }),
  ),
];
