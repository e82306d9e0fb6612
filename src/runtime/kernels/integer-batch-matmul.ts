import { batchOffsets } from '../../ops/batch-matmul.js';
import { permutedView, wholeView } from '../../ops/view.js';
import { shifted } from '../buffers.js';
import { emitPackShorts } from '../emit/pack-shorts.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { copy } from './copies.js';
import { finishOf } from './integer-products.js';
import { byteAffine, widened, wideningOf } from './integers.js';
import { multiply, plainRows } from './matrix.js';
import { type PackedMatrix, tileFor } from './packed-matrix.js';
import { packedColumns, panelsOf } from './packing.js';

const MAX_MATRICES = 256;

function productOf(node: KernelNode) {
  const [x, y] = node.inputs;
  const [out] = node.outputs;
  const affines = [x, y, out].map(byteAffine);
  const [a, b, c] = affines;
  if (!x || !y || !out || !a || !b || !c || a.dtype !== c.dtype || out.count === 0) return undefined;
  const [m = 0, n = 0] = out.shape.slice(-2);
  const { adjX, adjY } = node.options as { readonly adjX?: boolean; readonly adjY?: boolean };
  const k = x.shape.at(adjX ? -2 : -1) ?? 0;
  const matrices = out.count / (m * n);
  if (k < 1 || Math.max(matrices, y.count / (k * n)) > MAX_MATRICES) return undefined;
  return { x, y, out, a, b, c, m, n, k, matrices, adjX: adjX === true, adjY: adjY === true };
}

type Product = NonNullable<ReturnType<typeof productOf>>;

/** The left matrices, row-major, as 16-bit integers. */
function leftMatrices(to: KernelBuilder, { x, a, adjX }: Product) {
  if (!adjX) return widened(to, x, a);
  const rows = to.scratch(x.count);
  const axes = [...x.shape.keys()];
  const view = permutedView(wholeView(x.shape), [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  copy(to, x.pointer, view, rows, wholeView(view.shape), 1);
  return widened(to, { pointer: rows, count: x.count }, a);
}

/** The right matrices in panels; the first of them, and the bytes from one to the next. */
function rightMatrices(to: KernelBuilder, { y, b, m, n, k, adjY }: Product) {
  const panels = panelsOf(n, tileFor(m).nr);
  const stepBytes = Math.ceil(k / 2) * 4;
  const bytes = packedColumns(panels) * stepBytes;
  const count = y.count / (k * n);
  const pointer = to.scratch(count * bytes);
  const [rowBytes, columnBytes] = adjY ? [1, k] : [n, 1];
  const { full, width, restColumns, restWidth } = panels;
  for (const [first, units, columns, wide] of [
    [0, full, width, width],
    [full * width, restColumns > 0 ? 1 : 0, restColumns, restWidth],
  ] as const) {
    if (units === 0) continue;
    const spec = { ...wideningOf(b), k, rowBytes, columnBytes, columns, width: wide };
    const pack = to.func(`pack shorts ${JSON.stringify(spec)}`, (module) => emitPackShorts(module, spec));
    for (let i = 0; i < count; i++) {
      const source = shifted(y.pointer, i * k * n + first * columnBytes);
      to.call(pack, [source, shifted(pointer, i * bytes + first * stepBytes)], units, 1);
    }
  }
  const packed: PackedMatrix = { pointer, panels, columnBytes: 4, form: 'shorts' };
  return { packed, bytes };
}

/** BATCH_MATMUL of bytes, both of whose operands are computed. */
export const integerBatchMatmul: Kernel = {
  ops: ['BATCH_MATMUL'],

  accepts(node) {
    const product = productOf(node);
    if (!product) return undefined;
    const { mr, nr } = tileFor(product.m);
    return `gemm_${product.c.dtype}_${mr}x${nr}`;
  },

  build(node, to) {
    const product = productOf(node)!;
    const { x, y, out, a, b, c, m, n, k } = product;
    const q = leftMatrices(to, product);
    const { packed, bytes } = rightMatrices(to, product);
    const factor = Math.fround(Math.fround(a.scale * b.scale) / c.scale);
    const factors = new Float32Array(n).fill(factor);
    const finish = finishOf(to, node, { to: c, factors, bias: undefined, isWide: true }, k);
    const batch = out.shape.slice(0, -2);
    const right = batchOffsets(batch, y.shape);
    for (const [i, from] of batchOffsets(batch, x.shape).entries()) {
      const rows = plainRows(m, shifted(q, 2 * from), 2 * k, Math.ceil(k / 2));
      const pointer = shifted(packed.pointer, (right[i]! / (k * n)) * bytes);
      const place = { c: shifted(out.pointer, i * m * n), firstRow: 0, firstColumn: 0, rowBytes: n };
      multiply(to, rows, { ...packed, pointer }, { ...place, ...finish }, tileFor(m));
    }
  },
};
