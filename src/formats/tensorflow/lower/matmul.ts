import { ModelError } from '../../../errors.js';
import type { Value } from '../../../ir/graph.js';
import type { Lower, Lowering } from './context.js';
import { castTo } from './operands.js';
import { transpose } from './shapes.js';

/** A product of matrices, either of which may be taken transposed. */
export interface Product {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** The last two axes change places. */
export function swapLast(c: Lowering, x: Value): Value {
  const rank = c.rank(x, `'${x.name}'`);
  const axes = Array.from({ length: rank }, (_, i) => i);
  return transpose(c, x, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

/** A product with constant weights `[I, O]`, which are stored as `[O, I]`. */
export function dense(
  c: Lowering,
  a: Value,
  weights: Value,
  { transposeA, transposeB }: Product,
  keepNumDims: boolean,
): Value {
  const x = transposeA ? swapLast(c, a) : a;
  const w = transposeB ? weights : swapLast(c, weights);
  return c.emit('FULLY_CONNECTED', [x, w, undefined], { keepNumDims });
}

/** A product of two matrices, `[N, I]` and `[I, O]`. */
const matMul: Lower = (c) => {
  const [a, b] = [c.input(0), c.input(1)];
  const how = { transposeA: c.attrs.bool('transpose_a', false), transposeB: c.attrs.bool('transpose_b', false) };
  if (isOuter(a, b, how))
    return [c.emit('MUL', [how.transposeA ? swapLast(c, a) : a, how.transposeB ? swapLast(c, b) : b])];
  requireFloat(a);
  if (isWeights(b) && !a.constant) return [dense(c, a, b, how, false)];
  if (isWeights(a) && !b.constant) return [columns(c, a, b, how)];
  return [c.emit('BATCH_MATMUL', [a, b], { adjX: how.transposeA, adjY: how.transposeB })];
};

/** Constant weights `[O, I]` times samples that are columns, `[I, N]`: the dense layer of the samples as rows, turned back. */
function columns(c: Lowering, weights: Value, b: Value, { transposeA, transposeB }: Product): Value {
  const rows = transposeB ? b : swapLast(c, b);
  return swapLast(c, dense(c, rows, weights, { transposeA: false, transposeB: !transposeA }, false));
}

/** Weights: a constant, also one that is stored with fewer bits and widened when the model runs. */
const isWeights = (value: Value): boolean =>
  value.constant !== undefined ||
  (value.producer?.op === 'DEQUANTIZE' && value.producer.inputs[0]?.constant !== undefined);

/** Whether integers are multiplied over an inner axis of size 1, which broadcasting does. */
const isOuter = (a: Value, b: Value, how: Product): boolean =>
  /^i(32|64)$/.test(a.dtype) && a.shape?.[how.transposeA ? 0 : 1] === 1 && b.shape?.[how.transposeB ? 1 : 0] === 1;

function requireFloat(value: Value): void {
  if (!/^(f32|i8)$/.test(value.dtype))
    throw new ModelError('unsupported', `multiplies matrices of ${value.dtype}; there are only ones of f32.`);
}

/** Sparse is only a hint of the model. */
const sparseMatMul: Lower = (c) => {
  const [a, b] = [c.input(0), c.input(1)].map((v) =>
    castTo(v as Value, 'f32', (n) => c.emitAll(n.op, n.inputs, n.options)),
  ) as [Value, Value];
  const how = { transposeA: c.attrs.bool('transpose_a', false), transposeB: c.attrs.bool('transpose_b', false) };
  if (isWeights(b)) return [dense(c, a, b, how, false)];
  return [c.emit('BATCH_MATMUL', [a, b], { adjX: how.transposeA, adjY: how.transposeB })];
};

/** Products of the last two axes; constant weights of rank 2 make it a dense layer. */
export function batchProduct(c: Lowering, a: Value, b: Value, how: Product): Value {
  requireFloat(a);
  if (isWeights(b) && b.shape?.length === 2 && !a.constant) return dense(c, a, b, how, true);
  return c.emit('BATCH_MATMUL', [a, b], { adjX: how.transposeA, adjY: how.transposeB });
}

const batchMatMul: Lower = (c) => [
  batchProduct(c, c.input(0), c.input(1), {
    transposeA: c.attrs.bool('adj_x', false),
    transposeB: c.attrs.bool('adj_y', false),
  }),
];

/** Products of matrices. */
export const products: Readonly<Record<string, Lower>> = {
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMul,
  MatMul: matMul,
  SparseMatMul: sparseMatMul,
};
