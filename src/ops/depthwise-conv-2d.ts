import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { type Products, products } from './products.js';
import { type ConvGeometry, invalid, type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';
import { hasTypes, isPerChannel } from './version-facts.js';

/**
 * 2-D convolution of each channel on its own, with bias and fused activation. Output channel `c * M + m` comes from input
 * channel `c`; M is the depth multiplier.
 *
 * - input `[N, H, W, C]`, filter `[1, KH, KW, C * M]`, bias `[C * M]`
 * - output `[N, OH, OW, C * M]`
 *
 * Source: TFLite operator DEPTHWISE_CONV_2D; TFLite 8-bit quantization specification.
 */
export const depthwiseConv2d = defineOp({
  name: 'DEPTHWISE_CONV_2D',
  litert: {
    xnnpack: ['f32', 'i8', 'u8'],
    builtin: ['f32', 'f16', 'i8', 'u8', 'i16', 'hybrid', 'i8-i4'],
    scalar: { f16: 8, i16: 15, hybrid: 15, 'i8-i4': 15 },
  },
  inputs: ['input', 'filter', 'bias?'],
  outputs: ['output'],
  defaults: { strideW: 1, strideH: 1, depthMultiplier: 1 },
  weights: { operands: [1], axis: 3, hybrid: true, channelScales: true },
  version: depthwiseVersion,

  infer({ input, filter }, options) {
    const x = requireRank(input.shape, 4, 'input');
    const f = requireRank(filter.shape, 4, 'filter');
    const [n = -1, h = -1, w = -1, c = -1] = x ?? [];
    const [one = -1, kh = -1, kw = -1, o = -1] = f ?? [];
    if (one > 1) throw invalid(`filter expects a first size of 1, got [${f}]`);
    if (c > 0 && o > 0 && o % c !== 0) throw invalid(`${o} filter channels are no multiple of ${c} input channels`);
    const padding = options.padding as Padding;
    const oh = kh < 0 ? -1 : slidingSize(h, kh, options.strideH, options.dilationHFactor, padding);
    const ow = kw < 0 ? -1 : slidingSize(w, kw, options.strideW, options.dilationWFactor, padding);
    return [{ dtype: input.dtype, shape: [n, oh, ow, o] }];
  },

  reference({ inputs, types: [type], options }) {
    const { input, filter: weights, bias } = inputs;
    const activation = options.fusedActivationFunction;
    const isWide = input.dtype === 'i16';
    const rules = { unit: elementCount(input.shape.slice(1)), isSymmetric: false, isWide };
    const work = products({ input, weights, bias, type: type!, activation, rules });
    convolve(input.shape, weights.shape, type!.shape ?? [], work, options);
    return [work.tensor()];
  },
});

function depthwiseVersion(facts: VersionFacts): number {
  const { options } = facts;
  if (hasTypes(facts, ['i16', 'i16'], undefined)) return 5;
  if (hasTypes(facts, ['f32', 'i8'], 'f32')) return isPerChannel(facts.inputs[1], 3) ? 6 : 4;
  if (hasTypes(facts, ['i8', 'i8'], 'i8')) return 3;
  if (hasTypes(facts, ['i8', 'i4'], 'i8')) return 7;
  return options.dilationWFactor !== 1 || options.dilationHFactor !== 1 ? 2 : 1;
}

function convolve(
  [n = 0, h = 0, w = 0, c = 0]: Shape,
  [, kh = 0, kw = 0, o = 0]: Shape,
  [, oh = 0, ow = 0]: Shape,
  { x, w: f, out, finish }: Products,
  { strideH, strideW, dilationHFactor, dilationWFactor }: ConvGeometry,
): void {
  const multiplier = o / c;
  const top = paddingBefore(h, kh, strideH, dilationHFactor, oh);
  const left = paddingBefore(w, kw, strideW, dilationWFactor, ow);
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let y = 0; y < oh; y++)
      for (let xo = 0; xo < ow; xo++)
        for (let k = 0; k < o; k++) {
          const channel = Math.floor(k / multiplier);
          let sum = 0;
          for (let r = 0; r < kh; r++) {
            const yi = y * strideH - top + r * dilationHFactor;
            if (yi < 0 || yi >= h) continue;
            for (let s = 0; s < kw; s++) {
              const xi = xo * strideW - left + s * dilationWFactor;
              if (xi < 0 || xi >= w) continue;
              sum += x[((b * h + yi) * w + xi) * c + channel]! * f[(r * kw + s) * o + k]!;
            }
          }
          out[at++] = finish(sum, k, b);
        }
}
