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
describe('dilation', () => {
  const image = f32(
    [1, 4, 3, 1],
    Array.from({ length: 12 }, (_, i) => i ** 1.3),
  );
  const of = (step: string) => result(['float32[None,4,3,1]'], step, [image]);

  it('is the largest sum of a pixel and a cell', () => {
    const cells = 'f32[3,3,1]=-1 -0.75 -0.5 -0.25 0 0.25 0.5 0.75 1';
    const same = [
      7.0629, 9.1033, 8.8533, 13.5495, 15.9285, 15.6785, 20.9526, 23.5845, 23.3345, 20.2026, 22.8345, 22.5845,
    ];
    expect(of(`Dilation2D($0, ${cells}) {"strides":[1,1,1,1],"rates":[1,1,1,1],"padding":"SAME"}`)).toEqual(same);
    const wide =
      'Dilation2D($0, f32[2,2,1]=-1 -0.75 -0.25 0) {"strides":[1,2,1,1],"rates":[1,2,1,1],"padding":"VALID"}';
    expect(of(wide)).toEqual([12.5495, 14.9285]);
  });

  it('by equal cells is the largest pixel', () => {
    const flat =
      'Dilation2D($0, f32[3,3,1]=0 0 0 0 0 0 0 0 0) {"strides":[1,2,2,1],"rates":[1,1,1,1],"padding":"SAME"}';
    expect(of(flat)).toEqual([12.5495, 14.9285, 19.9526, 22.5845]);
  });
});
