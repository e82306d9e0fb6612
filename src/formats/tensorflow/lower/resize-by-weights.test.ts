import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

// What TensorFlow makes of the image [[1, 4], [2, 8]] in 3 rows and 1 column.
it.each([
  ['ResizeBicubic', '{"half_pixel_centers": true}', [2.335277795791626, 3.75, 5.164721488952637]],
  ['ResizeBicubic', '{"half_pixel_centers": false}', [1, 1.6855378150939941, 2.1111111640930176]],
  ['ResizeArea', '{"align_corners": false}', [2.5, 3.75, 5]],
])('%s %s gives what TensorFlow gives, in two products', async (op, attributes, wanted) => {
  const graph = buildGraph(['float32[None,2,2,1]'], [`${op}($0, i32[2]=3 1) ${attributes}`]);
  const model = await runnable(lowerTensorFlow(graph));
  const { output_0: y } = model.run({ x0: Float32Array.of(1, 4, 2, 8) });
  expect(y?.shape).toEqual([1, 3, 1, 1]);
  for (const [i, number] of wanted.entries()) expect(Number(y?.data[i])).toBeCloseTo(number, 5);
});

/** What TensorFlow makes of `i ** 1.3` in 4 rows and 3 columns: 2 rows and 5 columns. */
it.each([
  ['box', [2.0856, 2.0856, 3.5314, 5.2828, 5.2828, 13.8346, 13.8346, 16.2511, 18.7565, 18.7565]],
  ['gaussian', [3.7378, 4.2867, 5.2705, 6.3584, 6.9999, 12.2116, 13.0053, 14.398, 15.8315, 16.6616]],
  ['keyscubic', [2.3834, 2.9443, 4.0014, 5.2334, 5.9306, 13.0095, 13.9237, 15.5974, 17.3208, 18.2737]],
  ['lanczos3', [2.0754, 2.4838, 3.6643, 5.011, 5.5866, 13.2501, 13.9759, 15.8723, 17.8093, 18.5761]],
  ['lanczos5', [2.0101, 2.2207, 3.5029, 4.9452, 5.3383, 13.4927, 13.9347, 16.0046, 18.1108, 18.5941]],
  ['mitchellcubic', [3.0249, 3.5893, 4.6179, 5.7814, 6.4641, 12.5962, 13.4646, 15.0032, 16.5865, 17.4942]],
  ['triangle', [3.2549, 3.8808, 4.8197, 5.9243, 6.6607, 12.4541, 13.3907, 14.7956, 16.259, 17.2346]],
])('ScaleAndTranslate by a kernel %s does not alias', async (kernel, wanted) => {
  const step = `ScaleAndTranslate($0, i32[2]=2 5, f32[2]=0.5 1.66666667, f32[2]=0 0) {"kernel_type":"${kernel}"}`;
  const model = await runnable(lowerTensorFlow(buildGraph(['float32[None,4,3,1]'], [step])));
  const { output_0: y } = model.run({ x0: Float32Array.from({ length: 12 }, (_, i) => i ** 1.3) });
  for (const [i, number] of wanted.entries()) expect(Number(y?.data[i])).toBeCloseTo(number, 3);
});
