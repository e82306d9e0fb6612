import { type Padding, paddingBefore } from '../../ops/shapes.js';
import { type Pointer, shifted } from '../buffers.js';
import { type Border, emitPadRows, hasBorder, type PadSpec, paddedBytes } from '../emit/pad-rows.js';
import { emitImageGrids, emitQuantizeImages, GRID_BYTES, GRID_ZERO, type QuantizeImagesSpec, sizeArguments } from '../emit/quantize-images.js'; // biome-ignore format: one list
import { formBytes, type RowForm } from '../emit/row-form.js';
import type { Kernel, KernelBuilder, KernelNode, Operand } from '../kernel.js';
import { multiplyDense } from './fully-connected.js';
import { multiply, plainRows, type Rows } from './matrix.js';
import { type Columns, packedIntegers } from './packed-integers.js';
import { packedFloats, tileFor } from './packed-matrix.js';
import { biasVector, columnScales } from './vectors.js';
import { formFor, isHybridWorthwhile, weightsKind } from './weights.js';

/** Sizes of a convolution, in cells and channels. */
export interface Geometry {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filters: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** Input channels that each filter sees. */
  readonly perFilter: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationH: number;
  readonly dilationW: number;
  readonly border: Border;
}

/** The geometry of a node whose inputs are an image and a filter `[O, KH, KW, I]`. */
export function geometryOf(node: KernelNode): Geometry {
  const [images = 0, height = 0, width = 0, channels = 0] = node.inputs[0]?.shape ?? [];
  const [filters = 0, kernelHeight = 0, kernelWidth = 0, perFilter = 0] = node.inputs[1]?.shape ?? [];
  const [, outHeight = 0, outWidth = 0] = node.outputs[0]?.shape ?? [];
  const { strideH, strideW, dilationHFactor, dilationWFactor } = node.options as Readonly<Record<string, number>>;
  const sizes = { images, height, width, channels, outHeight, outWidth, filters, kernelHeight, kernelWidth, perFilter };
  const steps = {
    strideH: strideH ?? 1,
    strideW: strideW ?? 1,
    dilationH: dilationHFactor ?? 1,
    dilationW: dilationWFactor ?? 1,
  };
  const border = borderOf(node.options.padding as Padding, sizes, steps);
  return { ...sizes, ...steps, border };
}

type Sizes = Pick<Geometry, 'height' | 'width' | 'outHeight' | 'outWidth' | 'kernelHeight' | 'kernelWidth'>;
type Steps = Pick<Geometry, 'strideH' | 'strideW' | 'dilationH' | 'dilationW'>;

/** The cells around the image that the windows reach; of VALID padding none. */
function borderOf(padding: Padding, sizes: Sizes, steps: Steps): Border {
  const side = (size: number, out: number, window: number, stride: number, dilation: number) => {
    const before = padding === 'SAME' ? paddingBefore(size, window, stride, dilation, out) : 0;
    const reach = (out - 1) * stride + (window - 1) * dilation + 1;
    return [before, Math.max(0, reach - before - size)] as const;
  };
  const [top, bottom] = side(sizes.height, sizes.outHeight, sizes.kernelHeight, steps.strideH, steps.dilationH);
  const [left, right] = side(sizes.width, sizes.outWidth, sizes.kernelWidth, steps.strideW, steps.dilationW);
  return { top, bottom, left, right };
}

/** How a border is filled: the bytes of an element, and the byte that stands for zero. */
interface Filling {
  readonly elementBytes: number;
  readonly zero: number;
}

/** The images with their border: the input itself where there is none, else a copy. */
export function paddedInput(
  to: KernelBuilder,
  input: Operand,
  geometry: Geometry,
  { elementBytes, zero }: Filling = { elementBytes: 4, zero: 0 },
): Pick<Operand, 'pointer' | 'count'> {
  const { images, height, width, channels, border } = geometry;
  if (!hasBorder(border)) return input;
  const pixelBytes = channels * elementBytes;
  const spec: PadSpec = { height, rowBytes: width * pixelBytes, border, pixelBytes, zero };
  const bytes = images * paddedBytes(spec);
  const pointer = to.scratch(bytes + SLACK);
  const pad = to.func(`pad ${JSON.stringify(spec)}`, (module) => emitPadRows(module, spec));
  to.call(pad, [input.pointer, pointer], images * (height + border.top + border.bottom), 1);
  return { pointer, count: bytes / elementBytes };
}

/** Bytes behind quantized cells that the last step of a run may take. */
const SLACK = 4;

const TABLES = {};

