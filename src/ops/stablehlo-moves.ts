import { type DType, elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import type { BuiltinName } from '../schema/tflite.gen.js';
import { cast } from './cast.js';
import { defineOp, type Op, type OutputType } from './define.js';
import { dynamicUpdateSlice } from './dynamic-update-slice.js';
import { binaryKernel, comparisonKernel, greaterBigint, lesserBigint } from './elementwise.js';
import { joined } from './join.js';
import { selectV2 } from './select.js';
import { stridesOf } from './shapes.js';
import { tensorTypeOf } from './tensor-type.js';
import { permutedView, viewedTensor, wholeView } from './view.js';

/** The options of all these operators. */
interface MoveOptions {
  readonly permutation?: readonly bigint[];
  readonly startIndices?: readonly bigint[];
  readonly strides?: readonly bigint[];
  readonly broadcastDimensions?: readonly bigint[];
  readonly dimension?: bigint;
  readonly iotaDimension?: bigint;
  readonly comparisonDirection?: string | number;
}

type MoveKernel = (values: readonly Tensor[], type: OutputType, options: MoveOptions) => Tensor;

const moving = (name: Extract<BuiltinName, `STABLEHLO_${string}`>, kernel: MoveKernel): Op =>
  defineOp({
    name,
    inputs: ['values*'],
    outputs: ['outputs*'],
    impure: true,
    infer: () => [],
    reference: ({ inputs: { values }, types: [type], options }) => [
      kernel(values, type!, options as unknown as MoveOptions),
    ],
  });

const numbers = (list: readonly bigint[] | undefined): number[] => (list ?? []).map(Number);

/** Scalars as one vector. */
const scalars = (values: readonly Tensor[]): Tensor & { readonly data: Int32Array } => ({
  dtype: 'i32',
  shape: [values.length],
  data: Int32Array.from(values, ({ data }) => Number(data[0])),
});

const converted = (x: Tensor, dtype: DType): Tensor =>
  cast.reference?.([x], [{ dtype, shape: x.shape }], { outDataType: tensorTypeOf(dtype) })[0] as Tensor;

type Holds = <T extends number | bigint | string>(a: T, b: T) => boolean;
const COMPARISONS: Readonly<Record<string, Holds>> = {
  EQ: (a, b) => a === b,
  NE: (a, b) => a !== b,
  LT: (a, b) => a < b,
  LE: (a, b) => a <= b,
  GT: (a, b) => a > b,
  GE: (a, b) => a >= b,
};

/**
 * StableHLO operators that move, choose or convert elements. Their output types are what the file states.
 *
 * Source: StableHLO specification.
 */
export const stablehloMoves: readonly Op[] = [
  defineOp({
    name: 'STABLEHLO_DYNAMIC_UPDATE_SLICE',
    inputs: ['operands*'],
    outputs: ['output'],
    infer: ({ operands: [first] }) => (first ? [{ dtype: first.dtype, shape: first.shape }] : []),
    reference: ({ inputs: { operands }, types }) => {
      const [operand, update, ...starts] = operands;
      return dynamicUpdateSlice.reference?.([operand, update, scalars(starts)], types, {}) ?? [];
    },
  }),
  moving('STABLEHLO_RESHAPE', ([x], type) => ({ ...x!, shape: type.shape ?? [] })),
  moving('STABLEHLO_TRANSPOSE', ([x], _, { permutation }) =>
    viewedTensor(x!, permutedView(wholeView(x!.shape), numbers(permutation))),
  ),
  moving('STABLEHLO_SLICE', ([x], { shape = [] }, { startIndices, strides }) => {
    const own = stridesOf(x!.shape);
    const [starts, steps] = [numbers(startIndices), numbers(strides)];
    const offset = starts.reduce((sum, start, i) => sum + start * own[i]!, 0);
    return viewedTensor(x!, { shape: shape as Shape, offset, strides: own.map((s, i) => s * (steps[i] ?? 1)) });
  }),
  moving('STABLEHLO_BROADCAST_IN_DIM', ([x], { shape = [] }, { broadcastDimensions }) => {
    const own = stridesOf(x!.shape);
    const strides = (shape as Shape).map(() => 0);
    for (const [i, axis] of numbers(broadcastDimensions).entries()) if (x!.shape[i] !== 1) strides[axis] = own[i]!;
    return viewedTensor(x!, { shape: shape as Shape, offset: 0, strides });
  }),
  moving('STABLEHLO_CONCATENATE', (values, { dtype, shape = [] }, { dimension }) => ({
    dtype,
    shape: shape as Shape,
    data: joined(dtype, shape as Shape, Number(dimension), values),
  })),
  moving('STABLEHLO_DYNAMIC_SLICE', ([x, ...starts], { shape = [] }) => {
    const own = stridesOf(x!.shape);
    const most = x!.shape.map((size, i) => size - (shape[i] as number));
    const offset = scalars(starts).data.reduce((sum, s, i) => sum + Math.min(Math.max(s, 0), most[i]!) * own[i]!, 0);
    return viewedTensor(x!, { shape: shape as Shape, offset, strides: own });
  }),
  moving('STABLEHLO_IOTA', (_, { dtype, shape = [] }, { iotaDimension }) => {
    const step = stridesOf(shape as Shape)[Number(iotaDimension)] ?? 1;
    const size = shape[Number(iotaDimension)] ?? 1;
    const data = Int32Array.from({ length: elementCount(shape as Shape) }, (_, i) => Math.floor(i / step) % size);
    return converted({ dtype: 'i32', shape: shape as Shape, data }, dtype);
  }),
  moving('STABLEHLO_CONVERT', ([x], { dtype }) => converted(x!, dtype)),
  moving('STABLEHLO_SELECT', (values, type) => selectV2.reference?.(values, [type], {})[0] as Tensor),
  moving('STABLEHLO_CLAMP', ([low, x, high], type) => {
    const atLeast = binaryKernel({ numbers: Math.max, bigints: greaterBigint }, x!, low!, type);
    return binaryKernel({ numbers: Math.min, bigints: lesserBigint }, atLeast, high!, type);
  }),
  moving('STABLEHLO_COMPARE', ([a, b], _, { comparisonDirection }) => {
    const holds = COMPARISONS[String(comparisonDirection).replace(/^.*_/, '')] ?? COMPARISONS.EQ!;
    return comparisonKernel(holds, a!, b!);
  }),
];
