import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

describe('a band of diagonals', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  const band = (type: string, lower: number, upper: number): number[] => {
    const model = buildGraph([type], [`MatrixBandPart($0, i64[]=${lower}, i64[]=${upper})`]);
    const graph = lowerTensorFlow(model).graphs[0] as Graph;
    const [result] = evaluateGraph(graph, [{ dtype: 'f32', shape: [3, 4], data: Float32Array.from(rows) }]);
    return Array.from(result?.data as Float32Array);
  };

  // What tf.linalg.band_part gives.
  it.each([
    [-1, 0, [1, 0, 0, 0, 5, 6, 0, 0, 9, 10, 11, 0]],
    [0, -1, [1, 2, 3, 4, 0, 6, 7, 8, 0, 0, 11, 12]],
    [1, 1, [1, 2, 0, 0, 5, 6, 7, 0, 0, 10, 11, 12]],
    [-1, -1, rows],
  ])('of %i below and %i above the main one is kept, whether the sizes are known or not', (lower, upper, expected) => {
    expect(band('float32[3,4]', lower, upper)).toEqual(expected);
    expect(band('float32[None,None]', lower, upper)).toEqual(expected);
  });
});
