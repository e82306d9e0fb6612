import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { writeModel } from '../formats/index.js';
import type { Graph } from '../ir/graph.js';
import { parseGraphs } from '../ir/parse.js';
import { load } from '../node/runtime.js';
import { findOp } from '../ops/registry.js';

const encoder = new TextEncoder();
const words = (...list: string[]) => list.map((w) => encoder.encode(w));

// TensorFlow made the model, from the words red, green, blue and '' with the numbers 1 to 4, and 0 for others.
it('a table of words gives the numbers that it was made with', async () => {
  const model = await load(new Uint8Array(readFileSync('test/fixtures/tflite/strings.tflite')));
  expect(model.run({ word: words('blue', '', 'pink') }).index?.data).toEqual(BigInt64Array.of(3n, 4n, 0n));
  expect(model.run({ word: words('red', 'Red', 'green') }).index?.data).toEqual(BigInt64Array.of(1n, 0n, 2n));
  model.reset();
  expect(model.run({ word: words('red', 'red', 'blue') }).index?.data).toEqual(BigInt64Array.of(1n, 1n, 3n));
});

it('a table of numbers gives words, and its size; the first of equal keys counts', async () => {
  const text = `graph main(%k: i64[2]) {
  %t = HASHTABLE() {tableId: 7, keyDtype: INT64, valueDtype: STRING} : resource[1]
  @keys = const i64[3] [5, -6, 5]
  @words = const string[3] ["five", "minus six", "again"]
  @other = const string[] ["?"]
  HASHTABLE_IMPORT(%t, @keys, @words)
  %v = HASHTABLE_FIND(%t, %k, @other) : string[2]
  %n = HASHTABLE_SIZE(%t) : i64[1]
  return %v, %n
}`;
  const graphs = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  const named = (values: Graph['inputs']) => values.map(({ name }, index) => ({ name, index }));
  const [main] = graphs as [Graph];
  const signature = { key: 'main', graph: 0, inputs: named(main.inputs), outputs: named(main.outputs) };
  const model = await load(writeModel({ graphs, signatures: [signature], description: '', metadata: [] }));
  const { v, n } = model.run({ k: BigInt64Array.of(5n, 6n) });
  expect(v?.data).toEqual(words('five', '?'));
  expect(n?.data).toEqual(BigInt64Array.of(2n));
});
