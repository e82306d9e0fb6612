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
