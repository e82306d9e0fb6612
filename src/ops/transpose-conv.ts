import { elementCount, type Shape } from '../ir/tensor.js';
import { defineOp, type VersionFacts } from './define.js';
import { type Products, products } from './products.js';
import { invalid, type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';
import { hasTypes, namesBiasType } from './version-facts.js';

/**
 * Transposed 2-D convolution: the gradient of a convolution from `outputShape` to the input, with bias and activation.
 *
 * - outputShape `[4]`, weights `[O, KH, KW, C]`, input `[N, H, W, C]`, bias `[O]`
 * - output: of the shape that `outputShape` holds
 *
 * Source: TFLite operator TRANSPOSE_CONV.
 */
export const transposeConv = defineOp({
  name: 'TRANSPOSE_CONV',
  litert: {
    xnnpack: ['f32', 'i8', 'u8', 'hybrid'],
    builtin: ['f32', 'i8', 'u8', 'i16', 'hybrid'],
    scalar: { i16: 40 },
  },
  inputs: ['outputShape', 'weights', 'input', 'bias?'],
  outputs: ['output'],
  defaults: { strideW: 1, strideH: 1 },
  weights: { operands: [1], axis: 0, hybrid: true },
  version: transposeConvVersion,

  infer({ outputShape, weights, input }, options) {
    const x = requireRank(input.shape, 4, 'input');
    const f = requireRank(weights.shape, 4, 'weights');
    const [n = -1, h = -1, w = -1, c = -1] = x ?? [];
    const [o = -1, kh = -1, kw = -1, i = -1] = f ?? [];
    if (c > 0 && i > 0 && c !== i) throw invalid(`weights expect ${i} input channels, input has ${c}`);
    const wanted = outputShape.elements;
    if (wanted && wanted.length !== 4) throw invalid(`outputShape expects 4 sizes, got [${wanted}]`);
    const [on = n, oh = -1, ow = -1, oc = o] = wanted ?? [];
    checkWanted('batch', on, n);
    checkWanted('channels', oc, o);
    const padding = options.padding as Padding;
    checkMirror('height', oh, h, kh, options.strideH, padding);
    checkMirror('width', ow, w, kw, options.strideW, padding);
    return [{ dtype: input.dtype, shape: [on, oh, ow, oc] }];
  },

  reference({ inputs, types: [type], options }) {
    const shape = Array.from(inputs.outputShape.data as Int32Array);
    const { input, weights, bias } = inputs;
    const activation = options.fusedActivationFunction;
    const isWide = input.dtype === 'i16' && bias?.dtype !== 'i32';
    const rules = { unit: elementCount(input.shape.slice(1)), isSymmetric: false, isWide };
    const work = products({ input, weights, bias, type: type!, shape, activation, rules });
    scatter(input.shape, weights.shape, shape, work, options);
    return [work.tensor()];
  },
});

/** What `outputShape` says of an axis that the operands decide. */
export function checkWanted(axis: string, wanted: number, size: number): void {
  if (wanted >= 0 && size >= 0 && wanted !== size) throw invalid(`outputShape has ${axis} ${wanted}, expected ${size}`);
}

/** The forward convolution from the output must give the input's size. */
function checkMirror(axis: string, out: number, size: number, kernel: number, stride: number, padding: Padding): void {
  if (out < 0 || size < 0 || kernel < 0) return;
  const mirrored = slidingSize(out, kernel, stride, 1, padding);
  if (mirrored !== size) throw invalid(`an output ${axis} of ${out} needs an input of ${mirrored}, got ${size}`);
}

/** The bias-type rule looks at input 0 (the shape), as the reference converter does, and so never applies. */
function transposeConvVersion(facts: VersionFacts): number {
  const { inputs, options } = facts;
  if (hasTypes(facts, ['i16', 'i8'], 'i16') && namesBiasType(facts)) return 5;
  if (options.fusedActivationFunction !== 'NONE') return 4;
  if (inputs.length === 4 && inputs[3]) return 3;
  return inputs[1]?.dtype === 'i8' ? 2 : 1;
}

function scatter(
  [n = 0, h = 0, w = 0, c = 0]: Shape,
  [, kh = 0, kw = 0]: Shape,
  [, oh = 0, ow = 0, o = 0]: Shape,
  { x, w: f, out, finish }: Products,
  { strideH, strideW }: { readonly strideH: number; readonly strideW: number },
): void {
  const top = paddingBefore(oh, kh, strideH, 1, h);
  const left = paddingBefore(ow, kw, strideW, 1, w);
  const sums = new Float64Array(out.length);
  for (let b = 0; b < n; b++)
    for (let y = 0; y < h; y++)
      for (let xi = 0; xi < w; xi++)
        for (let r = 0; r < kh; r++) {
          const yo = y * strideH - top + r;
          if (yo < 0 || yo >= oh) continue;
          for (let s = 0; s < kw; s++) {
            const xo = xi * strideW - left + s;
            if (xo < 0 || xo >= ow) continue;
            const from = ((b * h + y) * w + xi) * c;
            const to = ((b * oh + yo) * ow + xo) * o;
            for (let k = 0; k < o; k++) {
              const weight = ((k * kh + r) * kw + s) * c;
              let sum = 0;
              for (let d = 0; d < c; d++) sum += x[from + d]! * f[weight + d]!;
              sums[to + k]! += sum;
            }
          }
        }
  const image = oh * ow * o;
  for (let i = 0; i < out.length; i++) out[i] = finish(sums[i]!, i % o, Math.floor(i / image));
}
