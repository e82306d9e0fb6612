import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import type { DType, Tensor } from '../../../ir/tensor.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { readSavedModel } from '../read/saved-model.js';
import { fixtureTree, type Value } from '../read/testing.js';
import { lowerTensorFlow } from './lower.js';

function lowered(fixture: string): { graph: Graph; warnings: string[] } {
  const warnings: string[] = [];
  const { graphs } = lowerTensorFlow(readSavedModel(fixtureTree(fixture)), {
    onWarning: (text) => warnings.push(text),
  });
  return { graph: graphs[0] as Graph, warnings };
}

const fed = (dtype: DType, { shape, data }: Value): Tensor => {
  const numbers = data.map(Number);
  return { dtype, shape, data: dtype === 'bool' ? Uint8Array.from(numbers) : Float32Array.from(numbers) };
};

function run(graph: Graph, feeds: readonly Value[]): number[][] {
  const inputs = graph.inputs.map((value, i) => fed(value.dtype, feeds[i] as Value));
  return evaluateGraph(graph, inputs).map(({ data }) => Array.from(data as Float32Array));
}

const opsOf = (graph: Graph): string[] => [...graph.nodes()].map((n) => n.op);

describe('branches that are chosen when the model runs', () => {
  it('of TensorFlow 1, nested ones too, give the value of the side that the condition names', () => {
    const { graph, warnings } = lowered('tf1_branches');
    const results = (p: boolean, x: number[]) => {
      const feeds = { x: { shape: [2], data: x }, p: { shape: [], data: [p] } };
      return run(
        graph,
        graph.inputs.map((v) => feeds[v.name.replace(/:.*/, '') as 'x' | 'p']),
      );
    };
    expect(results(false, [1, 10])).toEqual([
      [5, 6],
      [2, 12],
    ]);
    expect(results(false, [0, 1])).toEqual([
      [5, 6],
      [0, 1],
    ]);
    expect(results(true, [1, 10])).toEqual([
      [7, 8],
      [1.5, 3],
    ]);
    expect(warnings[0]).toMatch(/both branches are computed/);
  });
});

describe('writes of variables', () => {
  it('that no output sees are left out', () => {
    expect(opsOf(lowered('branches').graph).filter((op) => /VAR|ASSIGN/.test(op))).toEqual([]);
  });

  it('that an output sees stay, behind a graph that fills the variables once', () => {
    const ops = opsOf(lowered('counter').graph);
    expect(ops[0]).toBe('CALL_ONCE');
    expect(ops.filter((op) => /VAR/.test(op))).toEqual([
      'VAR_HANDLE',
      'READ_VARIABLE',
      'READ_VARIABLE',
      'ASSIGN_VARIABLE',
      'READ_VARIABLE',
    ]);
  });
});
