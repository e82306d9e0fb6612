import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function results(types: readonly string[], step: string, inputs: Parameters<typeof evaluateGraph>[1]): number[][] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return evaluateGraph(graph, inputs).map((t) => Array.from(t?.data as Float32Array, (v) => Math.round(v * 1e4) / 1e4));
}

describe('gradients', () => {
  it.each([
    ['ReluGrad($0, $1)', [0, 0, 3, 4]],
    ['Relu6Grad($0, $1)', [0, 0, 3, 0]],
    ['LeakyReluGrad($0, $1) {"alpha":0.5}', [0.5, 1, 3, 4]],
    ['EluGrad($0, $1)', [-1, 1, 3, 4]], // times y + 1 below 0
    ['SoftsignGrad($0, $1)', [0.1111, 0.8889, 0.75, 0.0625]], // over (1 + |x|)²
    ['SoftplusGrad($0, $1)', [0.1192, 0.7551, 2.1932, 3.9964]], // times sigmoid(x)
    ['ReciprocalGrad($1, $0)', [-4, -0.5, -3, -196]], // times -y²
  ])('of activations: %s', (step, wanted) => {
    const inputs = [f32([4], [1, 2, 3, 4]), f32([4], [-2, -0.5, 1, 7])];
    expect(results(['float32[4]', 'float32[4]'], step, inputs)).toEqual([wanted]);
  });

  it('of slices put the values back among zeros', () => {
    const of = (sizes: string, rest: string, shape: readonly number[]) =>
      results([`float32[${shape}]`], `StridedSliceGrad(${sizes}, ${rest}`, [
        f32(
          shape,
          Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1),
        ),
      ])[0];
    const column = 'i32[2]=0 1, i32[2]=0 2, i32[2]=1 1, $0) {"begin_mask":1,"end_mask":1,"shrink_axis_mask":2}';
    expect(of('i32[2]=2 3', column, [2])).toEqual([0, 1, 0, 0, 2, 0]);
    const last = 'i32[2]=0 -1, i32[2]=0 0, i32[2]=1 1, $0) {"ellipsis_mask":1,"shrink_axis_mask":2}';
    expect(of('i32[3]=2 1 2', last, [2, 1])).toEqual([0, 1, 0, 2]);
    const added = 'i32[2]=0 0, i32[2]=0 0, i32[2]=1 1, $0) {"ellipsis_mask":1,"new_axis_mask":2}';
    expect(of('i32[2]=2 2', added, [2, 2, 1])).toEqual([1, 2, 3, 4]);
    expect(() => of('i32[1]=6', 'i32[1]=0, i32[1]=6, i32[1]=2, $0)', [3])).toThrow(/a slice with steps/);
  });

  it('of sums over spread axes name those axes', () => {
    expect(results(['float32[1]'], 'BroadcastGradientArgs(i32[3]=2 1 4, i32[2]=3 1)', [f32([1], [0])])).toEqual([
      [1],
      [0, 2],
    ]);
  });
});
