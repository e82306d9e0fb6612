import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadLiteRt } from '../../../test/oracle/litert.js';
import { bytesSource } from '../../bytes/source.js';
import { Constant } from '../../ir/constant.js';
import { Graph, type Model, Value } from '../../ir/graph.js';
import { decodeTflite, predictTfliteWeightBytes, readTflite, writeTflite, writeTfliteParts } from './index.js';
import { withTables } from './testing.js';

const tablesOf = (bytes: Uint8Array) => decodeTflite(bytesSource(bytes)).tables;
const modelOf = (...graphs: Graph[]): Model => ({ graphs, signatures: [], description: '', metadata: [] });
const constant = (name: string, ...numbers: number[]) => Value.constant(name, Constant.f32(numbers));

/** `y = relu(x + c)`, twice: the second time with another constant of the same contents. */
function twoAdditions(): Graph {
  const graph = new Graph('main');
  const x = new Value('x', 'f32', [-1, 2]);
  graph.inputs.push(x);
  let from = x;
  for (const name of ['sum', 'y']) {
    const to = new Value(name, 'f32', [-1, 2]);
    const options = { fusedActivationFunction: 'RELU' };
    graph.append({ op: 'ADD', name, inputs: [from, constant('c', 1, -2)], outputs: [to], options });
    from = to;
  }
  graph.outputs.push(from);
  return graph;
}
const signature = {
  key: 'serving_default',
  graph: 0,
  inputs: [{ name: 'in', index: 0 }],
  outputs: [{ name: 'out', index: 0 }],
};

