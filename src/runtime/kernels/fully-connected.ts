import type { Features } from '../../wasm/features.js';
import type { Pointer } from '../buffers.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { multiply, plainRows, type Result } from './matrix.js';
import { packedBytes, packedFloats, repeatedTile, tileFor } from './packed-matrix.js';
import type { MatrixLayout } from './packing.js';
import { quantizedRows } from './quantized-rows.js';
import { biasVector, columnScales } from './vectors.js';
import { formFor, isHybridWorthwhile, weightsKind } from './weights.js';

/** A product of rows and constant weights; the weights may be quantized along `axis`. */
export interface DenseProduct {
  readonly input: Pointer;
  readonly m: number;
  readonly layout: MatrixLayout;
  readonly weights: Operand;
  readonly axis: number;
}

const isHybrid = ({ m, layout: { n, k }, weights, axis }: DenseProduct): boolean =>
  weightsKind(weights, axis, n) === 'i8' && isHybridWorthwhile(m, n, k);

/** The name of the variant; undefined when the weights are of a kind that nothing here takes. */
export function denseName(product: DenseProduct, features: Features): string | undefined {
  const { m, layout, weights, axis } = product;
  if (!weightsKind(weights, axis, layout.n)) return undefined;
  const form = isHybrid(product) ? formFor(features, [weights]) : undefined;
  const { mr, nr } = tileFor(m, form);
  return `gemm_${form ? 'hybrid' : 'f32'}_${mr}x${nr}`;
}

/** Adds the calls of a product with constant weights: floats, or 8-bit ones with rows quantized on the fly. */
export function multiplyDense(to: KernelBuilder, product: DenseProduct, result: Result): void {
  const { input, m, layout, weights } = product;
  const { constant, quantization } = weights;
  const { n, k } = layout;
  const form = isHybrid(product) ? formFor(to.features, [weights]) : undefined;
  const tile = repeatedTile(tileFor(m, form), to, layout);
  if (form) {
    const packed = packedBytes(to, constant!, layout, tile, form);
    const { rows, scales } = quantizedRows(to, input, m, k, form);
    multiply(to, rows, packed, { ...result, scales: { ...scales, columns: columnScales(to, quantization!, n) } }, tile);
  } else {
    const packed = packedFloats(to, constant!, quantization, layout, tile.nr);
    const rows = plainRows(m, input, k * 4, k);
    multiply(to, rows, packed, result, tile);
  }
}

function denseOf(node: KernelNode): DenseProduct | undefined {
  const [input, weights] = node.inputs;
  const [n = 0, k = 0] = weights?.shape ?? [];
  if (!input || !weights || k < 1) return undefined;
  // The pointer of a constant makes a copy of it, so that nothing asks for that of the weights.
  return { input: input.pointer, m: input.count / k, layout: { k, n, step: 1, columnStep: k }, weights, axis: 0 };
}

/** FULLY_CONNECTED with constant weights. */
export const fullyConnected: Kernel = {
  ops: ['FULLY_CONNECTED'],
  fuses: true,

  accepts(node, features) {
    const [input, filter, bias] = node.inputs;
    const product = denseOf(node);
    if (!product || !filter?.constant || input?.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    const { m, layout } = product;
    if (m < 1 || layout.n < 1 || node.options.weightsFormat === 'SHUFFLED4x16INT8') return undefined;
    if (bias && bias.count !== layout.n) return undefined;
    return denseName(product, features);
  },

  build(node, to) {
    const product = denseOf(node)!;
    const { n } = product.layout;
    const bias = biasVector(to, node.inputs[2], n);
    const c = node.outputs[0]!.pointer;
    multiplyDense(to, product, { c, firstRow: 0, firstColumn: 0, rowBytes: n * 4, bias, stages: node.stages });
  },
};
