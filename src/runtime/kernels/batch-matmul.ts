import type { Shape } from '../../ir/tensor.js';
import { batchOffsets } from '../../ops/batch-matmul.js';
import { floats } from '../../ops/floats.js';
import { permutedView, type View, wholeView } from '../../ops/view.js';
import { type Pointer, shifted } from '../buffers.js';
import { type BatchCall, batchesKey, emitBatches } from '../emit/batches.js';
import { SIZE_ARGUMENTS } from '../emit/gemm-spec.js';
import { stageOperands } from '../emit/stages.js';
import type { Argument, Kernel, KernelBuilder, KernelNode, Operand, WasmCall } from '../kernel.js';
import { copy } from './copies.js';
import { type DenseProduct, denseName, multiplyDense } from './fully-connected.js';
import { multiply, plainRows, type Result } from './matrix.js';
import { type PackedMatrix, tileFor } from './packed-matrix.js';
import { type Panels, packedColumns, packFloats, panelsOf } from './packing.js';
import { biasVector } from './vectors.js';
import { weightsKind } from './weights.js';

/** Products of the matrices of two operands, over broadcast batches. */
interface BatchProduct {
  readonly x: Operand;
  readonly y: Operand;
  readonly bias: Operand | undefined;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** The matrices lie transposed. */
  readonly adjX: boolean;
  readonly adjY: boolean;
  readonly batch: Shape;
}

const product = (sizes: Shape): number => sizes.reduce((a, b) => a * b, 1);

function productOf(node: KernelNode): BatchProduct | undefined {
  const [x, y, bias] = node.inputs;
  const [output] = node.outputs;
  if (!x || !y || !output || output.dtype !== 'f32' || x.dtype !== 'f32' || output.count === 0) return undefined;
  const isDense = node.op === 'FULLY_CONNECTED';
  const [adjX, adjY] = isDense ? [false, true] : [node.options.adjX === true, node.options.adjY === true];
  const n = y.shape.at(adjY ? -2 : -1) ?? 0;
  const k = y.shape.at(adjY ? -1 : -2) ?? 0;
  if (k < 1 || (bias && bias.count !== n)) return undefined;
  const operands = { x, y, bias, n, k, adjX, adjY };
  const isOneMatrix = product(y.shape.slice(0, -2)) === 1;
  if (isDense || (isOneMatrix && !adjX)) return { ...operands, m: x.count / k, batch: [] };
  return { ...operands, m: x.shape.at(adjX ? -1 : -2) ?? 0, batch: output.shape.slice(0, -2) };
}

/** Constant weights that are the same for all batches: the product of a dense layer. */
function denseOf({ x, y, m, n, k, adjX, adjY, batch }: BatchProduct): DenseProduct | undefined {
  if (!y.constant || adjX || batch.length > 0) return undefined;
  const layout = adjY ? { k, n, step: 1, columnStep: k } : { k, n, step: n, columnStep: 1 };
  return { input: x.pointer, m, layout, weights: y, axis: y.shape.length - (adjY ? 2 : 1) };
}

