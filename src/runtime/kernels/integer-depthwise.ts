import type { Features } from '../../wasm/features.js';
import { DEPTHWISE_BLOCK, emitDepthwiseBytes } from '../emit/depthwise-bytes.js';
import { DOTS_BLOCK, DOTS_TAPS, emitDepthwiseDots } from '../emit/depthwise-dots.js';
import type { DepthwiseRowsSpec } from '../emit/depthwise-rows.js';
import { hasBorder } from '../emit/pad-rows.js';
import type { RowForm } from '../emit/row-form.js';
import { emitWidenImages, wideImageBytes } from '../emit/widen.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { byteForm, byteInput } from './byte-input.js';
import { geometryOf } from './convolution.js';
import { factorsOf, type IntegerProduct, integerProduct } from './integer-products.js';
import { activationOf, gridOf, widened, wideningOf } from './integers.js';
import { byteArithmetic } from './matrix.js';

const MAX_TAPS = 400;

/** The images as 16-bit integers with a border of zeros, their channels filled up to whole blocks. */
function widenedImages(node: KernelNode, to: KernelBuilder, product: IntegerProduct, channels: number) {
  const input = node.inputs[0]!;
  const { images, height, width, channels: inputs, border } = geometryOf(node);
  const pixel = Math.ceil(channels / DEPTHWISE_BLOCK) * DEPTHWISE_BLOCK;
  const sizes = { height, width, channels: inputs, border, pixel, repeat: channels / inputs };
  const spec = { ...wideningOf(product.from), ...sizes };
  const imageBytes = wideImageBytes(spec);
  const rowBytes = (width + border.left + border.right) * pixel * 2;
  if (!hasBorder(border) && pixel === inputs)
    return { q: widened(to, input, product.from), pixel, rowBytes, imageBytes };
  const q = to.scratch(images * imageBytes);
  const widen = to.func(`widen images ${JSON.stringify(spec)}`, (module) => emitWidenImages(module, spec));
  to.call(widen, [input.pointer, q], images * (height + border.top + border.bottom), 1);
  return { q, pixel, rowBytes, imageBytes };
}

/** For each block of channels, for each two taps, for each channel: the weights of both, 16 bits each. */
function packedTaps(to: KernelBuilder, { constant, weights }: IntegerProduct, taps: number, channels: number) {
  const blocks = Math.ceil(channels / DEPTHWISE_BLOCK);
  const pairs = Math.ceil(taps / 2);
  const zeroPoint = weights.quantization?.zeroPoint[0] ?? 0;
  const count = blocks * pairs * DEPTHWISE_BLOCK * 2;
  return to.sharedData(constant, `taps ${taps} ${channels} ${zeroPoint}`, count * 2, (view) => {
    const data = constant.data() as Int8Array;
    const out = new Int16Array(view.buffer, view.byteOffset, count);
    for (let tap = 0; tap < taps; tap++)
      for (let c = 0; c < channels; c++) {
        const block = Math.floor(c / DEPTHWISE_BLOCK) * pairs + (tap >> 1);
        const at = (block * DEPTHWISE_BLOCK + (c % DEPTHWISE_BLOCK)) * 2 + (tap & 1);
        out[at] = (data[tap * channels + c] as number) - zeroPoint;
      }
  });
}

/** For each block of channels, for each four taps, for each channel: the weights of the four. */
function packedDots(to: KernelBuilder, { constant }: IntegerProduct, taps: number, channels: number) {
  const blocks = Math.ceil(channels / DOTS_BLOCK);
  const groups = Math.ceil(taps / DOTS_TAPS);
  const count = blocks * groups * DOTS_BLOCK * DOTS_TAPS;
  return to.sharedData(constant, `dots ${taps} ${channels}`, count, (view) => {
    const data = constant.data() as Int8Array;
    for (let tap = 0; tap < taps; tap++)
      for (let c = 0; c < channels; c++) {
        const block = Math.floor(c / DOTS_BLOCK) * groups + Math.floor(tap / DOTS_TAPS);
        view[(block * DOTS_BLOCK + (c % DOTS_BLOCK)) * DOTS_TAPS + (tap % DOTS_TAPS)] = data[tap * channels + c]!;
      }
  });
}

/** Channels from which on blocks of sixteen are filled well enough. */
const LEAST_DOTS = 12;

