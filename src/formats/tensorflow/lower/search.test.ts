import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import type { Tensor } from '../../../ir/tensor.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32, i32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

function results(types: readonly string[], step: string, ...inputs: readonly Tensor[]): number[][] {
  const graph = lowerTensorFlow(buildGraph(types, [step])).graphs[0] as Graph;
  return evaluateGraph(graph, inputs).map((t) => Array.from(t?.data as Float32Array));
}

describe('searching and counting', () => {
  it('finds where values belong among sorted ones', () => {
    const types = ['float32[1,3]', 'float32[1,4]'];
    const of = [f32([1, 3], [1, 2, 2]), f32([1, 4], [0, 1, 2, 3])];
    expect(results(types, 'LowerBound($0, $1)', ...of)).toEqual([[0, 0, 1, 3]]);
    expect(results(types, 'UpperBound($0, $1)', ...of)).toEqual([[0, 1, 3, 3]]);
  });

  it('tells whether a target is among the k best, equal ones included', () => {
    const of = [f32([3, 3], [1, 3, 2, 1, 1, 0, 5, 6, 7]), i32([3], [2, 1, 0])];
    expect(results(['float32[3,3]', 'int32[3]'], 'InTopKV2($0, $1, i32[]=2)', ...of)).toEqual([[1, 1, 0]]);
  });

  it('counts values in the parts of a range', () => {
    const step = 'HistogramFixedWidth($0, f32[2]=0 10, i32[]=5)';
    expect(results(['float32[6]'], step, f32([6], [-1, 0, 5, 5.5, 9, 20]))).toEqual([[2, 0, 2, 0, 2]]);
  });

  it('counts the different values of a vector', () => {
    const of = i32([5], [7, 3, 7, 7, 1]);
    const expected = [
      [7, 3, 1],
      [0, 1, 0, 0, 2],
      [3, 1, 1],
    ];
    expect(results(['int32[5]'], 'UniqueWithCounts($0)', of)).toEqual(expected);
    expect(results(['int32[None]'], 'UniqueWithCountsV2($0, i32[1]=0)', of)).toEqual(expected);
    expect(() => results(['int32[2,2]'], 'UniqueV2($0, i32[1]=0)')).toThrow('looks for different parts of 2 axes');
  });

  it('finds what another vector does not have', () => {
    expect(results(['int32[5]', 'int32[2]'], 'ListDiff($0, $1)', i32([5], [7, 3, 7, 2, 1]), i32([2], [7, 1]))).toEqual([
      [3, 2],
      [1, 3],
    ]);
  });
});

describe('rows of different lengths', () => {
  const kinds = (...names: string[]): string => `{"row_partition_types":${JSON.stringify(names)}}`;
  const values = f32([4], [1, 2, 3, 4]);
  const filled = [1, 2, -1, -1, -1, -1, 3, 4, -1];

  it('are filled up, by where they begin', () => {
    const step = `RaggedTensorToTensor(i32[2]=-1 -1, $0, f32[]=-1, $1) ${kinds('ROW_SPLITS')}`;
    const splits = i32([4], [0, 2, 2, 4]);
    expect(results(['float32[None]', 'int32[None]'], step, values, splits)).toEqual([[1, 2, -1, -1, 3, 4]]);
    expect(results(['float32[4]', 'int32[4]'], step.replace('-1 -1', '-1 3'), values, splits)).toEqual([filled]);
  });

  it('are filled up, by the row of each value', () => {
    const step = `RaggedTensorToTensor(i32[2]=-1 3, $0, f32[]=-1, i32[]=3, $1) ${kinds('FIRST_DIM_SIZE', 'VALUE_ROWIDS')}`;
    expect(results(['float32[None]', 'int32[None]'], step, values, i32([4], [0, 0, 2, 2]))).toEqual([filled]);
  });

  it.each([
    ['where they begin', 'i32[3]=0 2 3, i32[4]=0 2 2 4', ['ROW_SPLITS', 'ROW_SPLITS']],
    ['the row of each', 'i32[]=2, i32[3]=0 0 1, i32[4]=0 0 2 2', ['FIRST_DIM_SIZE', 'VALUE_ROWIDS', 'VALUE_ROWIDS']],
  ])('within rows are filled up, by %s', (_, partitions, names) => {
    const step = `RaggedTensorToTensor(i32[3]=-1 -1 -1, $0, f32[]=0, ${partitions}) ${kinds(...names)}`;
    expect(results(['float32[None]'], step, values)).toEqual([[1, 2, 0, 0, 3, 4, 0, 0]]);
  });

  it('are ranges of numbers, up and down, each as long as its limit says', () => {
    const up = results(['int32[None]'], 'RaggedRange($0, i32[]=5, i32[]=2)', i32([3], [0, 5, 2]));
    expect(up.map((list) => list.map(Number))).toEqual([
      [0, 3, 3, 5],
      [0, 2, 4, 2, 4],
    ]);
    const down = results(['float32[None]'], 'RaggedRange($0, f32[]=0, f32[]=-0.75)', f32([2], [1, -1]));
    expect(down.map((list) => list.map(Number))).toEqual([
      [0, 2, 2],
      [1, 0.25],
    ]);
  });

  it('are chosen with all that is in them', () => {
    const more = '{"OUTPUT_RAGGED_RANK": 2, "PARAMS_RAGGED_RANK": 2}';
    const step = `RaggedGather(i32[3]=0 2 3, $1, $0, i32[3]=1 0 1) ${more}`;
    const inputs = ['float32[None]', 'int32[None]'];
    expect(results(inputs, step, values, i32([4], [0, 2, 2, 4]))).toEqual([
      [0, 1, 3, 4],
      [0, 2, 4, 4, 6],
      [3, 4, 1, 2, 3, 4],
    ]);
  });
});
