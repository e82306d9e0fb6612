import { writeModel } from '../../src/formats/index.js';
import { Constant } from '../../src/ir/constant.js';
import type { Graph } from '../../src/ir/graph.js';
import { parseGraphs } from '../../src/ir/parse.js';
import { seededRandom } from '../../src/ir/seeded.js';
import { findOp } from '../../src/ops/registry.js';

/** The bytes of a model whose main graph is the first of the text. */
export function modelBytes(text: string, zeros = 0): Uint8Array {
  const graphs = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  if (zeros > 0) for (const graph of graphs) prune(graph, zeros);
  const main = graphs[0] as Graph;
  const named = (values: Graph['inputs']) => values.map(({ name }, index) => ({ name, index }));
  const signature = { key: 'main', graph: 0, inputs: named(main.inputs), outputs: named(main.outputs) };
  return writeModel({ graphs, signatures: [signature], description: '', metadata: [] });
}

/** Makes a share of the weights zero. */
function prune(graph: Graph, zeros: number): void {
  for (const value of new Set([...graph.nodes()].flatMap((node) => node.inputs))) {
    const weights = value?.constant;
    if (!value || !weights || !/^f(16|32)$/.test(weights.dtype) || weights.shape.length < 2) continue;
    const random = seededRandom(`zeros of ${value.name}`);
    const data = (weights.data() as Float32Array | Uint16Array).map((w) => (random() < zeros ? 0 : w));
    value.constant = Constant.of(weights.dtype, weights.shape, data);
  }
}
