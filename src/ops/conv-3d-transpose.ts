import type { Tensor } from '../ir/tensor.js';
import { applyActivation } from './activation.js';
import { visitWindows3d, type Window, windows3d } from './conv-3d.js';
import { defineOp } from './define.js';
import { allocateFloats, floats, floatTensor, optionalFloats } from './floats.js';
import { LITERT } from './litert.js';
import { invalid, requireRank } from './shapes.js';
import { checkWanted } from './transpose-conv.js';

/**
 * Transposed 3-D convolution: the gradient of a convolution from `outputShape` to the input, with bias and activation.
 *
 * - outputShape `[5]`, filter `[KD, KH, KW, O, C]`, input `[N, D, H, W, C]`, bias `[O]`
 * - output: of the shape that `outputShape` holds
 *
 * Source: TFLite operator CONV_3D_TRANSPOSE.
 */
export const conv3dTranspose = defineOp({
  name: 'CONV_3D_TRANSPOSE',
  litert: LITERT.ownFloat,
  inputs: ['outputShape', 'filter', 'input', 'bias?'],
  outputs: ['output'],
  defaults: { strideD: 1, strideW: 1, strideH: 1 },

  infer({ outputShape, filter, input }) {
    const x = requireRank(input.shape, 5, 'input');
    const f = requireRank(filter.shape, 5, 'filter');
    const [n = -1, , , , c = -1] = x ?? [];
    const [, , , o = -1, i = -1] = f ?? [];
    if (c > 0 && i > 0 && c !== i) throw invalid(`filter expects ${i} input channels, input has ${c}`);
    const wanted = outputShape.elements;
    if (wanted && wanted.length !== 5) throw invalid(`outputShape expects 5 sizes, got [${wanted}]`);
    const [on = n, od = -1, oh = -1, ow = -1, oc = o] = wanted ?? [];
    checkWanted('batch', on, n);
    checkWanted('channels', oc, o);
    return [{ dtype: input.dtype, shape: [on, od, oh, ow, oc] }];
  },

  reference({ inputs, types: [type], options }) {
    const shape = Array.from(inputs.outputShape.data as Int32Array);
    const out = allocateFloats({ ...type!, shape });
    scatter(inputs.input, inputs.filter, optionalFloats(inputs.bias), out, shape, windows3d(options));
    return [floatTensor(type!, applyActivation(out, options.fusedActivationFunction), shape)];
  },
});

function scatter(
  input: Tensor,
  filter: Tensor,
  bias: Float32Array | undefined,
  out: Float32Array,
  [, od = 0, oh = 0, ow = 0, o = 0]: readonly number[],
  windows: readonly [Window, Window, Window],
): void {
  const [n = 0, d = 0, h = 0, w = 0, c = 0] = input.shape;
  const x = floats(input);
  const f = floats(filter);
  const sums = new Float64Array(out.length);
  for (let b = 0; b < n; b++)
    visitWindows3d([od, oh, ow], [d, h, w], filter.shape.slice(0, 3), windows, (image, grid, cell) => {
      const from = (b * d * h * w + grid) * c;
      const to = (b * od * oh * ow + image) * o;
      for (let k = 0; k < o; k++)
        for (let i = 0; i < c; i++) sums[to + k]! += x[from + i]! * f[(cell * o + k) * c + i]!;
    });
  for (let i = 0; i < out.length; i++) out[i] = sums[i]! + (bias?.[i % o] ?? 0);
}
