import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../bytes/source.js';
import type { ReadGraphDefOptions, TfGraph, TfNode } from '../graph.js';
import { readGraphDef } from './graph-def.js';
import { sniffTensorFlow } from './sniff.js';
import { expectedRuns, fixtureSource, graphFile, messageBytes, runGraph } from './testing.js';

const T = 'attr { key: "T" value { type: DT_FLOAT } }';
const node = (name: string, op: string, inputs: string[] = [], attrs = T): string =>
  `node { name: "${name}" op: "${op}" ${inputs.map((i) => `input: "${i}"`).join(' ')} ${attrs} }`;
const placeholder = (name: string, type = 'DT_FLOAT'): string =>
  node(
    name,
    'Placeholder',
    [],
    `attr { key: "dtype" value { type: ${type} } } attr { key: "shape" value { shape { dim { size: 2 } } } }`,
  );
const scalar = (name: string, type: string, value: string, inputs: string[] = []): string =>
  node(
    name,
    'Const',
    inputs,
    `attr { key: "dtype" value { type: ${type} } } attr { key: "value" value { tensor { dtype: ${type} ${value} } } }`,
  );
const read = (text: string, options?: ReadGraphDefOptions): TfGraph =>
  readGraphDef(graphFile(text), options).graphs[0] as TfGraph;
const shape = (graph: TfGraph): string[] =>
  graph.nodes.map((n) => `${n.name}=${n.op}(${n.inputs.map((r) => `${r.node.name}:${r.index}`).join(',')})`);
const refusal = (code: string, message: string) =>
  expect.objectContaining({ name: 'ModelError', code, message: expect.stringContaining(message) });

