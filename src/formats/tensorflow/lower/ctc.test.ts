import { expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32, i32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const best = [[1, 1, 3, 1, 2], [3, 0, 0, 2, 2]] as const; // biome-ignore format: rows of a batch
/** `[T, N, C]`: the best class of step t has the score 1 + t / 8, others have none. */
const scores = f32(
  [5, 2, 4],
  Float32Array.from({ length: 40 }, (_, i) => {
    const [t, batch, label] = [Math.floor(i / 8), Math.floor(i / 4) % 2, i % 4];
    return best[batch]?.[t] === label ? 1 + t / 8 : 0;
  }),
);

// Results of TensorFlow 2.21.
it.each([
  ['{"merge_repeated":true}', [0, 0, 0, 1, 0, 2, 1, 0, 1, 1], [1, 1, 2, 0, 2], [2, 3]],
  ['{}', [0, 0, 0, 1, 0, 2, 0, 3, 1, 0, 1, 1, 1, 2], [1, 1, 1, 2, 0, 0, 2], [2, 4]],
  ['{"merge_repeated":true,"blank_index":0}', [0, 0, 0, 1, 0, 2, 0, 3, 1, 0, 1, 1], [1, 3, 1, 2, 3, 2], [2, 4]],
])('the best classes of the steps are decoded: %s', (attributes, indices, values, shape) => {
  for (const type of ['float32[5,2,4]', 'float32[None,None,4]']) {
    const model = buildGraph([type, 'int32[2]'], [`CTCGreedyDecoder($0, $1) ${attributes}`]);
    const results = evaluateGraph(lowerTensorFlow(model).graphs[0] as Graph, [scores, i32([2], [5, 4])]);
    expect(results.map((r) => Array.from(r?.data as ArrayLike<number | bigint>, Number))).toEqual([
      indices,
      values,
      shape,
      [-6.25, -4.75],
    ]);
  }
});