describe('a new model', () => {
  it('runs in the real runtime', async () => {
    const bytes = writeTflite({ ...modelOf(twoAdditions()), signatures: [signature] });
    const input = { data: Float32Array.of(-3, 3, 1, 5), shape: [2, 2] };
    const { out } = await (await loadLiteRt()).run(bytes, { in: input });
    // relu(relu(x + [1, -2]) + [1, -2])
    expect(out).toEqual({ dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 0, 3, 1) });
  });

  it('is written the same each time, in parts as at once', () => {
    const bytes = writeTflite(modelOf(twoAdditions()));
    expect(writeTflite(modelOf(twoAdditions()))).toEqual(bytes);
    const parts = writeTfliteParts(modelOf(twoAdditions()));
    expect(new Uint8Array(Buffer.concat([...parts]))).toEqual(bytes);
    expect(parts.size).toBe(bytes.length);
  });

  it('has unknown sizes in the shape signature, and 1 in the shape', () => {
    const [tensors] = (tablesOf(writeTflite(modelOf(twoAdditions()))).subgraphs ?? []).map((g) => g.tensors ?? []);
    expect(tensors?.map((t) => [t.name, t.shape, t.shapeSignature])).toEqual([
      ['x', [1, 2], [-1, 2]],
      ['c', [2], undefined],
      ['sum', [1, 2], [-1, 2]],
      ['c_1', [2], undefined],
      ['y', [1, 2], [-1, 2]],
    ]);
    expect(tensors?.every((t) => t.hasRank && t.quantization === undefined)).toBe(true);
  });

  it('says scalars and unknown ranks apart', () => {
    const graph = new Graph('main');
    graph.inputs.push(new Value('scalar', 'f32', []), new Value('unranked', 'f32', undefined));
    graph.outputs.push(...graph.inputs);
    const model = readTflite(bytesSource(writeTflite(modelOf(graph))));
    expect(model.graphs[0]?.inputs.map((v) => v.shape)).toEqual([[], undefined]);
  });

  it('shares equal constants in one buffer and one operator code for equal operators', () => {
    const model = modelOf(twoAdditions());
    const { buffers, operatorCodes } = tablesOf(writeTflite(model));
    expect(buffers?.map((b) => b.data?.length)).toEqual([undefined, 8, 16]);
    expect(operatorCodes).toEqual([{ builtinCode: 'ADD', deprecatedBuiltinCode: 0, version: 1 }]);
    expect(predictTfliteWeightBytes(model)).toBe(8);
  });

  it('keeps constants of equal length and other contents apart', () => {
    const graph = new Graph('main');
    graph.outputs.push(constant('a', 1, 2, 3), constant('b', 1, 2, 4), constant('c', 1, 2, 3), constant('none'));
    expect(predictTfliteWeightBytes(modelOf(graph))).toBe(24);
    const [first] = readTflite(bytesSource(writeTflite(modelOf(graph)))).graphs;
    const data = first?.outputs.map((v) => Array.from(v.constant?.data() as Float32Array));
    expect(data).toEqual([[1, 2, 3], [1, 2, 4], [1, 2, 3], []]);
  });

  it('reads a constant that was compared with others once, until it is written', () => {
    const graph = new Graph('main');
    const reads = [0, 0];
    const count = 5000; // more than a constant keeps by itself
    for (const i of reads.keys()) {
      const lazy = Constant.lazy('f32', [count], () => {
        reads[i] = (reads[i] as number) + 1;
        return new Float32Array(count).fill(i);
      });
      graph.outputs.push(Value.constant(`c${i}`, lazy));
    }
    const model = modelOf(graph);
    predictTfliteWeightBytes(model);
    const first = writeTflite(model);
    expect(reads).toEqual([1, 1]);
    expect(writeTflite(model)).toEqual(first);
    expect(reads).toEqual([2, 2]);
  });

  it('names its maker and the least runtime that has its operators', () => {
    const tables = tablesOf(writeTflite(modelOf(twoAdditions())));
    expect([tables.version, tables.description]).toEqual([3, 'Tersor']);
    expect(tables.metadata?.map((m) => m.name)).toEqual(['min_runtime_version']);
    const [entry] = readTflite(bytesSource(writeTflite(modelOf(twoAdditions())))).metadata;
    // ADD version 1 came with 1.5.0; 16 bytes, zero-filled.
    expect(entry?.bytes).toEqual(Uint8Array.from('1.5.0'.padEnd(16, '\0'), (c) => c.charCodeAt(0)));
  });

  it('gets operator versions by the rules, and a custom operator keeps its name and options', () => {
    const graph = new Graph('main');
    const [x, y, z] = ['x', 'y', 'z'].map((name) => new Value(name, 'i8', [2])) as [Value, Value, Value];
    graph.inputs.push(x);
    graph.append({ op: 'ADD', name: 'y', inputs: [x, x], outputs: [y] });
    const customOptions = Uint8Array.of(1, 2, 3);
    graph.append({
      op: 'CUSTOM',
      name: 'z',
      inputs: [y, undefined],
      outputs: [z],
      customCode: 'Mine',
      customOptions,
    });
    graph.outputs.push(z);
    const { operatorCodes, subgraphs } = tablesOf(writeTflite(modelOf(graph)));
    expect(operatorCodes).toEqual([
      { builtinCode: 'ADD', deprecatedBuiltinCode: 0, version: 2 },
      { builtinCode: 'CUSTOM', deprecatedBuiltinCode: 32, version: 1, customCode: 'Mine' },
    ]);
    expect(subgraphs?.[0]?.operators?.[1]).toMatchObject({ inputs: [1, -1], outputs: [2], customOptions });
  });

  it('packs strings and 4-bit integers', () => {
    const texts = ['', 'größe', 'x'].map((t) => new TextEncoder().encode(t));
    const nibbles = Int8Array.of(-8, 7, 1);
    const graph = new Graph('main');
    graph.outputs.push(
      Value.constant('texts', Constant.of('string', [3], texts)),
      Value.constant('nibbles', Constant.of('i4', [3], nibbles)),
    );
    expect(predictTfliteWeightBytes(modelOf(graph))).toBe(4 + 4 * 4 + 8 + 2);
    const [read] = readTflite(bytesSource(writeTflite(modelOf(graph)))).graphs;
    expect(read?.outputs.map((v) => v.constant?.data())).toEqual([texts, nibbles]);
  });

  it('puts the data of every buffer at a multiple of 16', () => {
    const bytes = writeTflite(modelOf(twoAdditions()));
    const starts = tablesOf(bytes).buffers?.flatMap((b) => b.data?.offset ?? []);
    expect(starts?.map((at) => at % 16)).toEqual([0, 0]);
  });
});

