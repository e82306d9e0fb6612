import { describe, expect, it } from 'vitest';
import { flexBufferMap } from '../bytes/flexbuffer.js';
import { bytesSource } from '../bytes/source.js';
import { writeModel } from '../formats/index.js';
import { parseGraphs } from '../ir/parse.js';
import { seededData } from '../ir/seeded.js';
import { load } from '../node/runtime.js';
import { findOp } from '../ops/registry.js';

async function run(text: string, customOptions?: Uint8Array) {
  const graphs = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  const main = graphs[0]!;
  for (const node of main.nodes()) if (node.customCode && customOptions) Object.assign(node, { customOptions });
  const named = (values: typeof main.inputs) => values.map(({ name }, index) => ({ name, index }));
  const signature = { key: 'main', graph: 0, inputs: named(main.inputs), outputs: named(main.outputs) };
  const model = await load(bytesSource(writeModel({ graphs, signatures: [signature], description: '', metadata: [] })));
  const { shape } = model.signatures[0]!.inputs[0]!;
  const data = seededData(
    'f32',
    shape.reduce((n, d) => n * d, 1),
    'x',
  ) as Float32Array;
  return model.run({ x: { data, shape } });
}

const graph = (node: string, output: string) => `graph main(%x: f32[1,3,4,5]) {
  @shape = const i32[4] [${output}]
  @w = const f32[6,3,2,5]
  @b = const f32[6]
  %y = ${node} : f32[${output}]
  return %y
}`;

describe('custom operators that are builtin ones', () => {
  it('Convolution2DTransposeBias is a TRANSPOSE_CONV', async () => {
    const custom = graph('CUSTOM:Convolution2DTransposeBias(%x, @w, @b)', '1,6,8,6');
    const builtin = graph('TRANSPOSE_CONV(@shape, @w, %x, @b) {padding: SAME, strideW: 2, strideH: 2}', '1,6,8,6');
    const options = new Uint8Array(new Int32Array([1, 2, 2, 0, 0]).buffer);
    expect((await run(custom, options)).y!.data).toEqual((await run(builtin)).y!.data);
  });

  it('options that cannot be leave it a custom operator', async () => {
    const custom = graph('CUSTOM:Convolution2DTransposeBias(%x, @w, @b)', '1,6,8,6');
    await expect(run(custom, new Uint8Array(12))).rejects.toThrow('this custom operator has no kernel here');
  });
});

it('a custom operator with a kernel says the shapes of its results, which the file does not know', async () => {
  const text = `graph main(%x: f32[1,1,4]) {
  @scores = const f32[1,1,1] [0.5]
  @anchors = const f32[1,4] [0.5, 0.5, 1, 1]
  %boxes, %y, %s, %n = CUSTOM:TFLite_Detection_PostProcess(%x, @scores, @anchors) : f32[], f32[], f32[], f32[]
  return %boxes, %n
}`;
  const int = (value: number) => ({ kind: 'int', value }) as const;
  const options = { max_detections: int(2), max_classes_per_detection: int(1), num_classes: int(1) };
  const { boxes, n } = await run(text, flexBufferMap(options));
  expect([boxes?.shape, Array.from(n?.data as Float32Array)]).toEqual([[1, 2, 4], [1]]);
});

it('an operation of TensorFlow without a kernel is named, and so is the way out', async () => {
  const text = graph('CUSTOM:FlexCholesky(%x)', '1,3,4,5');
  await expect(run(text)).rejects.toThrow(
    /operation Cholesky has no kernel here; .* Convert the SavedModel or Keras file/s,
  );
});
