import { expect, it } from 'vitest';
import { writeModel } from '../../formats/index.js';
import { Constant } from '../../ir/constant.js';
import type { Model } from '../../ir/graph.js';
import { parseGraphs } from '../../ir/parse.js';
import { runnable } from '../../node/runtime.js';
import { findOp } from '../../ops/registry.js';
import { compareModels } from './compare.js';

/** A model from text; constants are filled by name. */
function bytesOf(text: string, constants: Readonly<Record<string, readonly number[]>> = {}): Uint8Array {
  const graphs = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  for (const graph of graphs)
    for (const node of graph.nodes())
      for (const value of node.inputs) {
        const numbers = value && constants[value.name];
        if (value?.constant && numbers) value.constant = Constant.f32(Float32Array.from(numbers), value.constant.shape);
      }
  const model: Model = { graphs, signatures: [], description: '', metadata: [] };
  return writeModel(model);
}

const chain = (constants: Readonly<Record<string, readonly number[]>>) =>
  bytesOf(
    `graph main(%x: f32[1,4]) {
  @w = const f32[3,4]
  @v = const f32[3,3]
  %h = FULLY_CONNECTED(%x, @w, _) : f32[1,3]
  %y = FULLY_CONNECTED(%h, @v, _) : f32[1,3]
  return %y
}`,
    constants,
  );
const W = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const V = [1, 0, 0, 0, 1, 0, 0, 0, 1];

it('a model equals itself', async () => {
  const model = { name: 'a', bytes: chain({ w: W, v: V }) };
  const found = await compareModels(model, model, runnable);
  expect(found.outputs.map((o) => [o.error.sqnrDb, o.top1Agreement])).toEqual([[null, 1]]);
  expect(found.layers.map((l) => [l.name, l.accumulated.maxAbs, l.isolated?.maxAbs])).toEqual([
    ['h', 0, 0],
    ['y', 0, 0],
  ]);
  expect(found.graph).toEqual([]);
});

it('the error of the first node is its own, that of the second is only passed on', async () => {
  const off = W.map((x) => x * 1.01);
  const [a, b] = [
    { name: 'a', bytes: chain({ w: W, v: V }) },
    { name: 'b', bytes: chain({ w: off, v: V }) },
  ];
  const found = await compareModels(a, b, runnable, { samples: 2 });
  const [h, y] = found.layers;
  // 1 % off everywhere: 20 log10(100).
  for (const db of [h?.isolated?.sqnrDb, h?.accumulated.sqnrDb, y?.accumulated.sqnrDb, found.outputs[0]?.error.sqnrDb])
    expect(db).toBeCloseTo(40, 3);
  expect(y?.isolated?.sqnrDb).toBeNull();
  expect([h?.share, y?.share]).toEqual([1, 0]);
  expect(found.constants.map((c) => [c.name, c.error.sqnrDb === null])).toEqual([
    ['w', false],
    ['v', true],
  ]);
});

it('outputs are measured as the formulas say', async () => {
  const scaled = (factors: string) =>
    bytesOf(
      `graph main(%x: f32[2,2]) {
  @f = const f32[2]
  %y = MUL(%x, @f) : f32[2,2]
  return %y
}`,
      { f: factors.split(' ').map(Number) },
    );
  const [a, b] = [
    { name: 'a', bytes: scaled('1 1') },
    { name: 'b', bytes: scaled('1 -1') },
  ];
  const x = { dtype: 'f32' as const, shape: [2, 2], data: Float32Array.of(3, 4, 0.75, 0.25) };
  const { outputs } = await compareModels(a, b, runnable, { inputs: [{ x }], data: 'two rows' });
  const error = outputs[0]?.error;
  const signal = 9 + 16 + 0.5625 + 0.0625;
  const noise = 64 + 0.25;
  expect(error?.sqnrDb).toBeCloseTo(10 * Math.log10(signal / noise), 6);
  expect(error?.maxAbs).toBe(8);
  expect(error?.meanAbs).toBeCloseTo(8.5 / 4, 6);
  expect(error?.cosine).toBeCloseTo((9 - 16 + 0.5625 - 0.0625) / signal, 6);
  expect(outputs[0]?.top1Agreement).toBe(0.5);
  expect(outputs[0]?.klDivergence).toBeNull();
  expect(outputs[0]?.sample).toEqual({ a: [3, 4, 0.75, 0.25], b: [3, -4, 0.75, -0.25] });
});

it('the divergence of distributions is in nats', async () => {
  const shifted = (by: string) =>
    bytesOf(
      `graph main(%x: f32[1,2]) {
  @b = const f32[2]
  %z = ADD(%x, @b) : f32[1,2]
  %y = SOFTMAX(%z) : f32[1,2]
  return %y
}`,
      { b: by.split(' ').map(Number) },
    );
  const x = { dtype: 'f32' as const, shape: [1, 2], data: Float32Array.of(0, 0) };
  const [a, b] = [
    { name: 'a', bytes: shifted('0 0') },
    { name: 'b', bytes: shifted('0 1') },
  ];
  const { outputs } = await compareModels(a, b, runnable, { inputs: [{ x }] });
  const q = 1 / (1 + Math.E);
  expect(outputs[0]?.klDivergence).toBeCloseTo(0.5 * Math.log(0.5 / q) + 0.5 * Math.log(0.5 / (1 - q)), 5);
});

it('models of other inputs cannot be compared', async () => {
  const relu = (type: string) => bytesOf(`graph main(%x: ${type}) {\n  %y = RELU(%x) : ${type}\n  return %y\n}`);
  const [a, b] = [
    { name: 'a', bytes: relu('f32[2]') },
    { name: 'b', bytes: relu('f32[3]') },
  ];
  await expect(compareModels(a, b, runnable)).rejects.toThrow(
    "the inputs of the two models do not fit: 'x' f32 [2] and 'x' f32 [3]. Compare models that take the same data.",
  );
});

it('a node that has no counterpart is counted, and the rest is still matched', async () => {
  const [a, b] = [
    { name: 'a', bytes: bytesOf('graph main(%x: f32[4]) {\n  %y = RELU(%x) : f32[4]\n  return %y\n}') },
    {
      name: 'b',
      bytes: bytesOf(
        'graph main(%x: f32[4]) {\n  %n = NEG(%x) : f32[4]\n  %m = NEG(%n) : f32[4]\n  %y = RELU(%m) : f32[4]\n  return %y\n}',
      ),
    },
  ];
  const found = await compareModels(a, b, runnable);
  expect(found.unmatched).toBe(2);
  expect(found.layers.map((l) => [l.name, l.accumulated.sqnrDb])).toEqual([['y', null]]);
  expect(found.graph).toEqual([{ op: 'NEG', a: 0, b: 2 }]);
});

it('what is not finite on one side is counted and left out of the figures', async () => {
  const root = (sign: string) =>
    bytesOf(
      `graph main(%x: f32[2]) {
  @f = const f32[2]
  %z = MUL(%x, @f) : f32[2]
  %y = SQRT(%z) : f32[2]
  return %y
}`,
      { f: sign.split(' ').map(Number) },
    );
  const x = { dtype: 'f32' as const, shape: [2], data: Float32Array.of(4, 9) };
  const [a, b] = [
    { name: 'a', bytes: root('1 1') },
    { name: 'b', bytes: root('1 -1') },
  ];
  const { outputs } = await compareModels(a, b, runnable, { inputs: [{ x }] });
  expect(outputs[0]?.error).toMatchObject({ elements: 2, notFinite: 1, sqnrDb: null, maxAbs: 0 });
});
