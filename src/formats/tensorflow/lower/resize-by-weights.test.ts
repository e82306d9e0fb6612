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

// What TensorFlow makes of it in 3 rows and 1 column; the last row looks beside the image.
it.each([
  ['box', 0.25, [2.5, 2.5, 5]],
  ['gaussian', 0.25, [2.5861129, 3.3481092, 4.701993]],
  ['keyscubic', 0.25, [2.2368412, 3.25, 5]],
  ['lanczos1', 0.25, [2.5, 3, 5]],
  ['lanczos3', 0.25, [1.9513621, 3.2991421, 5]],
  ['lanczos5', 0.25, [1.7808579, 3.321104, 5]],
  ['mitchellcubic', 0.25, [2.3784201, 3.3187131, 4.852941]],
  ['triangle', 0.25, [2.5, 3.3333332, 5]],
  ['triangle', -1, [3.75, 5, 0]],
])('ScaleAndTranslate samples by %s, moved by %d rows', async (kernel, rows, wanted) => {
  const operands = `$0, i32[2]=3 1, f32[2]=1.5 0.5, f32[2]=${rows} 0`;
  const graph = buildGraph(['float32[None,2,2,1]'], [`ScaleAndTranslate(${operands}) {"kernel_type": "${kernel}"}`]);
  const model = await runnable(lowerTensorFlow(graph));
  const { output_0: y } = model.run({ x0: Float32Array.of(1, 4, 2, 8) });
  for (const [i, number] of wanted.entries()) expect(Number(y?.data[i])).toBeCloseTo(number, 5);
});
