import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

describe('a slice up to a computed position', () => {
  it.each([
    // x[newaxis, :n] and x[..., :n], as positional encodings are cut to the length of the input.
    ['"new_axis_mask": 1, "begin_mask": 3, "end_mask": 1', 'Pack(i32[]=0, $1)', [1, 2, 3], [1, 2, 3, 4, 5, 6]],
    ['"ellipsis_mask": 1, "begin_mask": 2', 'Pack(i32[]=0, $1)', [3, 2], [1, 2, 4, 5, 7, 8]],
  ])('keeps masks %s', (masks, end, shape, expected) => {
    const steps = [end, `StridedSlice($0, i32[2]=0 0, %0, i32[2]=1 1) {${masks}}`];
    const graph = lowerTensorFlow(buildGraph(['float32[None,3]', 'int32[]'], steps)).graphs[0] as Graph;
    const [result] = evaluateGraph(graph, [
      { dtype: 'f32', shape: [3, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9) },
      { dtype: 'i32', shape: [], data: Int32Array.of(2) },
    ]);
    expect(result?.shape).toEqual(shape);
    expect(Array.from(result?.data as Float32Array)).toEqual(expected);
  });
});
