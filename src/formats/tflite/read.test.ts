import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ByteSource, bytesSource } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import type { Graph, Model, Node, Value } from '../../ir/graph.js';
import { modelExtra, nodeExtra, quantizationExtra, readTflite, sparsityOf, valueExtra } from './index.js';
import { withTables } from './testing.js';

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../test/fixtures/tflite/${name}.tflite`, import.meta.url)));
const read = (bytes: Uint8Array): Model => readTflite(bytesSource(bytes, 'file.tflite'));
const graphOf = (name: string): Graph => read(fixture(name)).graphs[0] as Graph;
const only = (graph: Graph, op: string): Node => {
  const found = [...graph.nodes()].filter((n) => n.op === op);
  if (found.length !== 1) throw new Error(`one ${op} expected, got ${found.length}`);
  return found[0] as Node;
};
const input = (node: Node, i: number): Value => node.inputs[i] as Value;
const dataOf = (value: Value | undefined): unknown => value?.constant?.data();

// Expected values are those that scripts/fixtures/make_tflite_fixtures.py puts in, or arithmetic on them.
describe('a model', () => {
  it('has its graph, signature, metadata and description', () => {
    const model = read(fixture('conv_float'));
    const [graph] = model.graphs;
    expect(graph?.name).toBe('main');
    expect(graph?.inputs.map((v) => [v.name, v.dtype, v.shape])).toEqual([
      ['serving_default_keras_tensor:0', 'f32', [-1, 8, 8, 3]],
    ]);
    expect(graph?.outputs.map((v) => v.shape)).toEqual([[-1, 5]]);
    expect(model.signatures).toEqual([
      {
        key: 'serving_default',
        graph: 0,
        inputs: [{ name: 'keras_tensor', index: 0 }],
        outputs: [{ name: 'output_0', index: 0 }],
      },
    ]);
    expect(model.metadata.map((m) => m.name)).toEqual(['min_runtime_version', 'CONVERSION_METADATA']);
    expect(model.description).toBe('MLIR Converted.');
  });

  it('gives operators all their options, defaults included, with names of enum members', () => {
    expect(only(graphOf('conv_float'), 'CONV_2D').options).toEqual({
      padding: 'SAME',
      strideW: 1,
      strideH: 1,
      fusedActivationFunction: 'RELU',
      dilationWFactor: 1,
      dilationHFactor: 1,
      quantizedBiasType: 'FLOAT32',
    });
  });

  it('has signatures by position, though a file lists them by name', () => {
    const model = read(fixture('control_flow'));
    expect(model.signatures[0]?.inputs).toEqual([
      { name: 'n', index: 1 },
      { name: 'x', index: 0 },
    ]);
    expect(model.graphs.map((g) => g.inputs.length)).toEqual([2, 1, 1, 3, 3]);
    const loop = only(model.graphs[0] as Graph, 'WHILE');
    expect(loop.options).toEqual({ condSubgraphIndex: 3, bodySubgraphIndex: 4 });
  });
});

describe('constants', () => {
  it('are read only when asked for', () => {
    const bytes = fixture('conv_float');
    const reads: number[] = [];
    const source: ByteSource = {
      ...bytesSource(bytes),
      read: (offset, length) => {
        reads.push(length);
        return bytes.subarray(offset, offset + length);
      },
    };
    const graph = readTflite(source).graphs[0] as Graph;
    const filter = only(graph, 'CONV_2D').inputs[1]?.constant;
    const before = reads.length;
    expect(filter?.data().length).toBe(4 * 3 * 3 * 3);
    expect(reads.slice(before)).toEqual([4 * 4 * 3 * 3 * 3]);
  });

  it('of strings are their bytes', () => {
    const model = read(fixture('strings'));
    const keys = model.graphs.flatMap((g) => [...g.nodes()].filter((n) => n.op === 'HASHTABLE_IMPORT'))[0]?.inputs[1];
    const words = (dataOf(keys) as Uint8Array[]).map((b) => new TextDecoder().decode(b));
    expect(words).toEqual(['red', 'green', 'blue', '']);
  });

  it('that are sparse have all their elements', () => {
    const weights = input(only(graphOf('sparse'), 'FULLY_CONNECTED'), 1);
    const rows = (r: number) => Array.from((dataOf(weights) as Float32Array).subarray(32 * r, 32 * r + 32));
    const zeros = new Array(32).fill(0);
    expect(rows(0)).toEqual([...new Array(16).fill(0), ...Array.from({ length: 16 }, (_, i) => i)]);
    expect([rows(1), rows(3)]).toEqual([zeros, zeros]);
    expect(rows(2)).toEqual(Array.from({ length: 32 }, (_, i) => i / 4));
    expect(sparsityOf(weights.constant)?.blockMap).toEqual([1]);
  });

  it('of 4 bits have block scales in a value of their own', () => {
    const weights = input(only(graphOf('blockwise'), 'FULLY_CONNECTED'), 1);
    expect(weights.dtype).toBe('i4');
    const data = dataOf(weights) as Int8Array;
    expect([data.length, Math.min(...data), Math.max(...data)]).toEqual([256, -8, 7]);
    const details = quantizationExtra(weights.quantization).details;
    if (details?.type !== 'BlockwiseQuantization') throw new Error('blockwise expected');
    expect([details.blockSize, details.zeroPoints, details.scales?.name]).toEqual([32, undefined, 'w_scales']);
    expect([details.scales?.dtype, details.scales?.constant?.shape]).toEqual(['f16', [4, 2]]);
  });

  it('of no elements are constants too', () => {
    const bytes = withTables(fixture('sparse'), (m) => {
      m.subgraphs?.[0]?.tensors?.push({
        type: 'INT32',
        shape: [0],
        buffer: 0,
        name: 'none',
        isVariable: false,
        hasRank: true,
        externalBuffer: 0,
      });
      m.subgraphs?.[0]?.outputs?.push(3);
    });
    expect(read(bytes).graphs[0]?.outputs[1]?.constant?.data()).toEqual(new Int32Array());
  });
});

describe('quantization', () => {
  it('of weights is per channel', () => {
    const filter = input(only(graphOf('conv_int8'), 'CONV_2D'), 1);
    expect(filter.quantization?.scale.length).toBe(4);
    expect(filter.quantization?.zeroPoint).toEqual([0, 0, 0, 0]);
    expect(filter.quantization?.axis).toBe(0);
  });

  it('is absent where the file has an empty table', () => {
    expect(graphOf('conv_float').inputs[0]?.quantization).toBeUndefined();
  });
});

describe('states and custom operators', () => {
  it('variable tensors, absent inputs and intermediates stay', () => {
    const node = only(graphOf('lstm_float'), 'UNIDIRECTIONAL_SEQUENCE_LSTM');
    expect(node.inputs.length).toBe(24);
    expect([9, 10, 11].map((i) => node.inputs[i])).toEqual([undefined, undefined, undefined]);
    expect([18, 19].map((i) => input(node, i).isVariable)).toEqual([true, true]);
    expect(nodeExtra(node).intermediates?.map((v) => v?.name)).toEqual([0, 1, 2, 3, 4].map((i) => `inside_${i}`));
  });

  it('custom operators have their name and the bytes of their options', () => {
    expect(only(graphOf('custom_op'), 'CUSTOM').customCode).toBe('Betainc');
    const flex = only(graphOf('flex_op'), 'CUSTOM');
    expect(flex.customCode).toBe('FlexCholesky');
    // The options are a FlexBuffer that begins with the operator's name and a NodeDef.
    expect(String.fromCharCode(...(flex.customOptions ?? []))).toContain('Cholesky');
  });
});

describe('damaged and foreign files', () => {
  const message = (bytes: Uint8Array): string => {
    try {
      read(bytes);
    } catch (e) {
      if (e instanceof ModelError && e.code === 'malformed-file') return e.message;
      throw e;
    }
    return 'no error';
  };
  const damaged = (edit: Parameters<typeof withTables>[1], name = 'conv_float') =>
    message(withTables(fixture(name), edit));

  it.each([
    ['PK\x03\x04 and so on', 'a zip archive'],
    ['\x89HDF\r\n\x1a\n', 'an HDF5 file'],
    ['  {"a": 1}', 'a JSON file'],
    ['\x08\x01\x12\x00\x00\x00\x00\x00', 'a TensorFlow SavedModel'],
    ['<!DOCTYPE html>', 'a web page'],
    ['version https://git-lfs.github.com', 'a Git LFS pointer'],
    ['12345678', '"5678"'],
    ['1234', 'a file of 4 bytes'],
  ])('%j is named as what it is', (start, name) => {
    const text = message(Uint8Array.from(start, (c) => c.charCodeAt(0)));
    expect(text).toContain('file.tflite @0x4: a TFLite model with the identifier "TFL3" expected, got');
    expect(text).toContain(name);
  });

  it('tell how many bytes a constant needs', () => {
    const text = damaged((m) => {
      const filter = m.subgraphs?.[0]?.tensors?.find((t) => `${t.shape}` === '4,3,3,3');
      if (filter) filter.shape = [40, 3, 3, 3];
    });
    expect(text).toMatch(
      /^file\.tflite @0x[0-9a-f]+: tensor '.*' f32\[40,3,3,3\] needs 4320 bytes, its buffer has 432$/,
    );
  });

  it.each<[string, Parameters<typeof withTables>[1], RegExp]>([
    [
      'a tensor index',
      (m) => m.subgraphs?.[0]?.inputs?.push(99),
      /a tensor below \d+ expected as input of the graph, got 99/,
    ],
    [
      'an operand',
      (m) => m.subgraphs?.[0]?.operators?.[0]?.inputs?.push(-2),
      /CONV_2D: a tensor below \d+ expected, got -2/,
    ],
    ['an operator code', (m) => m.operatorCodes?.splice(0), /an operator code below 0 expected, got 0/],
    [
      'an operator',
      (m) => Object.assign(m.operatorCodes?.[0] ?? {}, { builtinCode: 4000 }),
      /a known operator expected, got code 4000/,
    ],
    ['a buffer', (m) => m.buffers?.splice(1), /a buffer below 1 expected for tensor/],
    [
      'a size',
      (m) => Object.assign(m.subgraphs?.[0]?.tensors?.[0] ?? {}, { shape: [-3], shapeSignature: undefined }),
      /sizes of 0 or more expected/,
    ],
    [
      'a signature',
      (m) => Object.assign(m.signatureDefs?.[0] ?? {}, { subgraphIndex: 4 }),
      /a graph below 1 expected for signature 'serving_default', got 4/,
    ],
    [
      'a name of a signature',
      (m) => Object.assign(m.signatureDefs?.[0]?.inputs?.[0] ?? {}, { tensorIndex: 1 }),
      /one of the inputs of the graph expected as 'keras_tensor'/,
    ],
    [
      'the order of operators',
      (m) => m.subgraphs?.[0]?.operators?.reverse(),
      /reads tensor '.*' before it is computed/,
    ],
    [
      'an output',
      (m) =>
        Object.assign(m.subgraphs?.[0]?.operators?.[1] ?? {}, { outputs: m.subgraphs?.[0]?.operators?.[0]?.outputs }),
      /as the output of one operator/,
    ],
    ['graphs', (m) => m.subgraphs?.splice(0), /a graph expected, got none/],
    [
      'an element type',
      (m) => Object.assign(m.subgraphs?.[0]?.tensors?.[0] ?? {}, { type: 99 }),
      /a known element type expected/,
    ],
  ])('name what is wrong with %s', (_, edit, expected) => {
    expect(damaged(edit)).toMatch(expected);
  });

  it('name graphs of control flow that are not there', () => {
    const edit: Parameters<typeof withTables>[1] = (m) => {
      for (const o of m.subgraphs?.[0]?.operators ?? [])
        if (o.builtinOptions?.type === 'WhileOptions') o.builtinOptions.value.bodySubgraphIndex = 9;
    };
    expect(damaged(edit, 'control_flow')).toMatch(/WHILE: a graph below 5 expected as bodySubgraphIndex, got 9/);
  });

  it('fail at the constant when its strings run out of their bytes', () => {
    const bytes = withTables(fixture('strings'), (m) => {
      for (const { data } of m.buffers ?? [])
        if (data?.[0] === 4 && data.length > 30) (data as unknown as Uint8Array)[8] = 200;
    });
    const constants = read(bytes).graphs.flatMap((g) =>
      [...g.nodes()].flatMap((n) => n.inputs.map((v) => v?.constant)),
    );
    expect(() => constants.map((c) => c?.data())).toThrow(/string 0 expected within \d+ bytes, got \d+ to 200/);
  });
});

describe('the rest of a file', () => {
  it('is kept: what was appended, and what no field of the IR says', () => {
    const { appended, version } = modelExtra(read(fixture('labels')));
    expect([appended?.offset, version]).toEqual([812, 3]);
    const node = only(graphOf('conv_float'), 'CONV_2D');
    expect(nodeExtra(node)).toMatchObject({ optionsTable: 'present', version: { stored: 1, rule: 1 } });
    expect(valueExtra(input(node, 1))).toEqual({});
  });
});
