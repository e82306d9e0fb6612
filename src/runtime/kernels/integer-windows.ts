import { elementCount, type Shape } from '../../ir/tensor.js';
import { normalizeAxis, type Padding, paddingBefore } from '../../ops/shapes.js';
import { emitWindowBytes, type WindowBytesSpec } from '../emit/window-bytes.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { activationOf, byteAffine, gridOf } from './integers.js';

function windows(node: KernelNode, to: KernelBuilder, spec: WindowBytesSpec, images: number): void {
  const func = to.func(`window bytes ${JSON.stringify(spec)}`, (module) => emitWindowBytes(module, spec));
  to.call(func, [node.inputs[0]!.pointer, node.outputs[0]!.pointer], images * spec.outHeight, 1);
}

/** Input and output are bytes of one type; undefined otherwise. */
function bytesOf({ inputs, outputs }: KernelNode) {
  const [from, to] = [byteAffine(inputs[0]), byteAffine(outputs[0])];
  return from && to && from.dtype === to.dtype && outputs[0]!.count > 0 && inputs[0]!.count > 0
    ? { from, to }
    : undefined;
}

/** AVERAGE_POOL_2D and MAX_POOL_2D of bytes. */
const pools: Kernel = {
  ops: ['AVERAGE_POOL_2D', 'MAX_POOL_2D'],

  accepts(node) {
    const types = bytesOf(node);
    return types && `${node.op === 'MAX_POOL_2D' ? 'max' : 'average'}_pool_${types.to.dtype}`;
  },

  build(node, to) {
    const [images = 0, height = 0, width = 0, channels = 0] = node.inputs[0]?.shape ?? [];
    const [, outHeight = 0, outWidth = 0] = node.outputs[0]?.shape ?? [];
    const o = node.options as Readonly<Record<string, number>>;
    const { strideH = 1, strideW = 1, filterHeight = 1, filterWidth = 1 } = o;
    const isSame = (node.options.padding as Padding) === 'SAME';
    const affine = byteAffine(node.outputs[0])!;
    const sizes = { height, width, channels, outHeight, outWidth, filterHeight, filterWidth, strideH, strideW };
    const spec: WindowBytesSpec = {
      ...sizes,
      isSigned: affine.dtype === 'i8',
      top: isSame ? paddingBefore(height, filterHeight, strideH, 1, outHeight) : 0,
      left: isSame ? paddingBefore(width, filterWidth, strideW, 1, outWidth) : 0,
      rule: { name: node.op === 'MAX_POOL_2D' ? 'max' : 'average' },
      grid: gridOf(affine, activationOf(node)),
    };
    windows(node, to, spec, images);
  },
};

/** Sizes around and of the reduced axes when they lie side by side; undefined otherwise. */
export function reducedSizes(shape: Shape, axes: readonly number[]) {
  const reduced = new Set(axes.map((axis) => normalizeAxis(axis, shape.length)));
  const isReduced = (i: number) => reduced.has(i) && shape[i] !== 1;
  const own = shape.flatMap((_, i) => (isReduced(i) ? [i] : []));
  const first = own[0] ?? shape.length;
  const last = own.at(-1) ?? first - 1;
  for (let i = first; i <= last; i++) if (!isReduced(i) && shape[i] !== 1) return undefined;
  return {
    outer: elementCount(shape.slice(0, first)),
    count: elementCount(shape.slice(first, last + 1)),
    inner: elementCount(shape.slice(last + 1)),
  };
}

/** Beyond this results would leave what can be rounded. */
const MAX_STEPS = 1e7;

function reductionOf(node: KernelNode) {
  const types = bytesOf(node);
  const input = node.inputs[0]!;
  const axes = node.inputs[1]?.constant?.data();
  if (!types || !axes) return undefined;
  const sizes = reducedSizes(input.shape, Array.from(axes as Int32Array, Number));
  if (!sizes) return undefined;
  const ratio = types.from.scale / types.to.scale;
  const factor = node.op === 'MEAN' ? ratio / sizes.count : ratio;
  return factor * 255 * sizes.count < MAX_STEPS ? { ...sizes, ...types, factor } : undefined;
}

/** MEAN and SUM of bytes over axes that lie side by side: windows as wide as an image of all they reduce. */
const reductions: Kernel = {
  ops: ['MEAN', 'SUM'],

  accepts(node) {
    const reduction = reductionOf(node);
    return reduction && `${node.op.toLowerCase()}_${reduction.to.dtype}`;
  },

  build(node, to) {
    const { outer, count, inner, from, to: result, factor } = reductionOf(node)!;
    const sizes = { height: 1, width: count, channels: inner, outHeight: 1, outWidth: 1 };
    const filter = { filterHeight: 1, filterWidth: count, strideH: 1, strideW: 1, top: 0, left: 0 };
    const rule = { name: 'sum' as const, factor, zeroPoint: from.zeroPoint };
    windows(node, to, { ...sizes, ...filter, isSigned: from.dtype === 'i8', rule, grid: gridOf(result) }, outer);
  },
};

export const integerWindows: readonly Kernel[] = [pools, reductions];
