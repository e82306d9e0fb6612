import { elementCount, type Shape, type Tensor } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { type ProductRules, type Products, products } from './products.js';
import { type ConvGeometry, invalid, type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';
import { hasTypes, isPerChannel, namesBiasType } from './version-facts.js';

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
  litert: {
    xnnpack: ['f32', 'i8', 'u8', 'hybrid'],
    builtin: ['f32', 'f16', 'i8', 'u8', 'i16', 'hybrid', 'hybrid-i4', 'i8-i4'],
    scalar: { f16: 6, i16: 15, 'hybrid-i4': 30, 'i8-i4': 30 },
  },
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
    if (c > 0 && i > 0 && o > 0 && o % (c / i) !== 0) throw invalid(`${o} filters do not divide into ${c / i} groups`);
    const padding = options.padding as Padding;
    const oh = kh < 0 ? -1 : slidingSize(h, kh, options.strideH, options.dilationHFactor, padding);
    const ow = kw < 0 ? -1 : slidingSize(w, kw, options.strideW, options.dilationWFactor, padding);
    return [{ dtype: input.dtype, shape: [n, oh, ow, o] }];
  },

  reference({ inputs, types: [type], options }) {
    const { input, filter: weights, bias } = inputs;
    const activation = options.fusedActivationFunction;
    const rules = convRules(input, weights, bias, options.quantizedBiasType);
    const work = products({ input, weights, bias, type: type!, activation, rules });
    convolve(input.shape, weights.shape, type!.shape ?? [], work, options);
    return [work.tensor()];
  },
});

/** Images are quantized with a zero point unless all filters have one scale. */
function convRules(
  input: Tensor,
  { shape, quantization }: Tensor,
  bias: Tensor | undefined,
  biasType: unknown,
): ProductRules {
  const hasOneScale = quantization?.scale.every((s) => s === quantization.scale[0]) ?? true;
  const isGrouped = input.shape[3] !== shape[3];
  const isWide = input.dtype === 'i16' && biasType !== 'INT32' && bias?.dtype !== 'i32';
  return { unit: elementCount(input.shape.slice(1)), isSymmetric: hasOneScale && !isGrouped, isWide };
}

function convVersion(facts: VersionFacts): number {
  const [x, f] = facts.inputs;
  if (hasTypes(facts, ['i16', 'i8'], 'i16') && namesBiasType(facts)) return 8;
  const channels = x?.shape?.[3];
  const perFilter = f?.shape?.[3];
  if (channels !== undefined && perFilter !== undefined && channels > 0 && channels !== perFilter) return 6;
  if (hasTypes(facts, ['i16', 'i16'], 'i16')) return 4;
  if (hasTypes(facts, ['i8', 'i8'], 'i8')) return 3;
  if (hasTypes(facts, ['i8', 'i4'], 'i8')) return 7;
  if (hasTypes(facts, ['f32', 'i8'], 'f32')) return isPerChannel(f, 0) ? 5 : 2;
  return 1;
}

function convolve(
  [n = 0, h = 0, w = 0, c = 0]: Shape,
  [o = 0, kh = 0, kw = 0, i = 0]: Shape,
  [, oh = 0, ow = 0]: Shape,
  { x, w: f, out, finish }: Products,
  { strideH, strideW, dilationHFactor, dilationWFactor }: ConvGeometry,
): void {
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
              for (let d = 0; d < i; d++) sum += x[from + d]! * f[weight + d]!;
            }
          }
          out[at++] = finish(sum, k, b);
        }
}
