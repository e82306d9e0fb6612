import { expect, it } from 'vitest';
import type { Graph } from '../../../ir/graph.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32 } from '../../../ops/testing.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

it('constant weights that are the first operand of a sum of products are those of a dense layer', () => {
  const step = 'Einsum(f32[2,2]=1 2 3 4, $0) {"equation":"ij,bjk->bik"}';
  const graph = lowerTensorFlow(buildGraph(['float32[None,2,3]'], [step])).graphs[0] as Graph;
  expect([...graph.nodes()].map((n) => n.op)).toEqual(['TRANSPOSE', 'FULLY_CONNECTED', 'TRANSPOSE']);
  const [y] = evaluateGraph(graph, [f32([1, 2, 3], [1, 0, 2, 0, 1, 3])]);
  expect(Array.from(y?.data as Float32Array)).toEqual([1, 2, 8, 3, 4, 18]);
});
