import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

describe('constant weights in front of samples that are columns', () => {
  const product = (attributes: string) => {
    const step = `MatMul(f32[2,2]=1 2 3 4, $0) ${attributes}`;
    return lowerTensorFlow(buildGraph(['float32[2,3]'], [step])).graphs[0] as Graph;
  };
  const resultOf = (graph: Graph) =>
    Array.from(evaluateGraph(graph, [f32([2, 3], [1, 0, 2, 0, 1, 3])])[0]?.data as Float32Array);

  it('are the weights of a dense layer, which the quantizer knows', () => {
    const graph = product('{}');
    expect([...graph.nodes()].map((n) => n.op)).toEqual(['TRANSPOSE', 'FULLY_CONNECTED', 'TRANSPOSE']);
    expect(resultOf(graph)).toEqual([1, 2, 8, 3, 4, 18]);
  });

  it('are transposed where the model says so', () => {
    expect(resultOf(product('{"transpose_a":true}'))).toEqual([1, 3, 11, 2, 4, 16]);
  });
});
