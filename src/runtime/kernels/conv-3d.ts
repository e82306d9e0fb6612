import type { Options } from '../../ir/graph.js';
import type { Shape } from '../../ir/tensor.js';
import { windows3d } from '../../ops/conv-3d.js';
import { type Padding, paddingBefore } from '../../ops/shapes.js';
import type { Pointer } from '../buffers.js';
import { type Border, emitPadRows, hasBorder, type PadSpec, paddedBytes } from '../emit/pad-rows.js';
import type { WindowAxis } from '../emit/windows.js';
import type { Kernel, KernelBuilder, KernelNode } from '../kernel.js';
import { multiply, type Rows } from './matrix.js';
import { packedFloats, tileFor } from './packed-matrix.js';
import { biasVector } from './vectors.js';
import { weightsKind } from './weights.js';

/** Windows along depth, height and width. */
type Axes = readonly [WindowAxis, WindowAxis, WindowAxis];

const axesOf = ({ inputs: [input, filter], outputs: [output], options }: KernelNode): Axes =>
  windowAxes(options, filter!.shape, input!.shape, output!.shape);

/** The windows of a filter `[KD, KH, KW, ...]` on images, one for each cell of a grid; both `[N, D, H, W, C]`. */
export function windowAxes(options: Options, filter: Shape, image: Shape, grid: Shape): Axes {
  const isSame = (options.padding as Padding) === 'SAME';
  const axes = windows3d(options as unknown as Parameters<typeof windows3d>[0]).map(({ stride, dilation }, i) => {
    const [size = 0, out = 0, kernel = 0] = [image[i + 1], grid[i + 1], filter[i]];
    const before = isSame ? paddingBefore(size, kernel, stride, dilation, out) : 0;
    return { size, out, kernel, stride, dilation, before };
  });
  return axes as unknown as Axes;
}

/** Cells behind the image that the windows reach. */
const behind = ({ size, out, kernel, stride, dilation, before }: WindowAxis): number =>
  Math.max(0, (out - 1) * stride + (kernel - 1) * dilation + 1 - before - size);

const paddedSize = (axis: WindowAxis): number => axis.before + axis.size + behind(axis);

function padded(to: KernelBuilder, x: Pointer, images: number, spec: PadSpec): Pointer {
  if (!hasBorder(spec.border)) return x;
  const out = to.scratch(images * paddedBytes(spec));
  const pad = to.func(`pad ${JSON.stringify(spec)}`, (module) => emitPadRows(module, spec));
  to.call(pad, [x, out], images * (spec.height + spec.border.top + spec.border.bottom), 1);
  return out;
}

/** The volumes with the cells around them that windows reach: first around each plane, then planes in front and behind. */
function paddedVolumes(to: KernelBuilder, node: KernelNode, [depth, rows, columns]: Axes): Pointer {
  const [images = 0, , , , channels = 0] = node.inputs[0]!.shape;
  const pixelBytes = channels * 4;
  const border: Border = { top: rows.before, bottom: behind(rows), left: columns.before, right: behind(columns) };
  const plane = { height: rows.size, rowBytes: columns.size * pixelBytes, border, pixelBytes };
  const planes = padded(to, node.inputs[0]!.pointer, images * depth.size, plane);
  const planeBytes = paddedSize(rows) * paddedSize(columns) * pixelBytes;
  const ends: Border = { top: depth.before, bottom: behind(depth), left: 0, right: 0 };
  return padded(to, planes, images, { height: depth.size, rowBytes: planeBytes, border: ends, pixelBytes });
}

/** The windows of padded volumes as rows of a matrix. */
function windowRows(to: KernelBuilder, node: KernelNode, axes: Axes): Rows {
  const [images = 0, , , , channels = 0] = node.inputs[0]!.shape;
  const [depth, rows, columns] = axes;
  const pixel = channels * 4;
  const line = paddedSize(columns) * pixel;
  const plane = paddedSize(rows) * line;
  const volume = paddedSize(depth) * plane;
  const count = images * depth.out * rows.out * columns.out;
  const table = to.data(count * 4, (view) => {
    const offsets = new Int32Array(view.buffer, view.byteOffset, count);
    let i = 0;
    for (let n = 0; n < images; n++)
      for (let z = 0; z < depth.out; z++)
        for (let y = 0; y < rows.out; y++)
          for (let x = 0; x < columns.out; x++)
            offsets[i++] = n * volume + z * depth.stride * plane + y * rows.stride * line + x * columns.stride * pixel;
  });
  const loop = ({ kernel, dilation }: WindowAxis, bytes: number, passed: number) => ({
    count: kernel,
    jump: dilation * bytes - passed,
  });
  const loops = [
    loop(depth, plane, rows.kernel * rows.dilation * line),
    loop(rows, line, columns.kernel * columns.dilation * pixel),
    loop(columns, pixel, pixel),
  ];
  return { count, a: paddedVolumes(to, node, axes), places: table, run: channels, loops, footprint: pixel };
}

/** CONV_3D of floats: a matrix product over the windows. */
export const conv3d: Kernel = {
  ops: ['CONV_3D'],
  fuses: true,

  accepts({ inputs: [input, filter, bias], outputs: [output] }) {
    if (!filter?.constant || input?.dtype !== 'f32' || output?.dtype !== 'f32') return undefined;
    if (input.count === 0 || output.count === 0 || (bias && bias.dtype !== 'f32')) return undefined;
    return weightsKind(filter, 4, filter.shape[4]!) ? 'conv_3d_f32' : undefined;
  },

  build(node, to) {
    const [, filter, bias] = node.inputs;
    const filters = filter!.shape[4]!;
    const rows = windowRows(to, node, axesOf(node));
    const tile = tileFor(rows.count);
    const layout = { k: filter!.count / filters, n: filters, step: filters, columnStep: 1 };
    const weights = packedFloats(to, filter!.constant!, filter!.quantization, layout, tile.nr);
    const result = {
      c: node.outputs[0]!.pointer,
      firstRow: 0,
      firstColumn: 0,
      rowBytes: filters * 4,
      bias: biasVector(to, bias, filters),
      stages: node.stages,
    };
    multiply(to, rows, weights, result, tile);
  },
};
