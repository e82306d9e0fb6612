import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import type { DType, Tensor } from '../../../ir/tensor.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { readSavedModel } from '../read/saved-model.js';
import { fixtureTree, type Value } from '../read/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

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

describe('a condition of unknown rank', () => {
  it('is a scalar, so that the results of two choices in a row have known shapes', () => {
    const first = ['Switch($0, $1)', 'Neg(%0:0)', 'Merge(%1, %0:1)'];
    const steps = [...first, 'Switch(%2, $1)', 'Square(%3:0)', 'Merge(%4, %3:1) -> 1'];
    const graph = lowerTensorFlow(buildGraph(['float32[2]', 'bool[*]'], steps)).graphs[0] as Graph;
    expect(graph.outputs[0]?.shape).toEqual([2]);
    expect(
      run(graph, [
        { shape: [2], data: [-2, 3] },
        { shape: [], data: [false] },
      ])[0],
    ).toEqual([4, 9]);
  });
});

describe('one of several branches', () => {
  it('gives the value of the side of a number, the last one for all other numbers', () => {
    const steps = ['_SwitchN($0, $1) {"num_outs":3}', 'Neg(%0:0)', 'Abs(%0:1)', 'Square(%0:2)', 'Merge(%2, %1, %3)'];
    const graph = lowerTensorFlow(buildGraph(['float32[2]', 'int32[]'], [...steps, 'Mul(%4, f32[]=10)']))
      .graphs[0] as Graph;
    const result = (side: number): number[] => {
      const inputs = [{ dtype: 'f32', shape: [2], data: Float32Array.of(-2, 3) }, { dtype: 'i32', shape: [], data: Int32Array.of(side) }] as const; // biome-ignore format: short
      return Array.from(evaluateGraph(graph, inputs)[0]?.data as Float32Array);
    };
    expect([0, 1, 2, 7].map(result)).toEqual([
      [20, -30],
      [20, 30],
      [40, 90],
      [40, 90],
    ]);
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
