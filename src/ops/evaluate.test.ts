import { describe, expect, it } from 'vitest';
import type { Tensor } from '../ir/tensor.js';
import { evaluateGraph } from './evaluate.js';
import { parseGraph } from './text.js';

const f32 = (shape: number[], data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });

describe('evaluateGraph', () => {
  it('computes all outputs, those that are inputs or constants included', () => {
    const graph = parseGraph(`graph g(%x: f32[2], %y: f32[2]) {
  @c = const f32[2] [10, 20]
  %sum = ADD(%x, %y) : f32[2]
  %z = MUL(%sum, @c) : f32[2]
  return %z, %x, @c, %sum
}`);
    const outputs = evaluateGraph(graph, [f32([2], [1, 2]), f32([2], [3, 4])]);
    expect(outputs.map((t) => Array.from(t.data as Float32Array))).toEqual([
      [40, 120],
      [1, 2],
      [10, 20],
      [4, 6],
    ]);
  });

  it('finds unknown sizes from the tensors it gets', () => {
    const graph = parseGraph('graph g(%x: f32[?,2]) {\n  %y = NEG(%x) : f32[?,2]\n  return %y\n}');
    expect(evaluateGraph(graph, [f32([3, 2], [1, 2, 3, 4, 5, 6])])[0]?.shape).toEqual([3, 2]);
  });

  it('names the operator that has no kernel', () => {
    const graph = parseGraph('graph g(%x: f32[2]) {\n  %y = CUSTOM:Mine(%x) : f32[2]\n  return %y\n}');
    expect(() => evaluateGraph(graph, [f32([2], [1, 2])])).toThrow("Mine 'y': no reference kernel runs this operator");
  });

  it('says which input does not fit', () => {
    const graph = parseGraph('graph g(%x: f32[?,2]) {\n  return %x\n}');
    expect(() => evaluateGraph(graph, [])).toThrow("input 'x': expected a tensor, got none");
    expect(() => evaluateGraph(graph, [f32([3], [1, 2, 3])])).toThrow("input 'x': expected f32[?,2], got f32[3]");
  });
});
