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

/** Expected values: TensorFlow 2.21. */
describe('running', () => {
  const x = f32([2, 5], [1, 2, 3, 4, 5, 2, -1, 0.5, 3, 1]);
  const of = (step: string) => result(['float32[None,5]'], step, [x]);

  it.each([
    ['{}', [1, 2, 6, 24, 120, 2, -2, -1, -3, -3]],
    ['{"reverse":true}', [120, 120, 60, 20, 5, -3, -1.5, 1.5, 3, 1]],
    ['{"exclusive":true}', [1, 1, 2, 6, 24, 1, 2, -2, -1, -3]],
    ['{"exclusive":true,"reverse":true}', [120, 60, 20, 5, 1, -1.5, 1.5, 3, 1, 1]],
  ])('products %s', (attributes, wanted) => {
    expect(of(`Cumprod($0, i32[]=1) ${attributes}`)).toEqual(wanted);
  });

  it.each([
    ['{}', [1, 2.3133, 3.4076, 4.4402, 5.4519, 2, 2.0486, 2.2413, 3.3841, 3.4723]],
    ['{"reverse":true}', [5.4519, 5.4402, 5.4076, 5.3133, 5, 3.4723, 3.2117, 3.1967, 3.1269, 1]],
  ])('logarithms of sums %s', (attributes, wanted) => {
    expect(of(`CumulativeLogsumexp($0, i32[]=-1) ${attributes}`)).toEqual(wanted);
  });

  it('products along an axis of unknown length are refused', () => {
    expect(() => result(['float32[None,5]'], 'Cumprod($0, i32[]=0)', [x])).toThrow(/a known length of its axis/);
  });
});
