import { writeModel } from '../../src/formats/index.js';
import type { Graph } from '../../src/ir/graph.js';
import { parseGraphs } from '../../src/ir/parse.js';
import { findOp } from '../../src/ops/registry.js';

/** The bytes of a model whose main graph is the first of the text. */
export function modelBytes(text: string): Uint8Array {
  const graphs = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  const main = graphs[0] as Graph;
  const named = (values: Graph['inputs']) => values.map(({ name }, index) => ({ name, index }));
  const signature = { key: 'main', graph: 0, inputs: named(main.inputs), outputs: named(main.outputs) };
  return writeModel({ graphs, signatures: [signature], description: '', metadata: [] });
}
