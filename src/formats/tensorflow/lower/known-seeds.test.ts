import { expect, it } from 'vitest';
import { Constant } from '../../../ir/constant.js';
import type { Graph } from '../../../ir/graph.js';
import { runnable } from '../../../node/runtime.js';
import type { TfGraph, TfModel, TfNode } from '../graph.js';
import { attrsOf } from '../read/attrs.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const node = (name: string, op: string, inputs: readonly TfNode[], more: Partial<TfNode> = {}): TfNode => ({
  name,
  op,
  inputs: inputs.map((n) => ({ node: n, index: 0 })),
  attrs: attrsOf(op, { dtype: { kind: 'type', value: 'f32' } }, undefined),
  outputTypes: ['f32'],
  ...more,
});
const words = (...numbers: number[]) => Constant.of('u32', [numbers.length], Uint32Array.from(numbers));

/** What Keras 3 makes of `keras.random.normal((3,), seed=SeedGenerator(…))`: the generator counts in a variable. */
function drawing(isCounted = true): TfModel {
  const model = buildGraph(['float32[3]'], ['Identity($0)']);
  const [graph] = model.graphs as [TfGraph];
  const place = graph.signature.inputs[0]!.ref.node;
  const handle = node('state', 'VarHandleOp', [], {
    attrs: attrsOf('VarHandleOp', { dtype: { kind: 'type', value: 'u32' } }, undefined),
    value: words(1, 2),
    outputTypes: ['resource'],
  });
  const read = isCounted
    ? node('read', 'ReadVariableOp', [handle], { outputTypes: ['u32'] })
    : node('seed', 'Const', [], { value: words(1, 2), outputTypes: ['u32'] });
  const assign = node('assign', 'AssignAddVariableOp', [handle, read], { outputTypes: [] });
  const one = node('one', 'Const', [], { value: Constant.of('u32', [], Uint32Array.of(1)), outputTypes: ['u32'] });
  const product = node('product', 'Mul', [read, one], { outputTypes: ['u32'] });
  const limit = node('limit', 'Const', [], { value: words(2 ** 31 - 1), outputTypes: ['u32'] });
  const seed = node('mod', 'FloorMod', [product, limit], { outputTypes: ['u32'] });
  const key = node('key', 'StatelessRandomGetKeyCounter', [seed], { outputTypes: ['u64', 'u64'] });
  const shape = node('shape', 'Const', [], { value: Constant.i32([3]), outputTypes: ['i32'] });
  const drawn = node('drawn', 'StatelessRandomNormalV2', [shape, key, key, shape]);
  const sum = node('sum', 'AddV2', [place, drawn]);
  const counting = isCounted ? [handle, read, assign] : [read];
  const nodes = [place, ...counting, one, product, limit, seed, key, shape, drawn, sum];
  const outputs = graph.signature.outputs.map((port) => ({ ...port, ref: { node: sum, index: 0 } }));
  return {
    ...model,
    graphs: [{ ...graph, nodes, effects: isCounted ? [assign] : [], signature: { ...graph.signature, outputs } }],
  };
}

it.each([true, false])('the seed is the first one of a variable, which goes, or a constant: %s', async (isCounted) => {
  const lowered = lowerTensorFlow(drawing(isCounted));
  expect([...(lowered.graphs[0] as Graph).nodes()].map((n) => n.op)).toEqual(['RANDOM_STANDARD_NORMAL', 'ADD']);
  const model = await runnable(lowered);
  const { data } = model.run([new Float32Array(3)]).output_0 ?? {};
  // tf.random.stateless_normal([3], seed=[1, 2])
  const wanted = [0.544110119342804, 0.20738030970096588, 0.0735643208026886];
  for (const [i, number] of wanted.entries()) expect(Number(data?.[i])).toBeCloseTo(number, 6);
});
