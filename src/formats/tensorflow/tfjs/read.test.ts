import { describe, expect, it } from 'vitest';
import { encodeJsonFormat } from '../../../bytes/protobuf-json.js';
import { type ByteSource, bytesSource, memoryTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import { evaluateGraph } from '../../../ops/evaluate.js';
import { f32, i32 } from '../../../ops/testing.js';
import { messageTables } from '../../../schema/tensorflow.gen.js';
import { readModel } from '../../index.js';
import { enumNumber } from '../read/sniff.js';
import {
  constant,
  dims,
  float,
  floats,
  ints,
  modelFiles,
  modelTree,
  node,
  placeholder,
  strings,
  type TestWeight,
} from './testing.js';

/** What a model gives for one input. */
function run(tree: ReturnType<typeof modelTree>, input = f32([1, 2], [1, 2])): number[] {
  const [graph] = readModel(tree).graphs;
  if (!graph) throw new Error('no graph');
  return Array.from(evaluateGraph(graph, [input])[0]?.data as Float32Array);
}

const plus = (type = 'DT_FLOAT') => [
  placeholder('x', [1, 2]),
  constant('w', type),
  node('y', 'AddV2', ['x', 'w'], float),
];

describe('weights', () => {
  const cases: Record<string, [Omit<TestWeight, 'name' | 'shape'>, number[]]> = {
    'of float32': [{ dtype: 'float32', bytes: floats(10, 20) }, [11, 22]],
    'of half floats': [
      { dtype: 'float32', bytes: Uint8Array.of(0, 0x3c, 0, 0xc0), quantization: { dtype: 'float16' } },
      [2, 0],
    ],
    'of uint8': [
      { dtype: 'float32', bytes: Uint8Array.of(0, 255), quantization: { dtype: 'uint8', scale: 0.5, min: -100 } },
      [-99, 29.5],
    ],
    'of uint16': [
      { dtype: 'float32', bytes: Uint8Array.of(1, 1, 0, 2), quantization: { dtype: 'uint16', scale: 2, min: 1 } },
      [516, 1027],
    ],
  };
  for (const [name, [weight, expected]] of Object.entries(cases))
    it(`are read ${name}`, () =>
      expect(run(modelTree(plus(), [{ name: 'w', shape: [2], ...weight }]))).toEqual(expected));

  it('are read across the border of two shards', () => {
    const filler = { name: 'unused', shape: [1], dtype: 'bool', bytes: Uint8Array.of(1) };
    const weight = { name: 'w', shape: [2], dtype: 'float32', bytes: floats(10, 20) };
    expect(run(modelTree(plus(), [filler, weight], {}, 3))).toEqual([11, 22]);
  });

  it('of integers are rounded, and become again the 64-bit ones that the graph says', () => {
    const nodes = [
      placeholder('x', [1, 2], 'DT_INT64'),
      constant('w', 'DT_INT64'),
      node('y', 'AddV2', ['x', 'w'], { T: { type: 'DT_INT64' } }),
    ];
    const quantization = { dtype: 'uint8', scale: 0.3, min: 0 };
    const weight = { name: 'w', shape: [2], dtype: 'int32', bytes: Uint8Array.of(5, 9), quantization };
    const [graph] = readModel(modelTree(nodes, [weight])).graphs;
    const wide = { dtype: 'i64', shape: [1, 2], data: BigInt64Array.of(1n, 2n) } as const;
    expect(graph && evaluateGraph(graph, [wide])[0]?.data).toEqual(BigInt64Array.of(3n, 5n));
  });

  const broken: Record<string, [Partial<TestWeight>, RegExp]> = {
    'that end early': [{ shape: [3] }, /12 bytes at 0 expected, the shards end after 8/],
    'of unknown types': [{ dtype: 'float8' }, /type float8 cannot be handled/],
    'of a wrong shape': [{ shape: [-1] }, /a shape expected, \[-1\] found/],
    'of an unknown quantization': [{ quantization: { dtype: 'int3' } }, /quantization to int3/],
    'without a scale': [{ quantization: { dtype: 'uint8' } }, /numbers scale and min expected/],
  };
  for (const [name, [change, text]] of Object.entries(broken))
    it(`${name} are an error`, () => {
      const weight = { name: 'w', shape: [2], dtype: 'float32', bytes: floats(10, 20), ...change };
      expect(() => readModel(modelTree(plus(), [weight]))).toThrow(text);
    });

  it.each([
    ['as text', btoa(String.fromCharCode(...floats(10, 20)))],
    ['as a list of bytes', [...floats(10, 20)]],
    ['as an object of bytes', Object.fromEntries(floats(10, 20).entries())],
  ])('are read from the model.json itself, %s', (_, weightData) => {
    const weightSpecs = [{ name: 'w', shape: [2], dtype: 'float32' }];
    expect(run(modelTree(plus(), [], { weightsManifest: undefined, weightSpecs, weightData }))).toEqual([11, 22]);
  });

  it('are found beside the model where the folder in their path is gone', () => {
    const { 'model.json': json, ...shards } = modelFiles(plus(), [
      { name: 'w', shape: [2], dtype: 'float32', bytes: floats(10, 20) },
    ]);
    const moved = new TextDecoder().decode(json).replace('group1-', 'https://example.com/model/group1-');
    expect(run(memoryTree({ 'model.json': new TextEncoder().encode(moved), ...shards }))).toEqual([11, 22]);
  });

  it('in a file that is missing are an error that names it', () => {
    const files = modelFiles(plus(), [{ name: 'w', shape: [2], dtype: 'float32', bytes: floats(1, 2) }]);
    const { 'model.json': json } = files;
    expect(() => readModel(memoryTree({ 'model.json': json as Uint8Array }))).toThrow(
      /a file 'group1-shard1of1.bin' with weights expected, there is none/,
    );
  });
});

describe('fused operations', () => {
  const dense = (fused: readonly string[], args: readonly TestWeight[], more: object = {}) =>
    modelTree(
      [
        placeholder('x', [1, 2]),
        constant('k'),
        ...args.map((a) => constant(a.name)),
        node('y', '_FusedMatMul', ['x', 'k', ...args.map((a) => a.name)], {
          ...float,
          num_args: { i: String(args.length) },
          fused_ops: strings(...fused),
          ...more,
        }),
      ],
      [{ name: 'k', shape: [2, 2], dtype: 'float32', bytes: floats(1, 0, 0, 1) }, ...args],
    );
  const bias = { name: 'b', shape: [2], dtype: 'float32', bytes: floats(-3, 10) };
  const alpha = { name: 'a', shape: [2], dtype: 'float32', bytes: floats(0.5, 0.5) };
  // The input is [1, 2], the sum [-2, 12].
  const cases: Record<string, [string[], TestWeight[], number[], object?]> = {
    bias: [['BiasAdd'], [bias], [-2, 12]],
    relu: [['BiasAdd', 'Relu'], [bias], [0, 12]],
    relu6: [['biasadd', 'relu6'], [bias], [0, 6]],
    elu: [['BiasAdd', 'Elu'], [bias], [Math.fround(Math.exp(-2) - 1), 12]],
    'leaky relu': [['BiasAdd', 'LeakyRelu'], [bias], [-0.5, 12], { leakyrelu_alpha: { f: 0.25 } }],
    prelu: [
      ['BiasAdd', 'Prelu'],
      [bias, alpha],
      [-1, 12],
    ],
    sigmoid: [['BiasAdd', 'Sigmoid'], [bias], [1 / (1 + Math.exp(2)), 1 / (1 + Math.exp(-12))]],
  };
  for (const [name, [fused, args, expected, more]] of Object.entries(cases))
    it(`end in ${name}`, () => {
      for (const [i, y] of run(dense(fused, args, more)).entries()) expect(y).toBeCloseTo(expected[i] as number, 6);
    });

  it('that nobody knows are an error', () =>
    expect(() => readModel(dense(['BiasAdd', 'Swish'], [bias]))).toThrow(/has a fused Swish/));

  it('of TensorFlow.js alone are known, with their defaults', () => {
    const nodes = [
      placeholder('x', [1, 1, 2, 1]),
      constant('k'),
      constant('b'),
      node('y', 'FusedDepthwiseConv2dNative', ['x', 'k', 'b'], {
        fused_ops: strings('BiasAdd', 'Relu'),
        num_args: { i: '1' },
        strides: ints(1, 1, 1, 1),
        padding: { s: btoa('SAME') },
      }),
      constant('alpha'),
      node('z', 'Prelu', ['y', 'alpha']),
    ];
    const weight = (name: string, shape: number[], value: number) => ({
      name,
      shape,
      dtype: 'float32',
      bytes: floats(value),
    });
    const tree = modelTree(nodes, [weight('k', [1, 1, 1, 1], 3), weight('b', [1], -4), weight('alpha', [1, 1, 1], 2)]);
    expect(run(tree, f32([1, 1, 2, 1], [1, 2]))).toEqual([0, 2]);
  });
});

describe('the signature', () => {
  const nodes = [placeholder('a', [2]), placeholder('b', [2]), node('y', 'Sub', ['a', 'b'], float)];
  const info = (name: string) => ({ name, dtype: 'DT_FLOAT', tensorShape: dims(2) });
  const signature = { inputs: { first: info('a:0'), second: info('b:0') }, outputs: { result: info('y:0') } };
  const namesOf = (more: object) => {
    const [found] = readModel(modelTree(nodes, [], more)).signatures;
    return [found?.inputs.map((p) => p.name), found?.outputs.map((p) => p.name)];
  };

  it('is that of the file', () => expect(namesOf({ signature })).toEqual([['first', 'second'], ['result']]));
  it('may stand in the metadata', () =>
    expect(namesOf({ userDefinedMetadata: { signature } })).toEqual([['first', 'second'], ['result']]));
  it('may name outputs only, without their types', () =>
    expect(namesOf({ signature: { outputs: { result: { name: 'y' } } } })).toEqual([['a', 'b'], ['result']]));
  it('need not say shapes and types: the nodes know them', () => {
    const bare = (name: string) => ({ name });
    const ports = { inputs: { first: bare('a:0'), second: bare('b:0') }, outputs: { result: bare('y') } };
    const [graph] = readModel(modelTree(nodes, [], { signature: ports })).graphs;
    expect(graph?.inputs.map(({ dtype, shape }) => [dtype, shape])).toEqual([
      ['f32', [2]],
      ['f32', [2]],
    ]);
  });
  it('follows from the graph where there is none', () => expect(namesOf({})).toEqual([['a', 'b'], ['y']]));
});

describe('a model.json', () => {
  const file = (text: string) => memoryTree({ 'model.json': new TextEncoder().encode(text) });
  it.each([
    ['{', /model.json: JSON expected/],
    ['{"a": 1}', /a TensorFlow.js model with a modelTopology expected, other JSON found/],
    ['{"class_name": "Other", "config": {}}', /the configuration of a Keras model found. Put its weights/],
    ['{"format": "graph-model", "modelTopology": {"node": 3}}', /graphDef.node: a list expected, 3 found/],
    ['{"format": "layers-model", "modelTopology": {}}', /a model_config with a class_name expected/],
  ])('%s is an error', (text, message) => {
    expect(() => readModel(file(text))).toThrow(ModelError);
    expect(() => readModel(file(text))).toThrow(message);
  });

  it('holds functions for control flow', () => {
    const arg = (name: string) => ({ name, type: 'DT_INT32' });
    const branch = (name: string, op: string) => ({
      signature: { name, inputArg: [arg('v')], outputArg: [arg('r')] },
      nodeDef: [
        node('k', 'Const', [], constant('k', 'DT_INT32').attr),
        node('s', op, ['v', 'k:output:0'], { T: { type: 'DT_INT32' } }),
      ],
      ret: { r: 's:z:0' },
    });
    const nodes = [
      placeholder('x', [1], 'DT_INT32'),
      node('call', 'PartitionedCall', ['x'], {
        Tin: { list: { type: ['DT_INT32'] } },
        Tout: { list: { type: ['DT_INT32'] } },
        f: { func: { name: 'add' } },
      }),
    ];
    const weight = { name: 'add/k', shape: [], dtype: 'int32', bytes: Uint8Array.of(7, 0, 0, 0) };
    const modelTopology = { node: nodes, library: { function: [branch('add', 'AddV2')] } };
    const [graph] = readModel(modelTree(nodes, [weight], { modelTopology })).graphs;
    expect(graph && evaluateGraph(graph, [i32([1], [5])])[0]?.data).toEqual(Int32Array.of(12));
  });
});

describe('a layers model', () => {
  const layer = (class_name: string, config: object) => ({ class_name, config });
  const model_config = layer('Sequential', {
    name: 'sequential',
    layers: [
      layer('InputLayer', { name: 'x', batch_input_shape: [null, 2], dtype: 'float32' }),
      layer('Dense', { name: 'dense', units: 1, activation: 'relu', use_bias: true }),
    ],
  });
  const weights = [
    { name: 'dense/kernel', shape: [2, 1], dtype: 'float32', bytes: floats(3, 4) },
    { name: 'dense/bias', shape: [1], dtype: 'float32', bytes: floats(-1) },
  ];

  it('is the Keras model that it says', () => {
    const modelTopology = { keras_version: 'tfjs-layers 4.22.0', model_config };
    const tree = modelTree([], weights, { format: 'layers-model', modelTopology });
    expect(run(tree)).toEqual([10]);
    expect(readModel(tree).signatures[0]?.inputs[0]?.name).toBe('x');
  });
});

it('a graph beside a weights_manifest.json has its weights there, as before version 1 of the converter', () => {
  const weight = { name: 'w', shape: [2], dtype: 'float32', bytes: floats(10, 20) };
  const { 'model.json': json, ...shards } = modelFiles(plus(), [weight]);
  const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json));
  const files: Record<string, Uint8Array> = {
    ...shards,
    'weights_manifest.json': new TextEncoder().encode(JSON.stringify(weightsManifest)),
  };
  const bytes = encodeJsonFormat(messageTables, 'GraphDef', modelTopology, enumNumber, '');
  const source = (others: typeof files): ByteSource => ({
    ...bytesSource(bytes, 'tensorflowjs_model.pb'),
    beside: (name) => (others[name] ? bytesSource(others[name], name) : undefined),
  });
  const [graph] = readModel(source(files)).graphs;
  expect(graph && evaluateGraph(graph, [f32([1, 2], [1, 2])])[0]?.data).toEqual(Float32Array.of(11, 22));
  const { 'weights_manifest.json': manifest } = files;
  expect(() => readModel(source({ 'weights_manifest.json': manifest as Uint8Array }))).toThrow(/there is none/);
});