/** The form of the input when products of bytes compute the node: each channel makes one. */
function dotsForm(node: KernelNode, product: IntegerProduct, features: Features) {
  const { channels } = geometryOf(node);
  const form = byteForm(product, features);
  return form !== 'shorts' && channels >= LEAST_DOTS && node.outputs[0]?.shape[3] === channels ? form : undefined;
}

/** How the images lie that the convolution reads, in bytes. */
type ImageBytes = Pick<DepthwiseRowsSpec, 'pixelBytes' | 'rowBytes' | 'imageBytes'>;

function specOf(node: KernelNode, product: IntegerProduct, image: ImageBytes, isFar: boolean): DepthwiseRowsSpec {
  const { outHeight, outWidth, kernelHeight, kernelWidth, dilationH, dilationW, strideH, strideW } = geometryOf(node);
  const taps = Array.from(
    { length: kernelHeight * kernelWidth },
    (_, i) =>
      Math.floor(i / kernelWidth) * dilationH * image.rowBytes + (i % kernelWidth) * dilationW * image.pixelBytes,
  );
  const channels = node.outputs[0]?.shape[3] ?? 0;
  const grid = gridOf(product.to, activationOf(node));
  return { outHeight, outWidth, channels, ...image, strideH, strideW, taps, grid, isFar };
}

/** Products of bytes. */
function buildDots(node: KernelNode, to: KernelBuilder, product: IntegerProduct): void {
  const g = geometryOf(node);
  const { channels } = g;
  const count = g.kernelHeight * g.kernelWidth;
  const columns = { k: count, n: channels, step: channels, columnStep: 1 };
  const { form, images, zeros } = byteInput(to, product, count, columns);
  const rowBytes = (g.width + g.border.left + g.border.right) * channels;
  const imageBytes = (g.height + g.border.top + g.border.bottom) * rowBytes;
  const { isFar, channels: vectors } = factorsOf(to, product, count, zeros);
  const spec = specOf(node, product, { pixelBytes: channels, rowBytes, imageBytes }, isFar);
  const arithmetic = byteArithmetic(form as Exclude<RowForm, 'shorts'>, to.features.relaxed);
  const key = `depthwise dots ${arithmetic} ${JSON.stringify(spec)}`;
  const func = to.func(key, (module) => emitDepthwiseDots(module, spec, arithmetic));
  const q = images(node.inputs[0]!, g);
  const weights = packedDots(to, product, count, channels);
  to.call(func, [q, weights, ...vectors, node.outputs[0]!.pointer], g.images * g.outHeight, 1);
}

/** Products of 16-bit integers. */
function buildShorts(node: KernelNode, to: KernelBuilder, product: IntegerProduct): void {
  const g = geometryOf(node);
  const channels = node.outputs[0]?.shape[3] ?? 0;
  const count = g.kernelHeight * g.kernelWidth;
  const { q, pixel, rowBytes, imageBytes } = widenedImages(node, to, product, channels);
  const { isFar, channels: vectors } = factorsOf(to, product, count);
  const spec = specOf(node, product, { pixelBytes: pixel * 2, rowBytes, imageBytes }, isFar);
  const func = to.func(`depthwise bytes ${JSON.stringify(spec)}`, (module) => emitDepthwiseBytes(module, spec));
  const weights = packedTaps(to, product, count, channels);
  to.call(func, [q, weights, ...vectors, node.outputs[0]!.pointer], g.images * g.outHeight, 1);
}

/** DEPTHWISE_CONV_2D of bytes, of any window, stride, dilation and depth multiplier. */
export const integerDepthwise: Kernel = {
  ops: ['DEPTHWISE_CONV_2D'],

  accepts(node, features) {
    const { images, outHeight, outWidth, kernelHeight, kernelWidth, channels } = geometryOf(node);
    const filters = node.outputs[0]?.shape[3] ?? 0;
    if (Math.min(images, outHeight, outWidth, channels, filters) < 1 || filters % channels !== 0) return undefined;
    if (kernelHeight * kernelWidth > MAX_TAPS || node.inputs[1]?.shape[3] !== filters) return undefined;
    const product = integerProduct(node, filters, 3);
    if (!product) return undefined;
    const kind = dotsForm(node, product, features) ? '_dots' : '';
    return `depthwise_${product.from.dtype}_${kernelHeight}x${kernelWidth}${kind}`;
  },

  build(node, to) {
    const product = integerProduct(node, node.outputs[0]?.shape[3] ?? 0, 3)!;
    const build = dotsForm(node, product, to.features) ? buildDots : buildShorts;
    build(node, to, product);
  },
};