describe('what a file cannot say', () => {
  it('is refused: operators of other formats', () => {
    const graph = new Graph('main');
    const y = new Value('y', 'f32', []);
    graph.append({ op: 'tf.Foo', name: 'block/foo', inputs: [], outputs: [y] });
    expect(() => writeTflite(modelOf(graph))).toThrow("tf.Foo 'block/foo': a TFLite operator expected");
  });

  it('is refused: scales that do not fit the axis', () => {
    const graph = new Graph('main');
    const x = new Value('x', 'i8', [4, 3]);
    x.quantization = { scale: new Float32Array(4), zeroPoint: [0, 0, 0, 0], axis: 1 };
    graph.inputs.push(x);
    expect(() => writeTflite(modelOf(graph))).toThrow(/value 'x': one scale, or one for each of 3 slices along axis 1/);
  });
});

describe('a model that was read', () => {
  const file = readFileSync(new URL('../../../test/fixtures/tflite/conv_float.tflite', import.meta.url));
  const read = () => readTflite(bytesSource(new Uint8Array(file)));

  it('drops tensors and buffers that fall out of use', () => {
    const model = read();
    const graph = model.graphs[0] as Graph;
    const [first] = graph.nodes();
    if (!first) throw new Error('a node expected');
    const before = predictTfliteWeightBytes(model);
    const filter = first.inputs[1] as Value;
    graph.setInput(first, 1, Value.constant('half', Constant.of('f16', [4, 3, 3, 3], new Uint16Array(108))));
    expect(predictTfliteWeightBytes(model)).toBe(before - 432 + 216);
    const names = tablesOf(writeTflite(model)).subgraphs?.[0]?.tensors?.map((t) => t.name);
    expect(names).not.toContain(filter.name);
    expect(names).toContain('half');
  });

  it('gets a new version for an operator whose types have changed, and only for that', () => {
    const aged = withTables(new Uint8Array(file), (m) => {
      for (const code of m.operatorCodes ?? []) code.version = 3;
    });
    const model = readTflite(bytesSource(aged));
    const graph = model.graphs[0] as Graph;
    const pool = [...graph.nodes()].find((n) => n.op === 'MAX_POOL_2D');
    if (!pool) throw new Error('a MAX_POOL_2D expected');
    for (const value of [...pool.inputs, ...pool.outputs]) if (value) value.dtype = 'i8';
    const codes = tablesOf(writeTflite(model)).operatorCodes;
    expect(codes?.find((c) => c.builtinCode === 'MAX_POOL_2D')?.version).toBe(2);
    expect(codes?.find((c) => c.builtinCode === 'SOFTMAX')?.version).toBe(3);
  });

  it('drops dependencies between operators by number once operators have gone', () => {
    const bytes = withTables(new Uint8Array(file), (m) => {
      m.metadata?.push({ name: 'model_control_dependencies', buffer: m.metadata[0]?.buffer ?? 0 });
    });
    const names = (model: Model) => tablesOf(writeTflite(model)).metadata?.map((m) => m.name);
    const model = readTflite(bytesSource(bytes));
    expect(names(model)).toContain('model_control_dependencies');
    const graph = model.graphs[0] as Graph;
    const last = [...graph.nodes()].at(-1);
    if (!last) throw new Error('a node expected');
    graph.replaceUses(last.output, last.inputs[0] as Value);
    graph.remove(last);
    expect(names(model)).not.toContain('model_control_dependencies');
  });
});
