import { paddingBefore } from '../../ops/shapes.js';
import { shifted } from '../buffers.js';
import type { Kernel, KernelNode } from '../kernel.js';
import { finishOf, integerProduct } from './integer-products.js';
import { byteAffine, widenedImages } from './integers.js';
import { multiply } from './matrix.js';
import { type Columns, packedIntegers } from './packed-integers.js';
import { tileFor } from './packed-matrix.js';

/**
 * One axis of a transposed convolution: output cell `o` gets tap `k` of input cell `(o + before - k) / stride`, where that
 * is whole.
 */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly window: number;
  readonly stride: number;
  readonly before: number;
  /** Cells of zeros that the windows reach in front of the input and behind it. */
  readonly border: readonly [number, number];
}

function axisOf(size: number, out: number, window: number, stride: number): Axis {
  const before = paddingBefore(out, window, stride, 1, size);
  const first = Math.floor((before - (window - 1)) / stride);
  const last = Math.floor((out - 1 + before) / stride);
  return { size, out, window, stride, before, border: [Math.max(0, -first), Math.max(0, last - size + 1)] };
}

/** The taps of the output cells of that remainder, as their input cells lie, and the first of these in the padded input. */
function tapsOf({ window, stride, before, border }: Axis, o: number) {
  const remainder = (o + before) % stride;
  const count = Math.ceil((window - remainder) / stride);
  const taps = Array.from({ length: count }, (_, i) => remainder + (count - 1 - i) * stride);
  return { taps, start: (o + before - taps[0]!) / stride + border[0] };
}

function axesOf({ inputs, outputs, options }: KernelNode) {
  const [images = 0, height = 0, width = 0, channels = 0] = inputs[2]?.shape ?? [];
  const [filters = 0, kernelHeight = 0, kernelWidth = 0] = inputs[1]?.shape ?? [];
  const [, outHeight = 0, outWidth = 0] = outputs[0]?.shape ?? [];
  const { strideH = 1, strideW = 1 } = options as Readonly<Record<string, number>>;
  const rows = axisOf(height, outHeight, kernelHeight, strideH);
  const columns = axisOf(width, outWidth, kernelWidth, strideW);
  return { images, channels, filters, rows, columns };
}

/** The steps through a window of so many taps: those of an odd number of channels end in one too many. */
function stepsOf(down: number, across: number, channels: number, wide: number) {
  const isEven = channels % 2 === 0;
  const run = Math.ceil(channels / 2) * (isEven ? across : 1);
  const inner = isEven ? 1 : across;
  const passed = inner > 1 ? inner * channels * 2 : run * 4;
  const loops = [
    { count: down, jump: wide - passed },
    { count: inner, jump: channels * 2 - run * 4 },
  ].filter((level) => level.count > 1);
  return { run, loops };
}

/** Each row of the output is one product for each remainder of its columns. */
const MAX_PRODUCTS = 4096;

/** TRANSPOSE_CONV of bytes: output cells of one remainder are a convolution with every so many of the taps. */
export const integerTransposeConv: Kernel = {
  ops: ['TRANSPOSE_CONV'],

  accepts(node) {
    const { images, channels, filters, rows, columns } = axesOf(node);
    if (!byteAffine(node.inputs[2]) || Math.min(images, channels, filters, rows.size, columns.size) < 1)
      return undefined;
    if (rows.window < rows.stride || columns.window < columns.stride) return undefined;
    if (images * rows.out * columns.stride > MAX_PRODUCTS || columns.out < columns.stride) return undefined;
    const product = integerProduct(node, filters, 0, [2, 1, 3]);
    return product && `transpose_conv_${product.from.dtype}`;
  },

  build(node, to) {
    const { images, channels, filters, rows, columns } = axesOf(node);
    const product = integerProduct(node, filters, 0, [2, 1, 3])!;
    const border = { top: rows.border[0], bottom: rows.border[1], left: columns.border[0], right: columns.border[1] };
    const sizes = { images, height: rows.size, width: columns.size, channels, border };
    const q = widenedImages(to, node.inputs[2]!, product.from, sizes);
    const wide = (columns.size + border.left + border.right) * channels * 2;
    const imageBytes = (rows.size + border.top + border.bottom) * wide;
    const finish = finishOf(to, node, product, rows.window * columns.window * channels);
    const { pointer: out } = node.outputs[0]!;
    for (let i = 0; i < images * rows.out; i++) {
      const [image, y] = [Math.floor(i / rows.out), i % rows.out];
      const down = tapsOf(rows, y);
      for (let x = 0; x < columns.stride; x++) {
        const across = tapsOf(columns, x);
        const count = Math.ceil((columns.out - x) / columns.stride);
        const tile = tileFor(count);
        const packed = packedIntegers(to, product, weightsOf(down.taps, across.taps), tile, 'shorts');
        const a = shifted(q, image * imageBytes + down.start * wide + across.start * channels * 2);
        const { run, loops } = stepsOf(down.taps.length, across.taps.length, channels, wide);
        const place = { c: shifted(out, (i * columns.out + x) * filters), firstRow: 0, firstColumn: 0 };
        const result = { ...place, rowBytes: columns.stride * filters, ...finish };
        const bytes = channels * 2;
        multiply(
          to,
          { count, a, places: bytes, run, loops, footprint: bytes * down.taps.length },
          packed,
          result,
          tile,
        );
      }
    }

    function weightsOf(down: readonly number[], across: readonly number[]): Columns {
      const at = (n: number, s: number) =>
        ((n * rows.window + down[Math.floor(s / across.length)]!) * columns.window + across[s % across.length]!) *
        channels;
      const segments = down.length * across.length;
      return { n: filters, length: channels, segments, first: 0, key: `${down} ${across}`, at };
    }
  },
};
