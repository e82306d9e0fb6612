import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp } from './define.js';
import { stridesOf } from './shapes.js';
import { blankData, copyView, wholeView, windowView } from './view.js';

/**
 * Slices of the operand, one for each vector of indices along `indexVectorDim`, which says where it starts along the axes of
 * `startIndexMap`. Starts are clamped so that the slice fits.
 *
 * Source: TFLite operator STABLEHLO_GATHER; StableHLO specification.
 */
export const stablehloGather = defineOp({
  name: 'STABLEHLO_GATHER',
  inputs: ['operand', 'startIndices'],
  outputs: ['output'],
  infer: ({ operand, startIndices }, options) => [
    { dtype: operand.dtype, shape: gatheredShape(startIndices.shape, options) },
  ],
  reference({ inputs: { operand, startIndices }, options }) {
    const shape = gatheredShape(startIndices.shape, options) as Shape;
    const { dtype } = operand;
    const out = blankData(dtype, elementCount(shape));
    const sizes = (options.sliceSizes ?? []).map(Number);
    const offsetAxes = [...shape.keys()].filter((axis) => options.offsetDims?.includes(BigInt(axis)));
    const batchAxes = [...shape.keys()].filter((axis) => !offsetAxes.includes(axis));
    const isKept = sizes.map((_, axis) => !options.collapsedSliceDims?.includes(BigInt(axis)));
    const target = wholeView(shape);
    const sliceShape = sizes.filter((_, axis) => isKept[axis]);
    const strides = offsetAxes.map((axis) => target.strides[axis]!);
    const batch = batchAxes.map((axis) => shape[axis]!);
    for (const at of coordinates(batch)) {
      const starts = startsOf(startIndices, at, options, operand.shape, sizes);
      const window = windowView(wholeView(operand.shape), starts, sizes);
      const source = { ...window, shape: sliceShape, strides: window.strides.filter((_, axis) => isKept[axis]) };
      const offset = at.reduce((sum, index, i) => sum + index * target.strides[batchAxes[i]!]!, 0);
      copyView(dtype, operand.data, source, out, { shape: sliceShape, offset, strides });
    }
    return [{ dtype, shape, data: out }];
  },
});

/** All index vectors of a shape, row-major. */
function coordinates(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (all, size) => all.flatMap((at) => Array.from({ length: size }, (_, i) => [...at, i])),
    [[]],
  );
}

/** Where the slice of a place in the batch starts along each axis of the operand. */
function startsOf(
  indices: Tensor,
  at: readonly number[],
  options: { readonly indexVectorDim: bigint; readonly startIndexMap?: readonly bigint[] | undefined },
  operand: Shape,
  sizes: readonly number[],
): number[] {
  const vectorAxis = Number(options.indexVectorDim);
  const strides = stridesOf(indices.shape);
  const starts = operand.map(() => 0);
  for (const [i, axis] of (options.startIndexMap ?? []).map(Number).entries()) {
    const place = vectorAxis < indices.shape.length ? [...at.slice(0, vectorAxis), i, ...at.slice(vectorAxis)] : at;
    const start = Number(indices.data[place.reduce((sum, index, k) => sum + index * strides[k]!, 0)]);
    starts[axis] = Math.min(Math.max(start, 0), operand[axis]! - sizes[axis]!);
  }
  return starts;
}

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
