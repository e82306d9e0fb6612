import type { Affine } from '../../ops/integers.js';
import type { Features } from '../../wasm/features.js';
import { shifted } from '../buffers.js';
import { LEAST_ROUNDED } from '../emit/bytes.js';
import { integerFinish } from '../emit/integer-finish.js';
import { formBytes, formSteps } from '../emit/row-form.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { byteForm, byteInput, type ZeroPart } from './byte-input.js';
import { geometryOf, groups, groupsOf, isPointwise, MAX_GROUPS, windowRows } from './convolution.js';
import { activationOf, byteAffine, gridOf } from './integers.js';
import { type FinishedResult, multiply, plainRows } from './matrix.js';
import { type IntegerWeights, packedIntegers } from './packed-integers.js';
import { tileFor } from './packed-matrix.js';
import { floatVector, integerVector } from './vectors.js';

/** What a node with integer weights needs to have, and its scales. */
export interface IntegerProduct extends IntegerWeights {
  readonly from: Affine;
  readonly to: Affine;
  readonly bias: Operand | undefined;
  /** `input scale * weight scale / output scale` in float32, for each channel. */
  readonly factors: Float32Array;
}

/** The facts of a node of 8-bit input, constant integer weights and 8-bit output; undefined for all others. */
export function integerProduct(
  node: KernelNode,
  channels: number,
  axis: number,
  [x, w, b]: readonly [number, number, number] = [0, 1, 2],
): IntegerProduct | undefined {
  const from = byteAffine(node.inputs[x]);
  const to = byteAffine(node.outputs[0]);
  const weights = node.inputs[w];
  const bias = node.inputs[b];
  const quantization = weights?.quantization;
  if (!from || !to || from.dtype !== to.dtype || !weights?.constant || !quantization) return undefined;
  if (!['i8', 'u8', 'i4', 'i2'].includes(weights.dtype)) return undefined;
  const { scale, zeroPoint } = quantization;
  if (scale.length !== 1 && (scale.length !== channels || quantization.axis !== axis)) return undefined;
  if (scale.length !== 1 && zeroPoint.some((z) => z !== 0)) return undefined;
  if (bias && (bias.dtype !== 'i32' || !bias.constant || bias.count !== channels)) return undefined;
  return {
    from,
    to,
    weights,
    constant: weights.constant,
    bias,
    isWide: weights.dtype === 'u8' || (zeroPoint[0] ?? 0) !== 0,
    factors: Float32Array.from({ length: channels }, (_, i) => {
      const s = scale[scale.length === 1 ? 0 : i] as number;
      return Math.fround(Math.fround(from.scale * s) / to.scale);
    }),
  };
}

const NONE = {};

/** What makes results of integer sums. */
type Sums = Pick<IntegerProduct, 'factors' | 'bias' | 'isWide'>;

/** The bias and the factors of integer sums of `depth` products, as vectors. */
export function factorsOf(to: KernelBuilder, { factors, bias, isWide }: Sums, depth: number, zeros?: ZeroPart) {
  const added = bias?.constant?.data() as Int32Array | undefined;
  const largest = depth * 255 * (isWide ? 255 : 128);
  const count = factors.length;
  const scales = [...new Set(factors)];
  return {
    /** Results may be so far below zero that they must be clamped before they are rounded. */
    isFar: factors.some((f, i) => (largest + Math.abs(added?.[i] ?? 0)) * f > -LEAST_ROUNDED),
    channels: [
      zeros
        ? integerVector(to, {}, 'less zeros', count, (i) => (added?.[i] ?? 0) - zeros(i))
        : integerVector(to, bias?.constant ?? NONE, bias ? 'i32' : `zeros ${count}`, count, (i) => added?.[i] ?? 0),
      floatVector(to, scales.length === 1 ? NONE : factors, `factors ${scales[0]} ${count}`, count, (i) => factors[i]!),
    ],
  };
}

/** The finish of integer sums of `depth` products, and the vectors that it takes. */
export function finishOf(
  to: KernelBuilder,
  node: KernelNode,
  product: Pick<IntegerProduct, 'to'> & Sums,
  depth: number,
  zeros?: ZeroPart,
): Pick<FinishedResult, 'finish' | 'channels' | 'elementBytes'> {
  const { isFar, channels } = factorsOf(to, product, depth, zeros);
  return { finish: integerFinish({ grid: gridOf(product.to, activationOf(node)), isFar }), channels, elementBytes: 1 };
}

/** FULLY_CONNECTED of bytes. */
const fullyConnected: Kernel = {
  ops: ['FULLY_CONNECTED'],

  accepts(node, features) {
    const { m, n, k } = sizes(node);
    if (m < 1 || n < 1 || k < 1 || node.options.weightsFormat === 'SHUFFLED4x16INT8') return undefined;
    const product = integerProduct(node, n, 0);
    return product && `gemm_${product.from.dtype}_${tileName(m, product, features)}`;
  },

  build(node, to) {
    const { m, n, k } = sizes(node);
    const product = integerProduct(node, n, 0)!;
    const { form, elements, zeros } = byteInput(to, product, k);
    const tile = tileFor(m, form);
    const packed = packedIntegers(to, product, { n, length: k, segments: 1, first: 0 }, tile, form);
    const place = { c: node.outputs[0]!.pointer, firstRow: 0, firstColumn: 0, rowBytes: n };
    const rows = plainRows(m, elements(node.inputs[0]!), formBytes(form) * k, Math.ceil(k / formSteps(form)));
    multiply(to, rows, packed, { ...place, ...finishOf(to, node, product, k, zeros) }, tile);
  },
};

function tileName(rows: number, product: IntegerProduct, features: Features): string {
  const { mr, nr } = tileFor(rows, byteForm(product, features));
  return `${mr}x${nr}`;
}

const sizes = (node: KernelNode) => {
  const [n = 0, k = 0] = node.inputs[1]?.shape ?? [];
  return { n, k, m: k > 0 ? (node.inputs[0]?.count ?? 0) / k : 0 };
};

/** CONV_2D of bytes, of any size, stride, dilation and number of groups. */
const convolution: Kernel = {
  ops: ['CONV_2D'],

  accepts(node, features) {
    const g = geometryOf(node);
    if (Math.min(g.images, g.outHeight, g.outWidth, g.filters, g.perFilter) < 1) return undefined;
    if (groupsOf(g) > MAX_GROUPS) return undefined;
    const product = integerProduct(node, g.filters, 0);
    if (!product) return undefined;
    const tile = tileName(g.images * g.outHeight * g.outWidth, product, features);
    return `${isPointwise(g) ? 'gemm' : 'conv'}_${product.from.dtype}_${tile}`;
  },

  build(node, to) {
    const g = geometryOf(node);
    const product = integerProduct(node, g.filters, 0)!;
    const depth = g.perFilter * g.kernelHeight * g.kernelWidth;
    const { form, images, zeros } = byteInput(to, product, depth);
    const rows = windowRows(to, g, images(node.inputs[0]!, g), formBytes(form));
    const tile = tileFor(rows.count, form);
    const finish = finishOf(to, node, product, depth, zeros);
    const place = { c: node.outputs[0]!.pointer, firstRow: 0, rowBytes: g.filters };
    for (const { firstFilter, firstChannel, columns } of groups(g)) {
      const packed = packedIntegers(to, product, columns, tile, form);
      const a = shifted(rows.a, firstChannel * formBytes(form));
      multiply(to, { ...rows, a }, packed, { ...place, firstColumn: firstFilter, ...finish }, tile);
    }
  },
};

export const integerProducts: readonly Kernel[] = [fullyConnected, convolution];
