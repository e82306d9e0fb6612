import { expect, it } from 'vitest';
import { runnable } from '../../../node/runtime.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

// What TensorFlow makes of an image of 3 by 3 pixels and of its rows from last to first: its values, and their places.
const top = [3, 1, 4, 1, 5, 9];
const middle = [2, 6, 5, 3, 5, 8];
const bottom = [9, 7, 9, 3, 2, 3];
const images = Float32Array.from([...top, ...middle, ...bottom, ...bottom, ...middle, ...top]);

it.each([
  [
    '"ksize": [1, 2, 2, 1], "strides": [1, 2, 2, 1], "padding": "SAME"',
    [5, 6, 5, 9, 9, 7, 2, 3, 9, 7, 5, 8, 4, 1, 5, 9],
    [8, 7, 4, 5, 12, 13, 16, 17, 0, 1, 10, 11, 14, 13, 16, 17],
  ],
  [
    '"ksize": [1, 2, 3, 1], "strides": [1, 1, 1, 1], "padding": "VALID"',
    [5, 9, 9, 8, 9, 8, 5, 9],
    [4, 5, 12, 11, 0, 11, 8, 17],
  ],
  [
    '"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME", "include_batch_in_index": true',
    [5, 6, 5, 9, 9, 7, 9, 8, 9, 7, 9, 8, 5, 6, 5, 9],
    [8, 7, 4, 5, 12, 13, 14, 11, 18, 19, 20, 29, 26, 25, 26, 35],
  ],
])('the largest values with %s, and where they stand, are those of TensorFlow', async (attributes, values, places) => {
  const graph = buildGraph(['float32[None,3,3,2]'], [`MaxPoolWithArgmax($0) {${attributes}}`]);
  const model = await runnable(lowerTensorFlow(graph));
  const { output_0, output_1 } = model.run({ x0: { data: images, shape: [2, 3, 3, 2] } });
  expect([...(output_0?.data ?? [])]).toEqual(values);
  expect([...(output_1?.data ?? [])].map(Number)).toEqual(places);
});
