import { allocate, elementCount, type Shape } from '../ir/tensor.js';
import { clamp } from '../numerics/round.js';
import { applyActivation } from './activation.js';
import { defineOp, type Op, type VersionFacts } from './define.js';
import { allocateFloats, floats, floatTensor } from './floats.js';
import { activationRange, affineOf } from './integers.js';
import { LITERT, type LiteRtKernels } from './litert.js';
import { type Padding, paddingBefore, requireRank, slidingSize } from './shapes.js';
import { versionByType } from './version.js';

/**
 * Pooling over windows of an image, with fused activation. Cells outside the image do not count.
 *
 * - input `[N, H, W, C]`; output `[N, OH, OW, C]`
 *
 * Source: TFLite operators AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D.
 */
export const pools2d: readonly Op[] = [
  definePool('AVERAGE_POOL_2D', versionByType({ i16: 3, i8: 2 }), {
    litert: LITERT.floatFast,
    start: 0,
    add: (sum, x) => sum + x,
    finish: (sum, count) => sum / count,
    integer: (sum, count) => {
      const half = Math.floor(count / 2);
      return Math.trunc((sum > 0 ? sum + half : sum - half) / count);
    },
  }),
  definePool('MAX_POOL_2D', versionByType({ i16: 3, i8: 2 }), {
    litert: LITERT.everywhere,
    start: -Infinity,
    add: Math.max,
    finish: (max) => max,
    integer: (max) => max,
  }),
  definePool('L2_POOL_2D', () => 1, {
    litert: LITERT.ownFloat,
    start: 0,
    add: (sum, x) => sum + x * x,
    finish: (sum, count) => Math.sqrt(sum / count),
  }),
];

/** How the cells of a window become one number. */
interface Pooling {
  readonly litert: LiteRtKernels;
  readonly start: number;
  add(sum: number, x: number): number;
  finish(sum: number, count: number): number;
  /** As `finish`, of stored integers. */
  integer?(sum: number, count: number): number;
}

interface PoolGeometry {
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly strideH: number;
  readonly strideW: number;
}

function definePool(
  name: 'AVERAGE_POOL_2D' | 'MAX_POOL_2D' | 'L2_POOL_2D',
  version: (facts: VersionFacts) => number,
  pooling: Pooling,
): Op {
  return defineOp({
    name,
    inputs: ['input'],
    outputs: ['output'],
    defaults: { strideW: 1, strideH: 1, filterWidth: 1, filterHeight: 1 },
    version,
    litert: pooling.litert,

    infer({ input }, { padding, filterHeight, filterWidth, strideH, strideW }) {
      const [n = -1, h = -1, w = -1, c = -1] = requireRank(input.shape, 4, 'input') ?? [];
      const oh = slidingSize(h, filterHeight, strideH, 1, padding as Padding);
      const ow = slidingSize(w, filterWidth, strideW, 1, padding as Padding);
      return [{ dtype: input.dtype, shape: [n, oh, ow, c] }];
    },

    reference({ inputs, types: [type], options }) {
      const { input } = inputs;
      const { fusedActivationFunction: activation } = options;
      const shape = type!.shape ?? [];
      const to = affineOf(type!);
      if (pooling.integer && affineOf(input) && to) {
        const data = allocate(to.dtype, elementCount(shape)) as Int8Array;
        const [low, high] = activationRange(to, activation);
        const finish = (sum: number, count: number) => clamp(pooling.integer!(sum, count), low, high);
        pool(input.data as Int8Array, input.shape, data, shape, options, { ...pooling, finish });
        return [{ dtype: to.dtype, shape, data, quantization: type!.quantization }];
      }
      const out = allocateFloats(type!);
      pool(floats(input), input.shape, out, shape, options, pooling);
      return [floatTensor(type!, applyActivation(out, activation))];
    },
  });
}

function pool(
  x: Float32Array | Int8Array,
  [n = 0, h = 0, w = 0, c = 0]: Shape,
  out: Float32Array | Int8Array,
  [, oh = 0, ow = 0]: Shape,
  { filterHeight, filterWidth, strideH, strideW }: PoolGeometry,
  { start, add, finish }: Pooling,
): void {
  const top = paddingBefore(h, filterHeight, strideH, 1, oh);
  const left = paddingBefore(w, filterWidth, strideW, 1, ow);
  let at = 0;
  for (let b = 0; b < n; b++)
    for (let y = 0; y < oh; y++) {
      const y0 = Math.max(0, y * strideH - top);
      const y1 = Math.min(h, y * strideH - top + filterHeight);
      for (let xo = 0; xo < ow; xo++) {
        const x0 = Math.max(0, xo * strideW - left);
        const x1 = Math.min(w, xo * strideW - left + filterWidth);
        for (let k = 0; k < c; k++) {
          let sum = start;
          for (let yi = y0; yi < y1; yi++)
            for (let xi = x0; xi < x1; xi++) sum = add(sum, x[((b * h + yi) * w + xi) * c + k]!);
          out[at++] = finish(sum, (y1 - y0) * (x1 - x0));
        }
      }
    }
}