/** Offsets of the first cell of each window, in bytes, for images whose cells have `pixelBytes`. */
function windowTable(to: KernelBuilder, g: Geometry, pixelBytes: number): Pointer {
  const wide = (g.width + g.border.left + g.border.right) * pixelBytes;
  const image = (g.height + g.border.top + g.border.bottom) * wide;
  const { images, outHeight, outWidth, strideH, strideW } = g;
  const key = JSON.stringify([images, outHeight, outWidth, strideH * wide, strideW * pixelBytes, image]);
  return to.sharedData(TABLES, key, images * outHeight * outWidth * 4, (view) => {
    const table = new Int32Array(view.buffer, view.byteOffset, images * outHeight * outWidth);
    let i = 0;
    for (let n = 0; n < images; n++)
      for (let y = 0; y < outHeight; y++)
        for (let x = 0; x < outWidth; x++) table[i++] = n * image + y * strideH * wide + x * strideW * pixelBytes;
  });
}

export const isPointwise = (g: Geometry): boolean =>
  g.kernelHeight === 1 && g.kernelWidth === 1 && g.strideH === 1 && g.strideW === 1 && !hasBorder(g.border);

/** Whether a row of a window lies together. */
const isRun = (g: Geometry): boolean => g.dilationW === 1 && g.perFilter === g.channels;

/** The windows as rows of a matrix. `elementBytes` is 4 for floats, 1 or 2 for quantized cells. */
export function windowRows(to: KernelBuilder, g: Geometry, a: Pointer, elementBytes: 1 | 2 | 4): Rows {
  const count = g.images * g.outHeight * g.outWidth;
  const pixelBytes = g.channels * elementBytes;
  // The last step may take integers too many, which meet weights of zero.
  const perPixel = Math.ceil((g.perFilter * elementBytes) / 4);
  const footprint = pixelBytes * Math.min(g.strideH, g.kernelHeight) * Math.min(g.strideW, g.kernelWidth);
  if (isPointwise(g)) return plainRows(count, a, pixelBytes, perPixel);
  const wide = (g.width + g.border.left + g.border.right) * pixelBytes;
  const across = isRun(g) ? 1 : g.kernelWidth;
  const run = isRun(g) ? Math.ceil((g.perFilter * g.kernelWidth * elementBytes) / 4) : perPixel;
  const jumpW = isRun(g) ? 0 : g.dilationW * pixelBytes - run * 4;
  // The only round of a loop is not followed by its jump.
  const passed = across === 1 ? run * 4 : across * g.dilationW * pixelBytes;
  const loops = [
    { count: g.kernelHeight, jump: g.dilationH * wide - passed },
    { count: across, jump: jumpW },
  ].filter((level) => level.count > 1);
  return { count, a, places: windowTable(to, g, pixelBytes), run, loops, footprint };
}

export const groupsOf = (g: Geometry): number => g.channels / g.perFilter;
export const MAX_GROUPS = 64;

const isHybrid = (node: KernelNode, g: Geometry): boolean => {
  const filter = node.inputs[1];
  if (!filter || weightsKind(filter, 0, g.filters) !== 'i8') return false;
  const depth = g.perFilter * g.kernelHeight * g.kernelWidth;
  const rows = g.images * g.outHeight * g.outWidth;
  return isHybridWorthwhile(rows, g.filters / groupsOf(g), depth);
};

/** Whether each pixel is a row of one product. */
const isDense = (g: Geometry): boolean => isPointwise(g) && groupsOf(g) === 1;

function convolve(node: KernelNode, to: KernelBuilder): void {
  const g = geometryOf(node);
  if (!isHybrid(node, g)) convolveFloats(node, to, g);
  else if (isDense(g)) convolvePixels(node, to, g);
  else convolveHybrid(node, to, g);
}

/** Pixels are rows of a product, with grids of their own, as XNNPACK does it: finer than one for the image. */
function convolvePixels(node: KernelNode, to: KernelBuilder, g: Geometry): void {
  const [input, weights] = node.inputs as [Operand, Operand];
  const layout = { k: g.channels, n: g.filters, step: 1, columnStep: g.channels };
  const product = { input: input.pointer, m: g.images * g.height * g.width, layout, weights, axis: 0 };
  multiplyDense(to, product, { ...resultOf(node, to, g), firstColumn: 0 });
}

/** What all groups share. */
function resultOf(node: KernelNode, to: KernelBuilder, g: Geometry) {
  return {
    c: node.outputs[0]!.pointer,
    rowBytes: g.filters * 4,
    bias: biasVector(to, node.inputs[2], g.filters),
    stages: node.stages,
    firstRow: 0,
  };
}

function convolveFloats(node: KernelNode, to: KernelBuilder, g: Geometry): void {
  const { constant, quantization } = node.inputs[1]!;
  const rows = windowRows(to, g, paddedInput(to, node.inputs[0]!, g).pointer, 4);
  const tile = tileFor(rows.count);
  const result = resultOf(node, to, g);
  for (const group of groups(g)) {
    const weights = packedFloats(to, constant!, quantization, group.layout, tile.nr, group.firstWeight);
    const a = shifted(rows.a, group.firstChannel * 4);
    multiply(to, { ...rows, a }, weights, { ...result, firstColumn: group.firstFilter }, tile);
  }
}