describe('readGraphDef', () => {
  it.each(['frozen/graph.pb', 'frozen/graph.meta'])('computes from %s what TensorFlow computes', (path) => {
    const [run] = expectedRuns('frozen');
    const model = readGraphDef(fixtureSource(path), { inputs: ['image'], outputs: ['logits:0', 'hidden', 'halves:1'] });
    const outputs = runGraph(model.graphs[0] as TfGraph, run?.inputs ?? {});
    const { logits, ...others } = run?.outputs ?? {};
    expect(outputs).toEqual({ 'logits:0': logits, ...others });
  });

  it('decodes of nodes that the outputs do not need the name and the operation alone', () => {
    const text = placeholder('x') + node('y', 'Relu', ['x']) + node('save', 'SaveV2', ['x']);
    const bytes = messageBytes('GraphDef', text);
    const attribute = bytes.length - 5; // in the last node: the value of its attribute, `2 bytes: type 1`
    expect([...bytes.subarray(attribute)].slice(1)).toEqual([0x12, 2, 0x30, 1]);
    bytes[attribute + 2] = 99;
    const source = bytesSource(bytes, 'graph.pb');
    expect(shape(readGraphDef(source, { outputs: ['y'] }).graphs[0] as TfGraph)).toEqual([
      'x=Placeholder()',
      'y=Relu(x:0)',
    ]);
    expect(() => readGraphDef(source, { outputs: ['save'] })).toThrow(refusal('malformed-file', 'NodeDef message'));
  });

  it('knows that an image that the graph decoded has three axes', () => {
    const channels = 'attr { key: "channels" value { i: 3 } }';
    const text = placeholder('file') + node('decode', 'DecodeJpeg', ['file'], channels) + node('y', 'Relu', ['decode']);
    expect(read(text, { inputs: ['decode'] }).signature.inputs).toMatchObject([
      { name: 'decode', dtype: 'u8', shape: [-1, -1, 3] },
    ]);
  });

  it('knows how many samples the sound that the graph decoded has, and that its rate is a number', () => {
    const sizes = 'attr { key: "desired_samples" value { i: 16000 } } attr { key: "desired_channels" value { i: 1 } }';
    const text =
      placeholder('file') + node('decode', 'DecodeWav', ['file'], sizes) + node('y', 'Mfcc', ['decode', 'decode:1']);
    expect(read(text, { inputs: ['decode', 'decode:1'] }).signature.inputs).toMatchObject([
      { name: 'decode', dtype: 'f32', shape: [16000, 1] },
      { name: 'decode:1', dtype: 'i32', shape: [] },
    ]);
  });

  it('takes the sides of a condition for no outputs', () => {
    const bool = 'attr { key: "T" value { type: DT_BOOL } }';
    const graph = read(
      placeholder('x') +
        placeholder('p', 'DT_BOOL') +
        node('cond/Switch', 'Switch', ['p', 'p'], bool) +
        node('cond/switch_t', 'Identity', ['cond/Switch:1'], bool) +
        node('cond/switch_f', 'Identity', ['cond/Switch'], bool) +
        node('y', 'Relu', ['x']),
    );
    expect(graph.signature.outputs.map((port) => port.name)).toEqual(['y']);
  });

  it('takes the placeholders for inputs and what nothing reads for outputs', () => {
    const [graph] = readGraphDef(fixtureSource('frozen/graph.pb')).graphs as [TfGraph];
    expect(graph.signature.inputs).toMatchObject([
      { name: 'image', tensorName: 'image:0', dtype: 'f32', shape: [-1, 2] },
    ]);
    expect(graph.signature.outputs).toMatchObject([
      { name: 'scores', tensorName: 'scores:0', ref: { node: { name: 'logits' } } },
    ]);
    expect(readGraphDef(fixtureSource('frozen/graph.meta')).producer).toBe('2.21.0');
  });

  it.each([
    ['all outputs of the last node', 'TopKV2', ['x', 'k'], ['y', 'y:1']],
    ['only the first one of what the others serve for training', 'FusedBatchNorm', Array(5).fill('x'), ['y']],
  ])('takes %s for outputs', (_, op, inputs: string[], outputs) => {
    const graph = read(placeholder('x') + scalar('k', 'DT_INT32', 'int_val: 1') + node('y', op, inputs));
    expect(graph.signature.outputs.map((port) => port.name)).toEqual(outputs);
  });

  it('cuts the graph at an inner input', () => {
    const [graph] = readGraphDef(fixtureSource('frozen/graph.pb'), {
      inputs: ['halves:1', 'halves'],
      outputs: ['concat'],
    }).graphs as [TfGraph];
    expect(shape(graph).filter((n) => !n.includes('Const'))).toEqual([
      'halves=Placeholder()',
      'halves_1=Placeholder()',
      'concat=ConcatV2(halves:0,halves_1:0,concat/axis:0)',
    ]);
    expect(graph.signature.inputs.map((p) => p.name)).toEqual(['halves:1', 'halves']);
  });

  it('raises the loops of TensorFlow 1 to loops over functions', () => {
    const [graph] = readGraphDef(fixtureSource('frozen/loop.pb')).graphs as [TfGraph];
    const loop = graph.nodes.find((n) => n.op === 'While') as TfNode;
    const body = graph.library.get(loop.attrs.func('body'));
    expect(loop.inputs.map((r) => r.node.op)).toEqual(['Const', 'Const', 'Placeholder']);
    expect(body?.results.map((r) => r.node.op).sort()).toEqual(['AddV2', 'Mul', 'Placeholder']);
    expect(graph.signature.outputs.map((p) => p.name)).toEqual(['total']);
  });

  it('keeps operations it does not know', () => {
    const graph = read(
      placeholder('x') +
        node('y', 'TheirOp', ['x'], 'attr { key: "size" value { i: 3 } }') +
        node('z', 'Relu', ['y:2']),
    );
    expect(shape(graph)).toEqual(['x=Placeholder()', 'y=TheirOp(x:0)', 'z=Relu(y:2)']);
    expect(graph.nodes[1]?.outputTypes).toBeUndefined();
    expect(graph.nodes[1]?.attrs.int('size')).toBe(3);
  });

  it('drops identities, checks and control edges', () => {
    const graph = read(
      placeholder('x') +
        node('id', 'Identity', ['x', '^check']) +
        node('check', 'Assert', ['ok', 'x'], 'attr { key: "T" value { list { type: DT_FLOAT } } }') +
        scalar('ok', 'DT_BOOL', 'bool_val: true') +
        node('stop', 'StopGradient', ['id']) +
        node('shaped', 'EnsureShape', ['relu'], `${T} attr { key: "shape" value { shape { dim { size: 2 } } } }`) +
        node('relu', 'Relu', ['stop', '^id']) +
        node('y', 'Abs', ['shaped']),
    );
    expect(shape(graph)).toEqual(['x=Placeholder()', 'relu=Relu(x:0)', 'y=Abs(relu:0)']);
    expect(graph.nodes[1]?.outputShapes).toEqual([[2]]);
  });

  it('follows the live branch of a constant condition, and the constants that hang on it', () => {
    const graph = (training: string) =>
      read(
        placeholder('x') +
          scalar('training', 'DT_BOOL', `bool_val: ${training}`) +
          node('switch', 'Switch', ['training', 'training'], 'attr { key: "T" value { type: DT_BOOL } }') +
          node('switch_t', 'Identity', ['switch:1'], 'attr { key: "T" value { type: DT_BOOL } }') +
          node('switch_f', 'Identity', ['switch'], 'attr { key: "T" value { type: DT_BOOL } }') +
          scalar('two', 'DT_FLOAT', 'float_val: 2', ['^switch_t']) +
          scalar('three', 'DT_FLOAT', 'float_val: 3', ['^switch_f']) +
          node('data', 'Switch', ['x', 'training']) +
          node('then', 'Mul', ['data:1', 'two']) +
          node('else', 'Sub', ['data', 'three']) +
          node('y', 'Merge', ['else', 'then'], `${T} attr { key: "N" value { i: 2 } }`),
        { outputs: ['y', 'y:1'] },
      );
    expect(shape(graph('true'))).toContain('then=Mul(x:0,two:0)');
    expect(shape(graph('false'))).toContain('else=Sub(x:0,three:0)');
    expect(graph('true').signature.outputs[1]?.ref.node.value?.numbers()).toEqual([1]);
    expect(graph('false').nodes.some((n) => /Merge|Switch|Mul/.test(n.op))).toBe(false);
  });

  it('keeps branches of a condition that is an input', () => {
    const graph = read(
      placeholder('x') +
        placeholder('flag', 'DT_BOOL') +
        node('switch', 'Switch', ['x', 'flag']) +
        node('then', 'Abs', ['switch:1']) +
        node('y', 'Merge', ['switch', 'then'], `${T} attr { key: "N" value { i: 2 } }`),
    );
    expect(graph.nodes.map((n) => n.op)).toEqual(['Placeholder', 'Placeholder', 'Switch', 'Abs', 'Merge']);
  });

  const call = (f: string, input: string): string => `node { name: "call" op: "PartitionedCall" input: "${input}"
    attr { key: "f" value { func { name: "${f}" } } } attr { key: "Tin" value { list { type: DT_FLOAT } } }
    attr { key: "Tout" value { list { type: DT_FLOAT } } } }`;
  const functionOf = (name: string, body: string, ret: string): string => `function { signature { name: "${name}"
    input_arg { name: "a" type: DT_FLOAT } output_arg { name: "r" type: DT_FLOAT } } ${body.replaceAll('node {', 'node_def {')}
    ret { key: "r" value: "${ret}" } }`;

  it('inlines calls, also by the name of the function, and prefixes names', () => {
    const graph = read(
      placeholder('x') +
        node('layer/PartitionedCall', 'f', ['x']) +
        node('y', 'f', ['layer/PartitionedCall'], '') +
        `library { ${functionOf('f', node('inner', 'Abs', ['a']) + call('g', 'inner:y:0'), 'call:output:0')}
                   ${functionOf('g', node('part', 'Split', ['axis:output:0', 'a'], `${T} attr { key: "num_split" value { i: 2 } }`) + scalar('axis', 'DT_INT32', 'int_val: 0'), 'part:output:1')} }`,
    );
    expect(shape(graph).filter((n) => !n.includes('Const'))).toEqual([
      'x=Placeholder()',
      'layer/inner=Abs(x:0)',
      'layer/call/part=Split(layer/call/axis:0,layer/inner:0)',
      'y/inner=Abs(layer/call/part:1)',
      'y/call/part=Split(y/call/axis:0,y/inner:0)',
    ]);
  });

  it('refuses functions that call themselves or one another', () => {
    const loop = `library { ${functionOf('f', call('g', 'a'), 'call:output:0')} ${functionOf('g', call('f', 'a'), 'call:output:0')} }`;
    expect(() => read(placeholder('x') + node('y', 'f', ['x']) + loop)).toThrowError(
      refusal('unsupported', "function 'f' calls itself"),
    );
  });

  it('refuses functions that unfold without measure', () => {
    const many = Array.from({ length: 40 }, (_, i) => {
      const twice = node('p', `f${i + 1}`, ['a'], '') + node('q', `f${i + 1}`, ['p:r:0'], '');
      return functionOf(`f${i}`, twice, 'q:r:0');
    }).join('\n');
    const text = `${placeholder('x')}${node('y', 'f0', ['x'], '')} library { ${many} ${functionOf('f40', node('z', 'Abs', ['a']), 'z:y:0')} }`;
    expect(() => read(text)).toThrowError(
      refusal('unsupported', 'more than 500000 operations once functions are inlined'),
    );
  });

  it.each([
    [
      node('y', 'Relu', ['y']),
      { outputs: ['y'] },
      'invalid-graph',
      "Relu 'y' in graph.pb: the node needs its own result",
    ],
    [node('y', 'Relu', ['nothing']), { outputs: ['y'] }, 'invalid-graph', "an input 'nothing' expected"],
    [placeholder('x') + node('y', 'Relu', ['x:3']), {}, 'invalid-graph', "Placeholder 'x': no output 3"],
    [placeholder('x') + placeholder('x'), {}, 'malformed-file', "two are called 'x'"],
    [placeholder('x'), { outputs: ['z'] }, 'not-found', "there is no 'z'. Its placeholders: x."],
    [placeholder('x'), {}, 'invalid-option', 'the outputs cannot be told: 0 nodes'],
    [placeholder('x') + node('y', 'Relu', ['x']), { outputs: ['y:4'] }, 'not-found', 'an output 4 expected'],
    [
      placeholder('x') + node('y', 'Relu', ['x']),
      { inputs: [], outputs: ['y'] },
      'invalid-graph',
      'it is not an input. Name it as one',
    ],
    [
      node(
        'v',
        'VarHandleOp',
        [],
        'attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape {} } }',
      ) + node('y', 'ReadVariableOp', ['v'], 'attr { key: "dtype" value { type: DT_FLOAT } }'),
      {},
      'not-found',
      "variable 'v': the variable has no value in a checkpoint. This file holds no weights: freeze the graph",
    ],
    [placeholder('x') + node('y', 'PartitionedCall', ['x'], ''), { outputs: ['y'] }, 'not-found', ''],
    [
      placeholder('x') +
        node(
          'y',
          'PartitionedCall',
          ['x'],
          'attr { key: "f" value { func { name: "f" } } } attr { key: "Tout" value { list { type: DT_FLOAT } } }',
        ),
      { outputs: ['y'] },
      'invalid-graph',
      "a function 'f' expected, the file has none",
    ],
  ])('refuses %s', (text, options: ReadGraphDefOptions, code, message) => {
    expect(() => read(text, options)).toThrowError(refusal(code, message));
  });

  it('takes Keras for inference, and defaults for what is not fed', () => {
    const graph = read(
      placeholder('x') +
        node('keras_learning_phase', 'Placeholder', [], 'attr { key: "dtype" value { type: DT_BOOL } }') +
        node('rate', 'PlaceholderWithDefault', ['half'], 'attr { key: "dtype" value { type: DT_FLOAT } }') +
        scalar('half', 'DT_FLOAT', 'float_val: 0.5') +
        node('data', 'Switch', ['x', 'keras_learning_phase']) +
        node('drop', 'Mul', ['data:1', 'rate']) +
        node('keep', 'Sub', ['data', 'rate']) +
        node('y', 'Merge', ['keep', 'drop'], `${T} attr { key: "N" value { i: 2 } }`),
    );
    expect(shape(graph)).toEqual(['x=Placeholder()', 'half=Const()', 'keep=Sub(x:0,half:0)']);
  });

  it('makes resource variables of reference variables that are written', () => {
    const graph = read(
      placeholder('x') +
        node(
          'v',
          'VariableV2',
          [],
          'attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape { dim { size: 2 } } } }',
        ) +
        node('v/read', 'Identity', ['v']) +
        node('add', 'AssignAdd', ['v', 'x', '^before']) +
        node('before', 'Abs', ['v/read']) +
        node('y', 'Sub', ['add', 'before']),
    );
    expect(graph.nodes.map((n) => n.op)).toEqual([
      'Placeholder',
      'VarHandleOp',
      'ReadVariableOp',
      'Abs',
      'AssignAddVariableOp',
      'ReadVariableOp',
      'Sub',
    ]);
    expect(graph.effects.map((n) => n.op)).toEqual(['AssignAddVariableOp']);
    expect(graph.effects[0]?.attrs.type('dtype')).toBe('f32');
  });
});

