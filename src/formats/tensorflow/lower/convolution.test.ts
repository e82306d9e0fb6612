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
describe('convolutions that hold what was in front of them', () => {
  const image = f32(
    [1, 4, 3, 1],
    Array.from({ length: 12 }, (_, i) => i ** 1.3),
  );
  const filter = 'f32[3,3,1,1]=-1 -0.75 -0.5 -0.25 0 0.25 0.5 0.75 1';
  const ones = 'i32[4,2]=0 0 1 1 1 1 0 0';
  const zeros = 'i32[4,2]=0 0 0 0 0 0 0 0';
  const of = (step: string) => result(['float32[None,4,3,1]'], step, [image]);

  it('a padding that mirrors', () => {
    const step = `FusedPadConv2D($0, ${ones}, ${filter}) {"mode":"REFLECT","strides":[1,2,1,1],"padding":"VALID"}`;
    expect(of(step).map(Math.abs)).toEqual([0, 2.5816, 0, 30.7552, 34.6428, 31.6955]);
  });

  it('a resizing and a padding, or the first alone', () => {
    const both = `FusedResizeAndPadConv2D($0, i32[2]=6 5, ${ones}, ${filter}) {"mode":"REFLECT","strides":[1,2,2,1],"padding":"VALID"}`;
    expect(of(both)).toEqual([0, 1.4504, 0, 17.4681, 20.4507, 19.4282, 16.2856, 19.0053, 17.1501]);
    const aligned = `FusedResizeAndPadConv2D($0, i32[2]=6 5, ${zeros}, ${filter}) {"resize_align_corners":true,"mode":"REFLECT","strides":[1,2,2,1],"padding":"SAME"}`;
    expect(of(aligned)).toEqual([10.9865, 15.4247, 6.4949, 19.4644, 20.0033, 3.2511, -12.3306, -33.6766, -35.5612]);
  });
});