/** Each image has a grid of its own, so images are multiplied one by one. */
function convolveHybrid(node: KernelNode, to: KernelBuilder, g: Geometry): void {
  const filter = node.inputs[1]!;
  const form = formFor(to.features, [filter]);
  const elementBytes = formBytes(form);
  const { q, grids, imageBytes } = quantizedImages(to, node.inputs[0]!, g, form);
  const rows = windowRows(to, { ...g, images: 1 }, q, elementBytes);
  const tile = tileFor(rows.count, form);
  const result = resultOf(node, to, g);
  const columns = columnScales(to, filter.quantization!, g.filters);
  for (let image = 0; image < g.images; image++) {
    const grid = shifted(grids, image * GRID_BYTES);
    const zeros = form === 'shorts' ? undefined : shifted(grid, GRID_ZERO);
    const scales = { kind: 'one' as const, rows: grid, columns, zeros };
    for (const group of groups(g)) {
      const weights = packedIntegers(
        to,
        { weights: filter, constant: filter.constant!, isWide: false },
        group.columns,
        tile,
        form,
      );
      const a = shifted(rows.a, image * imageBytes + group.firstChannel * elementBytes);
      const part = { firstRow: image * rows.count, firstColumn: group.firstFilter, scales };
      multiply(to, { ...rows, a }, weights, { ...result, ...part }, tile);
    }
  }
}

/** The groups of a convolution: each is a product of its own. */
export function groups(g: Geometry) {
  const depth = g.perFilter * g.kernelHeight * g.kernelWidth;
  const perGroup = g.filters / groupsOf(g);
  const length = isRun(g) ? g.perFilter * g.kernelWidth : g.perFilter;
  return Array.from({ length: groupsOf(g) }, (_, i) => {
    const firstWeight = i * perGroup * depth;
    const columns: Columns = { n: perGroup, length, segments: depth / length, first: firstWeight };
    const layout = { k: depth, n: perGroup, step: 1, columnStep: depth };
    return { firstFilter: i * perGroup, firstChannel: i * g.perFilter, firstWeight, layout, columns };
  });
}

/** The images on 8-bit grids of their own, with their border. */
function quantizedImages(to: KernelBuilder, input: Operand, g: Geometry, form: RowForm) {
  const { images, height, width, channels, border } = g;
  const rows = height + border.top + border.bottom;
  const grids = to.scratch(images * GRID_BYTES);
  const pixelBytes = channels * formBytes(form);
  const imageBytes = rows * (width + border.left + border.right) * pixelBytes;
  const q = to.scratch(images * imageBytes + SLACK);
  const count = height * width * channels;
  const measure = to.func(`image grids ${count % 8} ${form}`, (module) => emitImageGrids(module, count % 8, form));
  to.call(measure, [input.pointer, grids, Math.floor(count / 8) * 32], images, 1);
  const unit = pixelBytes % 4 === 0 ? 4 : pixelBytes % 2 === 0 ? 2 : 1;
  const spec: QuantizeImagesSpec = { left: (width * channels) % 8, form, unit };
  const quantize = to.func(`quantize images ${JSON.stringify(spec)}`, (module) => emitQuantizeImages(module, spec));
  const sizes = sizeArguments({ height, width, channels, border }, form);
  to.call(quantize, [input.pointer, q, grids, ...sizes], images * rows, 1);
  return { q, grids, imageBytes };
}

/** CONV_2D with constant filters, of any size, stride, dilation and number of groups. */
const convolution: Kernel = {
  ops: ['CONV_2D'],
  fuses: true,

  accepts(node, features) {
    const [input, filter, bias] = node.inputs;
    if (!input || !filter?.constant || input.dtype !== 'f32' || node.outputs[0]?.dtype !== 'f32') return undefined;
    const g = geometryOf(node);
    if (Math.min(g.images, g.outHeight, g.outWidth, g.filters, g.perFilter) < 1) return undefined;
    if (groupsOf(g) > MAX_GROUPS || (bias && bias.count !== g.filters)) return undefined;
    if (!weightsKind(filter, 0, g.filters)) return undefined;
    const hybrid = isHybrid(node, g);
    const images = hybrid && !isDense(g) ? 1 : g.images;
    const { mr, nr } = tileFor(images * g.outHeight * g.outWidth, hybrid ? formFor(features, [filter]) : undefined);
    return `${isPointwise(g) ? 'gemm' : 'conv'}_${hybrid ? 'hybrid' : 'f32'}_${mr}x${nr}`;
  },

  build: convolve,
};

export const convolutions: readonly Kernel[] = [convolution];
