import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function result(types: readonly string[], step: string, inputs: Parameters<typeof evaluateGraph>[1]): number[] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return Array.from(evaluateGraph(graph, inputs)[0]?.data as Float32Array, (v) => Math.round(v * 1e4) / 1e4);
}

describe('batch normalization of the first files of TensorFlow', () => {
  const of = (scaled: boolean) =>
    result(
      ['float32[None,1,1,2]'],
      `BatchNormWithGlobalNormalization($0, f32[2]=1 2, f32[2]=3 8, f32[2]=10 20, f32[2]=2 3) {"variance_epsilon":1,"scale_after_normalization":${scaled}}`,
      [f32([1, 1, 1, 2], [5, 8])],
    );

  it('scales where it says so, and adds the offset', () => {
    // (5 - 1) / sqrt(3 + 1) = 2 and (8 - 2) / sqrt(8 + 1) = 2
    expect(of(true)).toEqual([14, 26]);
    expect(of(false)).toEqual([12, 22]);
  });
});
