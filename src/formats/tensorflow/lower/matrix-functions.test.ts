import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function results(types: readonly string[], step: string, inputs: Parameters<typeof evaluateGraph>[1]): number[][] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return evaluateGraph(graph, inputs).map((t) =>
    Array.from(t?.data as Float32Array, (v) => Math.round(v * 1e4) / 1e4 + 0),
  );
}

/** Expected values: TensorFlow 2.21. */
describe('functions of small matrices', () => {
  const three = f32([1, 3, 3], [4, 1, 0, 1, 3, 1, 0, 1, 2]);
  const four = f32([1, 4, 4], [2, 0, 0, 1, 0, 3, 1, 0, 0, 1, 4, 0, 1, 0, 0, 5]);
  const of = (step: string, matrix = three) => results([`float32[None,${matrix.shape.slice(1)}]`], step, [matrix]);

  it('the inverse and the determinant', () => {
    expect(of('MatrixDeterminant($0)')).toEqual([[18]]);
    expect(of('MatrixInverse($0)')).toEqual([
      [0.2778, -0.1111, 0.0556, -0.1111, 0.4444, -0.2222, 0.0556, -0.2222, 0.6111],
    ]);
    expect(of('MatrixDeterminant($0)', four)).toEqual([[99]]);
    expect(of('MatrixInverse($0)', four)).toEqual([
      [0.5556, 0, 0, -0.1111, 0, 0.3636, -0.0909, 0, 0, -0.0909, 0.2727, 0, -0.1111, 0, 0, 0.2222],
    ]);
    expect(of('LogMatrixDeterminant($0)')).toEqual([[1], [2.8904]]);
  });

  it('systems of equations', () => {
    expect(of('MatrixSolve($0, f32[1,3,1]=6 10 8)')).toEqual([[1, 2, 3]]);
    expect(of('MatrixTriangularSolve($0, f32[1,3,1]=4 7 8)')).toEqual([[1, 2, 3]]);
    expect(of('MatrixTriangularSolve($0, f32[1,3,1]=6 9 6) {"lower":false}')).toEqual([[1, 2, 3]]);
  });

  it('the triangle whose square is the matrix', () => {
    expect(of('Cholesky($0)')).toEqual([[2, 0, 0, 0.5, 1.6583, 0, 0, 0.603, 1.2792]]);
  });

  it('larger ones are refused', () => {
    const large = f32([1, 5, 5], new Array<number>(25).fill(1));
    expect(() => of('MatrixInverse($0)', large)).toThrow(/matrices of 5 x 5; up to 4 x 4/);
  });

  it('the vector at right angles to two', () => {
    const feeds = [f32([1, 3], [1, 2, 3]), f32([1, 3], [4, 5, 7])];
    expect(results(['float32[None,3]', 'float32[None,3]'], 'Cross($0, $1)', feeds)).toEqual([[-1, 5, -3]]);
  });
});
