import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../bytes/source.js';
import { Constant } from '../../../ir/constant.js';
import { runnable } from '../../../node/runtime.js';
import type { TfGraph, TfModel, TfNode } from '../graph.js';
import { attrsOf } from '../read/attrs.js';
import { readSavedModel } from '../read/saved-model.js';
import { expectedRuns, fixtureTree } from '../read/testing.js';
import { lowerTensorFlow } from './lower.js';
import { tableContents } from './table-contents.js';
import { buildGraph } from './testing.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (...list: string[]) => Constant.of('string', [list.length], list.map(encode));
const longs = (...list: number[]) => Constant.of('i64', [list.length], BigInt64Array.from(list, BigInt));
const constant = (name: string, value: Constant): TfNode => ({
  name,
  op: 'Const',
  inputs: [],
  attrs: attrsOf('Const', {}, undefined),
  outputTypes: [value.dtype],
  value,
});
const ref = (node: TfNode) => ({ node, index: 0 });

/** A model that looks its input up in a table, which is filled by the nodes that `fill` makes of its handle. */
function lookup(input: string, missing: Constant, fill: (table: TfNode) => readonly TfNode[]): TfModel {
  const model = buildGraph([input], ['Identity($0)']);
  const [graph] = model.graphs as [TfGraph];
  const table: TfNode = {
    name: 'table',
    op: 'HashTableV2',
    inputs: [],
    attrs: attrsOf('HashTableV2', {}, undefined),
    outputTypes: ['resource'],
  };
  const place = graph.signature.inputs[0]!.ref.node;
  const found: TfNode = {
    name: 'find',
    op: 'LookupTableFindV2',
    inputs: [ref(table), ref(place), ref(constant('missing', missing))],
    attrs: attrsOf('LookupTableFindV2', {}, undefined),
    outputTypes: [missing.dtype],
  };
  const output = { ...graph.signature.outputs[0]!, ref: ref(found), dtype: missing.dtype };
  const nodes = [place, table, found.inputs[2]!.node, found];
  const signature = { ...graph.signature, outputs: [output] };
  return { ...model, graphs: [{ ...graph, nodes, signature, initializer: fill(table) }] };
}

const filled = (keys: Constant, values: Constant) => (table: TfNode) => [
  {
    name: 'import',
    op: 'LookupTableImportV2',
    inputs: [ref(table), ref(constant('keys', keys)), ref(constant('values', values))],
    attrs: attrsOf('LookupTableImportV2', {}, undefined),
  },
];

const run = (model: TfModel, data: unknown, shape: number[]) =>
  Object.values(runnable(lowerTensorFlow(model)).run({ x0: { data, shape } as never }))[0]!;

describe('lookup tables', () => {
  it('of a file and of constants give what TensorFlow gives', () => {
    const [wanted] = expectedRuns('words');
    const model = runnable(lowerTensorFlow(readSavedModel(fixtureTree('words'))));
    const { data, shape } = wanted!.inputs.words!;
    const { german, ids } = model.run({ words: { data: (data as string[]).map(encode), shape } });
    expect((german!.data as Uint8Array[]).map((t) => new TextDecoder().decode(t))).toEqual(
      wanted!.outputs.german!.data,
    );
    expect([...(ids!.data as BigInt64Array)].map(Number)).toEqual(wanted!.outputs.ids!.data);
  });

  it('map texts to numbers, with a default for those that are not there', () => {
    const model = lookup(
      'string[None,2]',
      Constant.of('i64', [], BigInt64Array.of(-1n)),
      filled(texts('a', 'bc'), longs(7, 9)),
    );
    const { data, shape } = run(model, ['bc', 'x', 'a', 'b'].map(encode), [2, 2]);
    expect([...(data as BigInt64Array)]).toEqual([9n, -1n, 7n, -1n]);
    expect(shape).toEqual([2, 2]);
  });

  it.each([
    [0, 'EXPAND_DIMS EQUAL SELECT_V2 SUM'],
    [-1, 'EXPAND_DIMS EQUAL SELECT_V2 SUM ADD'],
  ])('of integers hold keys and values, and the default %i beside them', (missing, ops) => {
    const other = Constant.of('i64', [], BigInt64Array.of(BigInt(missing)));
    const model = lookup('int64[None]', other, filled(longs(40, -3), longs(2, 1)));
    const [graph] = lowerTensorFlow(model).graphs;
    expect(Array.from(graph!.nodes(), (n) => n.op).join(' ')).toBe(ops);
    expect([...(run(model, BigInt64Array.of(-3n, 4n), [2]).data as BigInt64Array)].map(Number)).toEqual([1, missing]);
  });

  it('map numbers to texts', () => {
    const model = lookup(
      'int64[3]',
      Constant.of('string', [], [encode('?')]),
      filled(longs(5, -3), texts('five', 'three')),
    );
    const { data } = run(model, BigInt64Array.of(-3n, 4n, 5n), [3]);
    expect((data as Uint8Array[]).map((t) => new TextDecoder().decode(t))).toEqual(['three', '?', 'five']);
  });

  it('that nothing fills are an error that names them', () => {
    const model = lookup('int64[3]', Constant.of('string', [], [encode('?')]), () => []);
    expect(() => lowerTensorFlow(model)).toThrow("looks something up in the table 'table', which is not filled");
  });
});

describe('tables from files', () => {
  const attrs = (values: Record<string, number | string>, types: Record<string, 'string' | 'i64' | 'f32'>) => ({
    int: (name: string, fallback?: number) => (values[name] ?? fallback) as number,
    string: (name: string, fallback?: string) => (values[name] ?? fallback) as string,
    type: (name: string) => types[name]!,
  });
  const contents = (
    text: string,
    how: Record<string, number | string>,
    key: 'string' | 'i64',
    value: 'i64' | 'f32',
  ) => {
    const table = {
      name: 't',
      op: 'HashTableV2',
      inputs: [],
      attrs: attrs({}, { key_dtype: key, value_dtype: value }),
    };
    const file = constant('file', Constant.of('string', [], [encode('assets/words.txt')]));
    const inputs = [ref(table as unknown as TfNode), ref(file)];
    const node = { name: 'init', op: 'InitializeTableFromTextFileV2', inputs, attrs: attrs(how, {}) };
    const open = (path: string) => (path === 'assets/words.txt' ? bytesSource(encode(text)) : undefined);
    return tableContents([node as unknown as TfNode], open).get('t')!;
  };

  it('take whole lines and their numbers', () => {
    const { keys, values } = contents(
      'red\ngreen\r\nblue\n',
      { key_index: -2, value_index: -1, vocab_size: 2 },
      'string',
      'i64',
    );
    expect((keys.data() as Uint8Array[]).map((t) => new TextDecoder().decode(t))).toEqual(['red', 'green']);
    expect([...(values.data() as BigInt64Array)]).toEqual([0n, 1n]);
  });

  it('take columns', () => {
    const { keys, values } = contents('3,1.5\n4,-2', { key_index: 0, value_index: 1, delimiter: ',' }, 'i64', 'f32');
    expect([...(keys.data() as BigInt64Array)]).toEqual([3n, 4n]);
    expect([...(values.data() as Float32Array)]).toEqual([1.5, -2]);
  });

  it('say which line holds no number', () => {
    const how = { key_index: -2, value_index: -2 };
    expect(() => contents('1\nx', how, 'i64', 'i64').keys).toThrow(
      "assets/words.txt: line 2: a number expected, got 'x'.",
    );
  });
});
