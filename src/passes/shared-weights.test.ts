import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { Graph, type Node, Value } from '../ir/graph.js';
import { addNode } from '../ops/build.js';
import { mergeCommonSubexpressions } from './merge-common-subexpressions.js';
import { recognizeFullyConnected } from './recognize-fully-connected.js';

/** Products of two inputs with one constant, each through a tensor of its own. */
function products(op: string, constant: Constant): Graph {
  const graph = new Graph('main');
  for (const name of ['x', 'y']) {
    const input = new Value(name, 'f32', [1, 40]);
    graph.inputs.push(input);
    const weights = Value.constant(`${name}/weights`, constant);
    const inputs = op === 'FULLY_CONNECTED' ? [input, weights, undefined] : [input, weights];
    graph.outputs.push(...addNode(graph, undefined, { op, name: `${name}/product`, inputs }));
  }
  return graph;
}

const weightsOf = (graph: Graph) => [...graph.nodes()].map((n) => n.inputs[1]);

describe('weights that nodes share', () => {
  const constant = Constant.of('f32', [40, 40], new Float32Array(1600).fill(0.5));

  it('are one tensor, however large', () => {
    const graph = products('FULLY_CONNECTED', constant);
    expect(new Set(weightsOf(graph)).size).toBe(2);
    expect(mergeCommonSubexpressions().run(graph)).toBe(1);
    expect(new Set(weightsOf(graph)).size).toBe(1);
    expect(mergeCommonSubexpressions().run(graph)).toBe(0);
  });

  it('are shared still when they have been transposed', () => {
    const graph = products('BATCH_MATMUL', constant);
    recognizeFullyConnected().run(graph);
    mergeCommonSubexpressions().run(graph);
    expect([...graph.nodes()].map((n) => n.op)).toEqual(['FULLY_CONNECTED', 'FULLY_CONNECTED']);
    expect(new Set(weightsOf(graph)).size).toBe(1);
  });

  it('are one tensor still when each node has changed them alike', () => {
    const graph = products('FULLY_CONNECTED', constant);
    for (const node of graph.nodes()) {
      const scaled = Constant.lazy('f32', [40, 40], () => new Float32Array(1600).fill(0.25));
      graph.setInput(node, 1, Value.constant('weights', scaled));
    }
    expect(mergeCommonSubexpressions().run(graph)).toBe(1);
    expect(new Set(weightsOf(graph)).size).toBe(1);
  });

  it('stay apart when they differ, or have other names', () => {
    const graph = products('FULLY_CONNECTED', constant);
    const [first, second] = [...graph.nodes()];
    const filled = (x: number) => Constant.of('f32', [40, 40], new Float32Array(1600).fill(x));
    graph.setInput(first as Node, 1, Value.constant('weights', filled(1)));
    graph.setInput(second as Node, 1, Value.constant('weights', filled(2)));
    expect(mergeCommonSubexpressions().run(graph)).toBe(0);
    graph.setInput(second as Node, 1, Value.constant('others', filled(1)));
    expect(mergeCommonSubexpressions().run(graph)).toBe(0);
  });
});
