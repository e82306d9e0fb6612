import type { Tensor } from '../ir/tensor.js';
import { applyActivation } from './activation.js';
import { defineOp } from './define.js';
import { allocateFloats, floats, floatTensor, optionalFloats } from './floats.js';
import { LITERT } from './litert.js';
import { invalid, type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';

/**
 * 3-D convolution with bias and fused activation.
 *
 * - input `[N, D, H, W, C]`, filter `[KD, KH, KW, C, O]`, bias `[O]`
 * - output `[N, OD, OH, OW, O]`
 *
 * Source: TFLite operator CONV_3D.
 */
export const conv3d = defineOp({
  name: 'CONV_3D',
  litert: LITERT.ownFloat,
  inputs: ['input', 'filter', 'bias?'],
  outputs: ['output'],
  defaults: { strideD: 1, strideW: 1, strideH: 1 },

  infer({ input, filter }, options) {
    const x = requireRank(input.shape, 5, 'input');
    const f = requireRank(filter.shape, 5, 'filter');
    const [kd = -1, kh = -1, kw = -1, i = -1, o = -1] = f ?? [];
    const [n = -1, , , , c = -1] = x ?? [];
    if (c > 0 && i > 0 && c !== i) throw invalid(`filter expects ${i} input channels, input has ${c}`);
    const windows = windows3d(options);
    const sizes = [kd, kh, kw].map((k, axis) => {
      const { stride, dilation } = windows[axis]!;
      return k < 0 ? -1 : slidingSize(x?.[axis + 1] ?? -1, k, stride, dilation, options.padding as Padding);
    });
    return [{ dtype: input.dtype, shape: [n, ...sizes, o] }];
  },

  reference({ inputs, types: [type], options }) {
    const out = allocateFloats(type!);
    convolve(inputs.input, inputs.filter, optionalFloats(inputs.bias), out, type!.shape ?? [], windows3d(options));
    return [floatTensor(type!, applyActivation(out, options.fusedActivationFunction))];
  },
});

/** Stride and dilation of one axis. */
export interface Window {
  readonly stride: number;
  readonly dilation: number;
}

/** The windows of depth, height and width. */
export const windows3d = (options: {
  readonly strideD: number;
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationDFactor: number;
  readonly dilationHFactor: number;
  readonly dilationWFactor: number;
}): readonly [Window, Window, Window] => [
  { stride: options.strideD, dilation: options.dilationDFactor },
  { stride: options.strideH, dilation: options.dilationHFactor },
  { stride: options.strideW, dilation: options.dilationWFactor },
];

/**
 * Calls `visit` for every pair of a position in the image and one in the smaller grid (the output of a convolution, the
 * input of a transposed one) that a filter cell joins: row-major positions without batch and channels.
 */
export function visitWindows3d(
  image: readonly number[],
  grid: readonly number[],
  kernel: readonly number[],
  windows: readonly [Window, Window, Window],
  visit: (image: number, grid: number, cell: number) => void,
): void {
  const [d = 0, h = 0, w = 0] = image;
  const [gd = 0, gh = 0, gw = 0] = grid;
  const [kd = 0, kh = 0, kw = 0] = kernel;
  const before = windows.map((p, i) => paddingBefore(image[i]!, kernel[i]!, p.stride, p.dilation, grid[i]!));
  const place = (axis: number, at: number, cell: number) =>
    at * windows[axis]!.stride - before[axis]! + cell * windows[axis]!.dilation;
  for (let z = 0; z < gd; z++)
    for (let y = 0; y < gh; y++)
      for (let x = 0; x < gw; x++)
        for (let q = 0; q < kd; q++) {
          const zi = place(0, z, q);
          if (zi < 0 || zi >= d) continue;
          for (let r = 0; r < kh; r++) {
            const yi = place(1, y, r);
            if (yi < 0 || yi >= h) continue;
            for (let s = 0; s < kw; s++) {
              const xi = place(2, x, s);
              if (xi < 0 || xi >= w) continue;
              visit((zi * h + yi) * w + xi, (z * gh + y) * gw + x, (q * kh + r) * kw + s);
            }
          }
        }
}

function convolve(
  input: Tensor,
  filter: Tensor,
  bias: Float32Array | undefined,
  out: Float32Array,
  outShape: readonly number[],
  windows: readonly [Window, Window, Window],
): void {
  const [n = 0, d = 0, h = 0, w = 0, c = 0] = input.shape;
  const [kd = 0, kh = 0, kw = 0, , o = 0] = filter.shape;
  const [, od = 0, oh = 0, ow = 0] = outShape;
  const x = floats(input);
  const f = floats(filter);
  const sums = new Float64Array(out.length);
  for (let b = 0; b < n; b++)
    visitWindows3d([d, h, w], [od, oh, ow], [kd, kh, kw], windows, (image, grid, cell) => {
      const from = (b * d * h * w + image) * c;
      const to = (b * od * oh * ow + grid) * o;
      for (let i = 0; i < c; i++)
        for (let k = 0; k < o; k++) sums[to + k]! += x[from + i]! * f[(cell * c + i) * o + k]!;
    });
  for (let i = 0; i < out.length; i++) out[i] = sums[i]! + (bias?.[i % o] ?? 0);
}
