import type { Value } from '../../../ir/graph.js';
import { tensorTypeOf } from '../../../ops/tensor-type.js';
import type { Lower, Lowering } from './context.js';
import { int32Input, likeShape, reshape, sizesOf, toInt32 } from './shapes.js';

/** Indices as they are: the operators take 16-, 32- and 64-bit ones; smaller ones are widened. */
function indicesOf(c: Lowering, index: number): Value {
  const indices = c.input(index);
  return /^i(16|32|64)$/.test(indices.dtype) ? indices : toInt32(c, indices);
}

const gatherAt = (c: Lowering, axis: number, batchDims: number): Value =>
  c.emit('GATHER', [c.input(0), indicesOf(c, 1)], { axis, batchDims });

const gather: Lower = (c) => [gatherAt(c, 0, 0)];

/** Where leading axes pair up, the axis that is gathered lies behind them by default. */
const resourceGather: Lower = (c) => {
  const batch = c.attrs.int('batch_dims', 0);
  return [gatherAt(c, batch, batch)];
};

const gatherV2: Lower = (c) => {
  const batch = c.attrs.int('batch_dims', 0);
  const rank = c.input(1).shape?.length;
  const batchDims = batch < 0 && rank !== undefined ? batch + rank : batch;
  return [gatherAt(c, c.number(2, 'axis'), batchDims)];
};

const gatherNd: Lower = (c) => [c.emit('GATHER_ND', [c.input(0), indicesOf(c, 1)])];

const scatterNd: Lower = (c) => [c.emit('SCATTER_ND', [int32Input(c, 0), c.input(1), int32Input(c, 2)])];

/** Updates at indices of a tensor of `like`'s shape that is 0 elsewhere; equal indices add up. */
function scatterLike(c: Lowering, like: Value, indices: Value, updates: Value): Value {
  return c.emit('SCATTER_ND', [indices, updates, toInt32(c, likeShape(c, like))]);
}

/** The input where nothing is written, the updates elsewhere. */
function scatterUpdate(c: Lowering, x: Value, indices: Value, updates: Value): Value {
  const one = c.scalar(x, 1);
  const ones = c.emit('BROADCAST_TO', [one, likeShape(c, updates)]);
  const kept = c.emit('SUB', [one, scatterLike(c, x, indices, ones)]);
  return c.emit('ADD', [c.emit('MUL', [x, kept]), scatterLike(c, x, indices, updates)]);
}

const tensorScatterUpdate: Lower = (c) => [scatterUpdate(c, c.input(0), int32Input(c, 1), c.input(2))];

/** The scattered updates, in which equal indices have added up already, on top of the input. */
const tensorScatter =
  (op: string): Lower =>
  (c) => [c.emit(op, [c.input(0), scatterLike(c, c.input(0), int32Input(c, 1), c.input(2))])];

/** Position `i` at place `p[i]`. */
const invertPermutation: Lower = (c) => {
  const p = toInt32(c, c.input(0));
  const [count = 0] = c.staticShape(p, 'its input');
  const places = c.emit('RESHAPE', [p, c.i32([count, 1])]);
  const positions = c.i32(Array.from({ length: count }, (_, i) => i));
  return [c.emit('SCATTER_ND', [places, positions, c.i32([count])])];
};

const oneHot: Lower = (c) => {
  const indices = c.input(0);
  const wide = indices.dtype === 'i64' ? indices : toInt32(c, indices);
  return [c.emit('ONE_HOT', [wide, int32Input(c, 1), c.input(2), c.input(3)], { axis: c.attrs.int('axis', -1) })];
};

const unique: Lower = (c) => c.emitAll('UNIQUE', [c.input(0)], { idxOutType: tensorTypeOf(c.type('out_idx', 'i32')) });

const sparseToDense: Lower = (c) => [c.emit('SPARSE_TO_DENSE', [c.input(0), c.input(1), c.input(2), c.input(3)])];

/** Blocks along the spatial axes that become entries of the batch, or the other way around. */
const blocks =
  (op: string): Lower =>
  (c) => [c.emit(op, [c.input(0), int32Input(c, 1), int32Input(c, 2)])];

const squareBlocks =
  (op: string): Lower =>
  (c) => {
    const size = c.attrs.int('block_size');
    return [c.emit(op, [c.input(0), c.i32([size, size]), int32Input(c, 1)])];
  };

const dynamicUpdateSlice: Lower = (c) => [c.emit('DYNAMIC_UPDATE_SLICE', [c.input(0), c.input(1), c.input(2)])];

const where: Lower = (c) => [c.emit('WHERE', [c.input(0)])];

/** Elements of the main diagonal, by their positions in the flattened matrix. */
export function diagonalOf(c: Lowering, x: Value): Value {
  const rank = c.rank(x, 'its input');
  const [rows = -1, columns = -1] = x.shape?.slice(-2) ?? [];
  if (rows < 0 || columns < 0) c.staticShape(x, 'its matrices');
  const flat = reshape(c, x, [...sizesOf(c, x).slice(0, -2), rows * columns]);
  const places = Array.from({ length: Math.min(rows, columns) }, (_, i) => i * (columns + 1));
  return c.emit('GATHER', [flat, c.i32(places)], { axis: rank - 2, batchDims: 0 });
}

/** Reading and writing by index. */
export const gathers: Readonly<Record<string, Lower>> = {
  BatchToSpace: squareBlocks('BATCH_TO_SPACE_ND'),
  BatchToSpaceND: blocks('BATCH_TO_SPACE_ND'),
  Gather: gather,
  GatherNd: gatherNd,
  GatherV2: gatherV2,
  InvertPermutation: invertPermutation,
  OneHot: oneHot,
  ResourceGather: resourceGather,
  ResourceGatherNd: gatherNd,
  ScatterNd: scatterNd,
  SpaceToBatch: squareBlocks('SPACE_TO_BATCH_ND'),
  SpaceToBatchND: blocks('SPACE_TO_BATCH_ND'),
  SparseToDense: sparseToDense,
  TensorScatterAdd: tensorScatter('ADD'),
  TensorScatterSub: tensorScatter('SUB'),
  TensorScatterUpdate: tensorScatterUpdate,
  Unique: unique,
  Where: where,
  XlaDynamicUpdateSlice: dynamicUpdateSlice,
};
