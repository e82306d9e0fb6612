import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { originOf } from '../../../bytes/protobuf.js';
import { memoryTree } from '../../../bytes/source.js';
import type { TfGraph, TfNode } from '../graph.js';
import { decode } from './protos.js';
import { readSavedModel } from './saved-model.js';
import { type ExpectedRun, expectedRuns, fixtureFiles, fixtureTree, messageBytes, runGraph } from './testing.js';

const opsOf = (graph: TfGraph): string[] => [...new Set(graph.nodes.map((n) => n.op))].sort();
const named = (graph: TfGraph, name: string): TfNode | undefined => graph.nodes.find((n) => n.name === name);

const fixtures = [
  'nested',
  'control',
  'counter',
  'words',
  'rows',
  'keras3',
  'tf1_reference',
  'tf1_partitioned',
  'tf1_learning_phase',
  'tf1_branches',
];
const runs = fixtures.flatMap((name) =>
  expectedRuns(name).map((run): [string, string, ExpectedRun] => [name, run.signature, run]),
);

/** A message without one of its fields. */
function withoutField(message: Uint8Array, dropped: number): Uint8Array {
  const reader = new BinaryReader(message);
  const writer = new BinaryWriter();
  while (reader.pos < message.length) {
    const start = reader.pos;
    const [field, wire] = reader.tag();
    reader.skip(wire, field);
    if (field !== dropped) writer.raw(message.subarray(start, reader.pos));
  }
  return writer.finish();
}

