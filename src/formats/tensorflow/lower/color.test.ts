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
describe('colors of images', () => {
  const pixels = [0.2, 0.5, 0.9, 0.4, 0.4, 0.4, 0, 0, 0, 0.9, 0.8, 0.1, 0.1, 0.9, 0.8];
  const image = f32([1, 5, 3], pixels);

  it.each([
    ['RGBToHSV($0)', [0.5952, 0.7778, 0.9, 0, 0, 0.4, 0, 0, 0, 0.1458, 0.8889, 0.9, 0.4792, 0.8889, 0.9]],
    ['HSVToRGB($0)', [0.81, 0.9, 0.45, 0.24, 0.4, 0.304, 0, 0, 0, 0.1, 0.02, 0.068, 0.8, 0.512, 0.08]],
    ['AdjustHue($0, f32[]=0.3)', [0.9, 0.2, 0.64, 0.4, 0.4, 0.4, 0, 0, 0, 0.1, 0.9, 0.64, 0.64, 0.1, 0.9]],
    ['AdjustHue($0, f32[]=-0.6)', [0.9, 0.2, 0.22, 0.4, 0.4, 0.4, 0, 0, 0, 0.1, 0.68, 0.9, 0.9, 0.1, 0.68]],
    ['AdjustSaturation($0, f32[]=1.8)', [0, 0.3857, 0.9, 0.4, 0.4, 0.4, 0, 0, 0, 0.9, 0.7875, 0, 0, 0.9, 0.7875]],
  ])('%s is what TensorFlow gives', (step, wanted) => {
    expect(result(['float32[None,5,3]'], step, [image])).toEqual(wanted);
  });
});
