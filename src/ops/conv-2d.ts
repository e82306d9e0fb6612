import { allocate, elementCount, type Tensor } from '../ir/tensor.js';
import { applyActivation } from './activation.js';
import { defineOp, type VersionFacts } from './define.js';
import { invalid, type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';

/**
 * 2-D convolution with bias and fused activation; grouped when the filter has fewer input channels than the input.
 *
 * - input `[N, H, W, C]`, filter `[O, KH, KW, C / groups]`, bias `[O]`
 * - output `[N, OH, OW, O]`; OH and OW follow `padding`, the strides and the dilations
 *
 * Source: TFLite operator CONV_2D; TFLite 8-bit quantization specification.
 */
export const conv2d = defineOp({
  name: 'CONV_2D',
  inputs: ['input', 'filter', 'bias?'],
  outputs: ['output'],
  defaults: { strideW: 1, strideH: 1 },
  weights: { operands: [1], axis: 0, hybrid: true },
  version: convVersion,

  infer({ input, filter }, options) {
    const x = requireRank(input.shape, 4, 'input');
    const f = requireRank(filter.shape, 4, 'filter');
    const [n = -1, h = -1, w = -1, c = -1] = x ?? [];
    const [o = -1, kh = -1, kw = -1, i = -1] = f ?? [];
    if (c > 0 && i > 0 && c % i !== 0) throw invalid(`filter expects ${i} input channels, input has ${c}`);
    const padding = options.padding as Padding;
    const oh = kh < 0 ? -1 : slidingSize(h, kh, options.strideH, options.dilationHFactor, padding);
    const ow = kw < 0 ? -1 : slidingSize(w, kw, options.strideW, options.dilationWFactor, padding);
    return [{ dtype: input.dtype, shape: [n, oh, ow, o] }];
  },

  reference({ inputs, types, options }) {
    const type = types[0] as Tensor;
    const out = allocate(type.dtype, elementCount(type.shape)) as Float32Array;
    convolve(inputs.input, inputs.filter, inputs.bias, out, type.shape, options);
    applyActivation(out, options.fusedActivationFunction);
    return [{ ...type, data: out }];
  },
});

/** The first rule that matches gives the version, as in the reference converter. */
function convVersion({ inputs, outputs, options }: VersionFacts): number {
  const [x, f] = inputs;
  const y = outputs[0];
  const channels = x?.shape?.[3];
  const perFilter = f?.shape?.[3];
  if (x?.dtype === 'i16' && f?.dtype === 'i8' && y?.dtype === 'i16' && options.quantizedBiasType !== 'FLOAT32')
    return 8;
  if (channels !== undefined && perFilter !== undefined && channels > 0 && channels !== perFilter) return 6;
  if (x?.dtype === 'i16' && f?.dtype === 'i16' && y?.dtype === 'i16') return 4;
  if (x?.dtype === 'i8' && f?.dtype === 'i8' && y?.dtype === 'i8') return 3;
  if (x?.dtype === 'i8' && f?.dtype === 'i4' && y?.dtype === 'i8') return 7;
  if (x?.dtype === 'f32' && f?.dtype === 'i8' && y?.dtype === 'f32')
    return f.quantization?.scale.length === f.shape?.[0] ? 5 : 2;
  return 1;
}

interface ConvGeometry {
  readonly strideH: number;
  readonly strideW: number;
  readonly dilationHFactor: number;
  readonly dilationWFactor: number;
}

function convolve(
  input: Tensor,
  filter: Tensor,
  bias: Tensor | undefined,
  out: Float32Array,
  outShape: readonly number[],
  { strideH, strideW, dilationHFactor, dilationWFactor }: ConvGeometry,
): void {
  const [n = 0, h = 0, w = 0, c = 0] = input.shape;
  const [o = 0, kh = 0, kw = 0, i = 0] = filter.shape;
  const [, oh = 0, ow = 0] = outShape;
  const x = input.data as Float32Array;
  const f = filter.data as Float32Array;
  const perGroup = o / (c / i);
  const top = paddingBefore(h, kh, strideH, dilationHFactor, oh);
  const left = paddingBefore(w, kw, strideW, dilationWFactor, ow);
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let y = 0; y < oh; y++)
      for (let xo = 0; xo < ow; xo++)
        for (let k = 0; k < o; k++) {
          const first = Math.floor(k / perGroup) * i;
          let sum = 0;
          for (let r = 0; r < kh; r++) {
            const yi = y * strideH - top + r * dilationHFactor;
            if (yi < 0 || yi >= h) continue;
            for (let s = 0; s < kw; s++) {
              const xi = xo * strideW - left + s * dilationWFactor;
              if (xi < 0 || xi >= w) continue;
              const from = ((b * h + yi) * w + xi) * c + first;
              const weight = ((k * kh + r) * kw + s) * i;
              for (let d = 0; d < i; d++) sum += (x[from + d] as number) * (f[weight + d] as number);
            }
          }
          out[at++] = sum + (bias ? ((bias.data as Float32Array)[k] as number) : 0);
        }
}