describe('sniffTensorFlow', () => {
  const sniff = (bytes: Uint8Array) => sniffTensorFlow(bytesSource(bytes));

  it('tells the kinds of files apart', () => {
    expect(sniffTensorFlow(fixtureSource('nested/saved_model.pb'))).toBe('saved-model');
    expect(sniffTensorFlow(fixtureSource('tf1_reference/saved_model.pb'))).toBe('saved-model');
    expect(sniffTensorFlow(fixtureSource('frozen/graph.pb'))).toBe('graph-def');
    expect(sniffTensorFlow(fixtureSource('frozen/graph.meta'))).toBe('meta-graph');
    expect(sniffTensorFlow(fixtureSource('checkpoint/model.index'))).toBeUndefined();
    expect(sniff(new Uint8Array(0))).toBeUndefined();
    expect(sniff(new TextEncoder().encode('{"format": "layers-model"}'))).toBeUndefined();
    expect(sniff(new TextEncoder().encode('# a graph\nnode {\n name: "x" }'))).toBe('graph-def');
    expect(sniff(Uint8Array.of(0x1c, 0, 0, 0, 0x54, 0x46, 0x4c, 0x33))).toBeUndefined();
  });

  it('refuses a SavedModel file where a graph is wanted', () => {
    expect(() => readGraphDef(fixtureSource('nested/saved_model.pb'))).toThrow('Give the folder it is in');
  });
});