/** The matrices of an operand with their axes swapped. */
function swapped(shape: Shape): View {
  const axes = [...shape.keys()];
  return permutedView(wholeView(shape), [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
}

/** The left matrices, row-major. */
function leftMatrices(to: KernelBuilder, { x, adjX }: BatchProduct): Pointer {
  if (!adjX) return x.pointer;
  const rows = to.scratch(x.count * 4);
  const from = swapped(x.shape);
  copy(to, x.pointer, from, rows, wholeView(from.shape), 4);
  return rows;
}

/** The right matrices, and the bytes from one to the next. */
interface RightMatrices {
  readonly first: PackedMatrix;
  readonly bytes: number;
}

/**
 * Rows of the left matrix from which on packing the right one pays: vectors of a packed one lie together, those of a
 * row-major one lie in as many lines of the cache as there are steps, and at powers of two they push each other out.
 */
const MANY_ROWS = 16;

function rightMatrices(to: KernelBuilder, product: BatchProduct): RightMatrices {
  const { y, m, n, k, adjY } = product;
  const panels = panelsOf(n, tileFor(m).nr);
  if (!y.constant && !adjY && (m < MANY_ROWS || n < 32))
    return { first: { pointer: y.pointer, panels, columnBytes: 4, rowBytes: n * 4 }, bytes: n * k * 4 };
  const bytes = packedColumns(panels) * k * 4;
  const pointer = y.constant ? packedConstant(to, product, panels, bytes) : packedCopy(to, product, panels, bytes);
  return { first: { pointer, panels, columnBytes: 4 }, bytes };
}

function packedConstant(to: KernelBuilder, { y, n, k, adjY }: BatchProduct, panels: Panels, bytes: number): Pointer {
  const layout = adjY ? { k, n, step: 1, columnStep: k } : { k, n, step: n, columnStep: 1 };
  const count = y.count / (n * k);
  const { constant, quantization } = y;
  return to.sharedData(constant!, `matrices ${JSON.stringify(layout)} ${panels.width}`, count * bytes, (view) => {
    const data = floats({ ...constant!.tensor(), quantization });
    for (let i = 0; i < count; i++) {
      const out = new Float32Array(view.buffer, view.byteOffset + i * bytes, bytes / 4);
      packFloats(out, data.subarray(i * n * k, (i + 1) * n * k), layout, panels);
    }
  });
}

/** Panels of computed matrices: the full ones of all, then the last ones. */
function packedCopy(to: KernelBuilder, { y, n, k, adjY }: BatchProduct, panels: Panels, bytes: number): Pointer {
  const count = y.count / (n * k);
  const pointer = to.scratch(count * bytes);
  const rows: View = { shape: [count, k, n], offset: 0, strides: adjY ? [n * k, 1, k] : [n * k, n, 1] };
  const [matrix, step, column] = rows.strides as [number, number, number];
  const { width, full, restColumns, restWidth } = panels;
  const part = (first: number, panelCount: number, columns: number, wide: number) => {
    const shape = [count, panelCount, k, columns];
    const from = { shape, offset: first * column, strides: [matrix, width * column, step, column] };
    const target = { shape, offset: first * k, strides: [bytes / 4, k * wide, wide, 1] };
    copy(to, y.pointer, from, pointer, target, 4);
  };
  if (full > 0) part(0, full, width, width);
  if (restColumns > 0) part(full * width, 1, restColumns, restWidth);
  return pointer;
}

/** Batches up to this many have their own calls. */
const FEW_BATCHES = 4;

function multiplyBatches(to: KernelBuilder, product: BatchProduct, result: Result): void {
  const { x, y, m, n, k, batch } = product;
  const left = leftMatrices(to, product);
  const right = rightMatrices(to, product);
  const xShape = [...x.shape.slice(0, -2), m, k];
  const lefts = batch.length > 0 ? batchOffsets(batch, xShape) : [0];
  const rights = batch.length > 0 ? batchOffsets(batch, y.shape) : [0];
  const moves = lefts.map((offset, i) => [offset * 4, (rights[i]! / (n * k)) * right.bytes, i * m * n * 4]);
  const one = (builder: KernelBuilder, i: number) => {
    const [a = 0, b = 0] = moves[i] as number[];
    const rows = plainRows(m, shifted(left, a), k * 4, k);
    const matrix = { ...right.first, pointer: shifted(right.first.pointer, b) };
    multiply(builder, rows, matrix, { ...result, firstRow: i * m }, tileFor(m));
  };
  if (moves.length <= FEW_BATCHES) for (const i of moves.keys()) one(to, i);
  else repeatCalls(to, (builder) => one(builder, 0), moves, result);
}

/** One call that repeats those of the first batch for all batches. */
function repeatCalls(
  to: KernelBuilder,
  first: (to: KernelBuilder) => void,
  moves: readonly (readonly number[])[],
  { stages }: Result,
): void {
  const calls: WasmCall[] = [];
  first({ ...to, call: (func, args, units = 1, grain = units) => void calls.push({ func, args, units, grain }) });
  // A product takes A, its rows, B, C, the sizes and the bias, then the operands of the stages.
  const columns = [
    0,
    undefined,
    1,
    2,
    ...Array<undefined>(SIZE_ARGUMENTS).fill(undefined),
    undefined,
    ...stageOperands(stages).map((o) => (o.mode === 'same' ? 2 : undefined)),
  ];
  const batchCalls = calls.map(({ func, units }): BatchCall => ({ func, columns, units }));
  const table = to.data(moves.length * 12, (view) =>
    new Int32Array(view.buffer, view.byteOffset, moves.length * 3).set(moves.flat()),
  );
  const func = to.func(batchesKey(batchCalls, 3), (module) => emitBatches(module, batchCalls, 3));
  to.call(func, [table, ...calls.flatMap((c): readonly Argument[] => c.args)], moves.length, 1);
}

/** BATCH_MATMUL of floats, and FULLY_CONNECTED whose filter is computed. */
export const batchMatmul: Kernel = {
  ops: ['BATCH_MATMUL', 'FULLY_CONNECTED'],
  fuses: true,

  accepts(node, features) {
    const product = productOf(node);
    if (!product) return undefined;
    const { y, m } = product;
    const dense = denseOf(product);
    if (dense) return denseName(dense, features);
    const isFloat = y.dtype === 'f32' || (y.constant && weightsKind(y, -1, 0));
    const { mr, nr } = tileFor(m);
    return isFloat ? `gemm_f32_${mr}x${nr}` : undefined;
  },

  build(node, to) {
    const product = productOf(node)!;
    const { n, bias } = product;
    const c = node.outputs[0]!.pointer;
    const vector = biasVector(to, bias, n);
    const result = { c, firstRow: 0, firstColumn: 0, rowBytes: n * 4, bias: vector, stages: node.stages };
    const dense = denseOf(product);
    if (dense) multiplyDense(to, dense, result);
    else multiplyBatches(to, product, result);
  },
};