describe('readSavedModel', () => {
  it.each(runs)('gives a graph of %s (%s) that computes what TensorFlow computes', (name, key, run) => {
    const [graph] = readSavedModel(fixtureTree(name), { signatures: [key] }).graphs as [TfGraph];
    const outputs = runGraph(graph, run.inputs);
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(run.outputs).sort());
    for (const [port, expected] of Object.entries(run.outputs)) {
      expect(outputs[port]?.shape).toEqual(expected.shape);
      // Sums in another order than TensorFlow's: a few units in the last place of 32-bit floats.
      expected.data.forEach((v, i) => {
        const actual = outputs[port]?.data[i];
        if (typeof v === 'number')
          expect(Math.abs((actual as number) - v)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(v)));
        else expect(actual).toBe(v);
      });
    }
  });

  it('leaves no calls, variables, identities or checks behind', () => {
    const [graph] = readSavedModel(fixtureTree('nested')).graphs as [TfGraph];
    expect(opsOf(graph)).toEqual(['BiasAdd', 'Const', 'MatMul', 'Mul', 'Placeholder', 'Relu', 'Sub']);
    expect(named(graph, 'kernel')?.value?.numbers()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(graph.nodes.map((n) => n.name)).size).toBe(graph.nodes.length);
    expect(named(graph, 'head/sub')?.op).toBe('Sub');
  });

  it('puts inputs in the order of the arguments and outputs in the order of names', () => {
    const model = readSavedModel(fixtureTree('nested'), { signatures: 'all' });
    expect(model.signatureKeys).toEqual(['serving_default', 'single']);
    const [{ signature }] = model.graphs as [TfGraph];
    expect(signature.inputs.map((p) => [p.name, p.tensorName])).toEqual([
      ['zz', 'serving_default_zz:0'],
      ['aa', 'serving_default_aa:0'],
    ]);
    expect(signature.outputs.map((p) => p.name)).toEqual(['sum', 'twice']);
    expect(signature.inputs[0]).toMatchObject({ dtype: 'f32', shape: [-1, 2] });
    expect(model).toMatchObject({ kind: 'saved-model', producer: '2.21.0', tags: ['serve'] });
  });

  it('fills in the attributes that SavedModels leave out', () => {
    const [graph] = readSavedModel(fixtureTree('nested')).graphs as [TfGraph];
    const matMul = graph.nodes.find((n) => n.op === 'MatMul');
    expect(matMul?.attrs.names).not.toContain('grad_a');
    expect(matMul?.attrs.bool('transpose_a')).toBe(false);
    expect(matMul?.attrs.type('T')).toBe('f32');
    expect(() => matMul?.attrs.int('T')).toThrow(/MatMul '.*': attribute 'T' of kind int expected, it is of kind type/);
    expect(() => matMul?.attrs.int('nothing')).toThrow("attribute 'nothing' of kind int expected, it is missing");
  });

  it('chooses the branch of a condition that is a frozen variable', () => {
    const [graph] = readSavedModel(fixtureTree('control'), { signatures: ['constant'] }).graphs as [TfGraph];
    expect(opsOf(graph)).toEqual(['Const', 'Mul', 'Placeholder']);
  });

  it('takes constants and frozen variables into the functions of loops and branches', () => {
    const [graph] = readSavedModel(fixtureTree('control'), { signatures: ['loop'] }).graphs as [TfGraph];
    const loop = graph.nodes.find((n) => n.op === 'While') as TfNode;
    const body = graph.library.get(loop.attrs.func('body'));
    expect(loop.attrs.types('T').length).toBe(loop.inputs.length);
    expect(body?.args.length).toBe(loop.inputs.length);
    expect(body?.results.length).toBe(loop.inputs.length);
    expect(loop.inputs.some((ref) => ref.node.op === 'VarHandleOp')).toBe(false);
    const functions = [...graph.library.values()];
    expect(functions.flatMap((f) => f.nodes).some((n) => n.name === 'step' && n.op === 'Const')).toBe(true);
    for (const f of functions) for (const n of f.nodes) for (const r of n.inputs) expect(f.nodes).toContain(r.node);
  });

  it('makes gathers of constants from gathers of variables', () => {
    const [graph] = readSavedModel(fixtureTree('rows')).graphs as [TfGraph];
    const gather = graph.nodes.find((n) => n.op === 'GatherV2');
    expect(gather?.inputs[0]?.node).toMatchObject({ op: 'Const', name: 'table' });
    expect(gather?.attrs.int('batch_dims')).toBe(0);
    expect(graph.nodes.some((n) => n.op === 'GatherNd')).toBe(true);
    expect(opsOf(graph).some((op) => /Variable|VarHandle/.test(op))).toBe(false);
  });

  it('ties the constants of a branch of TensorFlow 1 to its condition', () => {
    const [graph] = readSavedModel(fixtureTree('tf1_branches')).graphs as [TfGraph];
    for (const merge of graph.nodes.filter((n) => n.op === 'Merge'))
      for (const { node, index } of merge.inputs) if (node.op === 'Switch') expect([0, 1]).toContain(index);
    expect(
      graph.nodes
        .filter((n) => n.op === 'Merge')
        .flatMap((n) => n.inputs)
        .some((r) => r.node.op === 'Const'),
    ).toBe(false);
  });

  it('keeps variables that the signature writes', () => {
    const [graph] = readSavedModel(fixtureTree('counter')).graphs as [TfGraph];
    expect(opsOf(graph)).toEqual([
      'AssignAddVariableOp',
      'Const',
      'Mul',
      'Placeholder',
      'ReadVariableOp',
      'VarHandleOp',
    ]);
    expect(graph.effects.map((n) => n.op)).toEqual(['AssignAddVariableOp']);
    expect(named(graph, 'count')?.value?.numbers()).toEqual([1, 2]);
    const order = graph.nodes.map((n) => n.op).filter((op) => /Variable/.test(op));
    expect(order).toEqual(['ReadVariableOp', 'AssignAddVariableOp', 'ReadVariableOp']);
  });

  it('gives assets as paths, and opens them', () => {
    const model = readSavedModel(fixtureTree('words'));
    const [graph] = model.graphs as [TfGraph];
    const paths = graph.initializer.filter((n) => n.value?.dtype === 'string' && n.value.shape.length === 0);
    const path = new TextDecoder().decode(paths[0]?.value?.data()[0] as Uint8Array);
    expect(path).toBe('assets/vocabulary.txt');
    expect(new TextDecoder().decode(model.openAsset(path)?.read(0, 13))).toBe('zero\none\ntwo\n');
    const fills = graph.initializer.filter((n) => /Import|Initialize/.test(n.op));
    expect(fills.map((n) => graph.nodes.includes(n.inputs[0]?.node as TfNode))).toEqual([true, true]);
  });

  it('replaces the shapes of inputs, and forgets shapes that then no longer hold', () => {
    const files = fixtureTree('nested');
    const [filled] = readSavedModel(files, { inputShapes: { aa: [1, 2], 'serving_default_zz:0': [1, 2] } }).graphs as [
      TfGraph,
    ];
    expect(filled.signature.inputs.map((p) => p.shape)).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(filled.signature.inputs[1]?.ref.node.attrs.shape('shape')).toEqual([1, 2]);
    expect(filled.nodes.some((n) => n.op === 'MatMul' && n.outputShapes)).toBe(true);
    const [other] = readSavedModel(files, { inputShapes: { aa: [1, 7] } }).graphs as [TfGraph];
    expect(other.nodes.some((n) => n.op === 'MatMul' && n.outputShapes)).toBe(false);
  });

  it.each([
    [{ inputShapes: { aa: [2] } }, 'invalid-option', "shape of 'aa': 2 axes like [-1,2] expected, [2] given."],
    [{ inputShapes: { bb: [2] } }, 'invalid-option', 'Inputs: zz, aa'],
    [{ inputShapes: { aa: [0.5, 2] } }, 'invalid-option', 'sizes of at least 1'],
    [{ signatures: ['other'] }, 'not-found', "a signature 'other' expected, the model has: serving_default, single."],
    [{ tags: ['train'] }, 'not-found', 'a graph with tags [train] expected, the file has: [serve].'],
  ])('refuses %j', (options, code, message) => {
    expect(() => readSavedModel(fixtureTree('nested'), options)).toThrowError(
      expect.objectContaining({ name: 'ModelError', code, message: expect.stringContaining(message) }),
    );
  });

  it('names what is missing in the folder', () => {
    expect(() => readSavedModel(memoryTree({}, 'folder'))).toThrow(
      'folder: a file saved_model.pb expected, there is none.',
    );
    const files = fixtureFiles('nested');
    const without = (pattern: RegExp) =>
      memoryTree(Object.fromEntries(Object.entries(files).filter(([path]) => !pattern.test(path))), 'folder');
    expect(() => readSavedModel(without(/variables/))).toThrow(
      "variable 'kernel': the variable has no value in a checkpoint. The weights are not there: put the folder variables",
    );
    expect(() => readSavedModel(without(/data-/))).toThrow('the file variables/variables.data-00000-of-00001 expected');
  });

  it('finds variables by the restoring function when there is no object graph', () => {
    const files = fixtureFiles('nested');
    const whole = files['saved_model.pb'] as Uint8Array;
    const meta = decode('SavedModel', whole, originOf('x', whole)).metaGraphs[0] as Uint8Array;
    const bytes = new BinaryWriter().tag(2, WireType.LengthDelimited).bytes(withoutField(meta, 7)).finish();
    expect(bytes.length).toBeLessThan(whole.length - 1000);
    const model = readSavedModel(memoryTree({ ...files, 'saved_model.pb': bytes }, 'x'));
    expect(named(model.graphs[0] as TfGraph, 'kernel')?.value?.numbers()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('reads a model in text format', () => {
    const text = `saved_model_schema_version: 1 meta_graphs {
      meta_info_def { tags: "serve" }
      graph_def { node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
                  node { name: "y" op: "Relu" input: "x" attr { key: "T" value { type: DT_FLOAT } } } }
      signature_def { key: "serving_default" value {
        inputs { key: "in" value { name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: 4 } } } }
        outputs { key: "out" value { name: "y:0" dtype: DT_FLOAT } } } } }`;
    const [graph] = readSavedModel(memoryTree({ 'saved_model.pbtxt': new TextEncoder().encode(text) })).graphs as [
      TfGraph,
    ];
    expect(graph.nodes.map((n) => n.op)).toEqual(['Placeholder', 'Relu']);
    expect(graph.signature.outputs[0]).toMatchObject({ name: 'out', tensorName: 'y:0', shape: undefined });
    const bytes = messageBytes('SavedModel', text);
    expect(readSavedModel(memoryTree({ 'saved_model.pb': bytes })).graphs[0]?.nodes.length).toBe(2);
  });
});
