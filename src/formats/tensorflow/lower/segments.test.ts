import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32, i32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function result(types: readonly string[], step: string, inputs: Parameters<typeof evaluateGraph>[1]): number[] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return Array.from(evaluateGraph(graph, inputs)[0]?.data as Float32Array, (v) => Math.round(v * 1e4) / 1e4);
}

/** Expected values: TensorFlow 2.21. */
describe('segments', () => {
  const data = f32([4, 2], [1, -2, 3, 4, -5, 6, 7, -8]);
  const ids = i32([4], [0, 0, 2, 2]);
  const known = (op: string) => result(['float32[4,2]'], `${op}($0, i32[4]=0 0 2 2)`, [data]);
  const open = (op: string) => result(['float32[None,2]', 'int32[None]'], `${op}($0, $1)`, [data, ids]);

  it.each([
    ['SegmentMax', [3, 4, 0, 0, 7, 6]],
    ['SegmentMin', [1, -2, 0, 0, -5, -8]],
    ['SegmentProd', [3, -8, 1, 1, -35, -48]],
    ['SegmentMean', [2, 1, 0, 0, 1, -1]],
    ['SegmentSum', [4, 2, 0, 0, 2, -2]],
  ])('%s of known and of computed ones, some without rows', (op, wanted) => {
    expect(known(op)).toEqual(wanted);
    expect(open(op)).toEqual(wanted);
  });

  it.each([
    ['SparseSegmentSum', [8, -10, 0, 0, 6, 8]],
    ['SparseSegmentMean', [4, -5, 0, 0, 3, 4]],
    ['SparseSegmentSqrtN', [5.6569, -7.0711, 0, 0, 4.2426, 5.6569]],
  ])('%s of rows that indices choose', (op, wanted) => {
    const types = ['float32[None,2]', 'int32[None]', 'int32[None]'];
    const inputs = [data, i32([4], [3, 0, 1, 1]), ids];
    expect(result(types, `${op}($0, $1, $2)`, inputs)).toEqual(wanted);
    const counted = `${op}WithNumSegments($0, $1, $2, i32[]=4)`;
    expect(result(types, counted, inputs)).toEqual([...wanted, 0, 0]);
  });

  it('of the values of a sparse matrix are its product with a dense one', () => {
    const sparse = 'SparseTensorDenseMatMul(int64[4,2]=0 1 0 2 1 0 1 0, f32[4]=2 3 4 -1, int64[2]=2 3, $0)';
    expect(result(['float32[3,2]'], sparse, [f32([3, 2], [1, 2, 3, 4, 5, 6])])).toEqual([21, 26, 3, 6]);
    const turned = `${sparse} {"adjoint_a":true,"adjoint_b":true}`;
    expect(result(['float32[None,2]'], turned, [f32([2, 2], [1, 3, 2, 4])])).toEqual([9, 12, 2, 4, 3, 6]);
  });
});
