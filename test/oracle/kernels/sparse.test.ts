import { describe, expect, it } from 'vitest';
import { load } from '../../../src/node/runtime.js';
import { modelBytes, testKernels } from '../kernel-case.js';

interface Sizes {
  readonly k: number;
  readonly n: number;
  /** Of the images: `[N, H, W]`. */
  readonly images?: string;
  readonly options?: string;
  /** Nodes behind `%a`, the result; they give `%y`. */
  readonly behind?: string;
}

const convolution = ({ k, n, images = '1,8,9', options = '', behind }: Sizes) => `graph main(%x: f32[${images},${k}]) {
  @w = const f32[${n},1,1,${k}]
  @b = const f32[${n}]
  ${behind ? '%a' : '%y'} = CONV_2D(%x, @w, @b) {padding: SAME${options}} : f32[${images},${n}]
  ${behind ?? ''}
  return %y
}`;

const fullyConnected = (m: number, k: number, n: number) => `graph main(%x: f32[${m},${k}]) {
  @w = const f32[${n},${k}]
  @b = const f32[${n}]
  %y = FULLY_CONNECTED(%x, @w, @b) : f32[${m},${n}]
  return %y
}`;

const sparse = (graph: string, kernel = 'sparse_f32', zeros = 0.75) => ({ graph, kernel, zeros });

describe('products with pruned weights equal the reference kernels', () => {
  testKernels({
    'whole blocks': sparse(convolution({ k: 16, n: 32, images: '1,7,12' }), 'sparse_f32_28'),
    'columns left over': sparse(convolution({ k: 20, n: 19 })),
    'one row behind the blocks': sparse(convolution({ k: 33, n: 17, images: '1,3,19' })),
    'rows that fill less than a block': sparse(convolution({ k: 12, n: 13, images: '1,1,17' })),
    'K and N of 9': sparse(convolution({ k: 9, n: 9, images: '1,5,7' })),
    'a K of 11 with RELU6': sparse(
      convolution({ k: 11, n: 34, images: '1,5,9', options: ', fusedActivationFunction: RELU6' }),
    ),
    'several images': sparse(convolution({ k: 24, n: 10, images: '3,5,5' })),
    'a large K': sparse(convolution({ k: 1030, n: 20, images: '1,7,7' }), 'sparse_f32_28'),
    'a large K and many rows': sparse(convolution({ k: 514, n: 18, images: '1,11,13' }), 'sparse_f32_16'),
    'columns without weights': sparse(convolution({ k: 16, n: 33 }), 'sparse_f32', 0.97),
    'a residual ADD and RELU': sparse(
      convolution({
        k: 21,
        n: 21,
        images: '1,7,9',
        behind: '%s = ADD(%a, %x) : f32[1,7,9,21]\n  %y = RELU(%s) : f32[1,7,9,21]',
      }),
    ),
    'a residual that the result takes the place of': sparse(
      convolution({
        k: 12,
        n: 18,
        images: '1,7,9',
        behind: `@v = const f32[18,1,1,12]
  @c = const f32[18]
  %r = CONV_2D(%x, @v, @c) {padding: SAME} : f32[1,7,9,18]
  %y = ADD(%a, %r) : f32[1,7,9,18]`,
      }),
    ),
    'an operand for each channel and a scalar': sparse(
      convolution({
        k: 16,
        n: 22,
        images: '1,7,9',
        behind: `@s = const f32[22]
  @t = const f32[]
  %s = MUL(%a, @s) : f32[1,7,9,22]
  %y = ADD(%s, @t) : f32[1,7,9,22]`,
      }),
    ),
    'weights that are stored as half floats': sparse(`graph main(%x: f32[1,6,7,20]) {
  @h = const f16[24,1,1,20]
  @b = const f32[24]
  %w = DEQUANTIZE(@h) : f32[24,1,1,20]
  %y = CONV_2D(%x, %w, @b) {padding: SAME} : f32[1,6,7,24]
  return %y
}`),
    'FULLY_CONNECTED of many rows': sparse(fullyConnected(61, 40, 30)),
    'weights that are half zeros stay dense': sparse(convolution({ k: 16, n: 32 }), 'gemm_f32', 0.5),
    'few rows stay dense': sparse(fullyConnected(8, 40, 30), 'gemm_f32'),
  });
});

it('several threads give the very same results as one', async () => {
  const bytes = modelBytes(convolution({ k: 64, n: 80, images: '1,21,43' }), 0.75);
  const one = await load(bytes);
  const many = await load(bytes, { threads: 2 });
  try {
    for (let run = 0; run < 4; run++) {
      const x = Float32Array.from({ length: 21 * 43 * 64 }, (_, i) => Math.sin(i * (run + 1)));
      expect(many.run([x]).y?.data).toEqual(one.run([x]).y?.data);
    }
  } finally {
    many.dispose();
    one.dispose();
  }
}, 60_000);
