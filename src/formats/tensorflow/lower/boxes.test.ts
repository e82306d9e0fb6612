import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import type { Tensor } from '../../../ir/tensor.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32, i32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function results(types: readonly string[], step: string, inputs: readonly Tensor[]): number[][] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return evaluateGraph(graph, inputs).map((t) => Array.from(t?.data as Float32Array, (v) => Math.round(v * 1e3) / 1e3));
}

/** Expected values: TensorFlow 2.21. */
describe('crops of images', () => {
  const image = f32(
    [1, 4, 6, 1],
    Float32Array.from({ length: 24 }, (_, i) => i ** 1.5),
  );
  const boxes = f32([2, 4], [0.1, 0.1, 0.8, 0.9, 0.9, 0.5, -0.2, 1]);
  const of = [image, boxes, i32([2], [0, 0])];
  const known = ['float32[1,4,6,1]', 'float32[2,4]', 'int32[2]'];
  const open = ['float32[None,None,None,1]', 'float32[None,4]', 'int32[None]'];
  const crop = (size: string, attributes = '{}'): string => `CropAndResize($0, $1, $2, i32[2]=${size}) ${attributes}`;

  it.each([known, open])('mix the pixels around each place, and have a number outside: %s', (...types) => {
    const rows = [5.333, 10.253, 16.929, 58.37, 70.279, 82.926, 81.559, 89.772, 98.241];
    expect(results(types, crop('2 3'), of)).toEqual([[...rows, 0, 0, 0]]);
    expect(results(types, crop('2 3', '{"extrapolation_value":-1}'), of)).toEqual([[...rows, -1, -1, -1]]);
  });

  it('take the nearest pixel where they should', () => {
    const rows = [1, 5.196, 11.18, 46.872, 58.095, 70.093, 96.234, 103.189, 110.304];
    expect(results(known, crop('2 3', '{"method":"nearest"}'), of)).toEqual([[...rows, 0, 0, 0]]);
  });

  it('of one pixel take the middle of the box', () => {
    expect(results(known, crop('1 1'), of)).toEqual([[35.463, 32.07]]);
  });
});

describe('the best boxes of all classes', () => {
  const boxes = f32([1, 3, 1, 4], [0, 0, 1, 1, 0, 0.1, 1, 1.1, 0, 2, 1, 3]);
  const scores = f32([1, 3, 2], [0.9, 0.3, 0.8, 0.6, 0.2, 0.7]);
  const step = 'CombinedNonMaxSuppression($0, $1, i32[]=2, i32[]=5, f32[]=0.5, f32[]=0.25)';
  const run = (attributes: string) =>
    results(['float32[1,3,1,4]', 'float32[1,3,2]'], `${step} ${attributes}`, [boxes, scores]);

  // TensorFlow 2.21
  it('come in order, with zeros behind them', () => {
    expect(run('{"clip_boxes":false}')).toEqual([
      [[0, 0, 1, 1], [0, 2, 1, 3], [0, 0.1, 1, 1.1], new Array(8).fill(0)].flat(),
      [0.9, 0.7, 0.6, 0, 0],
      [0, 1, 1, 0, 0],
      [3],
    ]);
  });

  it('are cut to the image, and no more than all classes can have', () => {
    expect(run('{"pad_per_class":true}')).toEqual([
      [
        [0, 0, 1, 1],
        [0, 1, 1, 1],
        [0, 0.1, 1, 1],
        [0, 0, 0, 0],
      ].flat(),
      [0.9, 0.7, 0.6, 0],
      [0, 1, 1, 0],
      [3],
    ]);
  });
});
