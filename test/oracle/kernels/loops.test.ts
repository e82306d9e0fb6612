import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/bytes/source.js';
import { load } from '../../../src/node/runtime.js';
import { modelBytes, testKernels } from '../kernel-case.js';

/** A loop over `values`, each of a type, that starts with the inputs; the first value counts the rounds. */
const loop = (types: readonly string[], rounds: number, body: string, results: string) => {
  const parameters = (prefix: string) => types.map((type, i) => `%${prefix}${i}: ${type}`).join();
  const names = (prefix: string) => types.map((_, i) => `%${prefix}${i}`).join();
  return `graph main(${parameters('x')}) {
  ${names('y')} = WHILE(${names('x')}) {condSubgraphIndex: 1, bodySubgraphIndex: 2} : ${types.join(', ')}
  return ${names('y')}
}

graph condition(${parameters('c')}) {
  @n = const i32[] [${rounds}]
  %go = LESS(%c0, @n) : bool[]
  return %go
}

graph body(${parameters('b')}) {
  @one = const i32[] [1]
  %next = ADD(%b0, @one) : i32[]
  ${body}
  return ${results}
}`;
};

const start = { x0: Int32Array.of(0) };
const plain = { kernel: 'graphs', inputs: start };

describe('loops equal the reference kernels', () => {
  testKernels({
    'a loop that carries a value': {
      graph: loop(['i32[]', 'f32[3]'], 5, '%r = TANH(%b1) : f32[3]', '%next, %r'),
      ...plain,
    },
    'a loop without rounds': {
      graph: loop(['i32[]', 'f32[3]'], 0, '%r = TANH(%b1) : f32[3]', '%next, %r'),
      ...plain,
    },
    'a loop that swaps two values': {
      graph: loop(['i32[]', 'f32[3]', 'f32[3]'], 3, '%r = NEG(%b1) : f32[3]', '%next, %b2, %r'),
      ...plain,
    },
    'a loop whose results are a constant and an input': {
      graph: loop(['i32[]', 'f32[3]', 'f32[3]'], 3, '@k = const f32[3]', '%next, @k, %b1'),
      ...plain,
    },
    'a loop that fills a list and reads another': {
      graph: loop(
        ['i32[]', 'f32[4,1,3]', 'f32[4,1,3]'],
        4,
        `@shape = const i32[1] [1]
  @ones = const i32[2] [-1, -1]
  @zeros = const i32[2] [0, 0]
  @first = const i32[3] [0, 0, 0]
  @all = const i32[3] [-1, -1, -1]
  @row = const i32[3] [1, 1, 3]
  %item = GATHER(%b2, %b0) {axis: 0} : f32[1,3]
  %t = TANH(%item) : f32[1,3]
  %i = RESHAPE(%b0, @shape) : i32[1]
  %size = CONCATENATION(%i, @ones) {axis: 0} : i32[3]
  %before = SLICE(%b1, @first, %size) : f32[?,1,3]
  %j = RESHAPE(%next, @shape) : i32[1]
  %from = CONCATENATION(%j, @zeros) {axis: 0} : i32[3]
  %behind = SLICE(%b1, %from, @all) : f32[?,1,3]
  %one_row = RESHAPE(%t, @row) : f32[1,1,3]
  %list = CONCATENATION(%before, %one_row, %behind) {axis: 0} : f32[4,1,3]`,
        '%next, %list, %b2',
      ).replace('return %y0,%y1,%y2', '@k = const i32[3] [4, 1, 3]\n%z = RESHAPE(%y1, @k) : f32[4,1,3]\nreturn %z'),
      ...plain,
    },
  });
});

// LiteRT copies results one after the other to where the next round reads them, over values that it still needs.
it('a loop may turn its values round', async () => {
  const graph = loop(['i32[]', 'f32[2]', 'f32[2]', 'f32[2]'], 4, '', '%next, %b3, %b1, %b2');
  const model = await load(bytesSource(modelBytes(graph)));
  const [a, b, c] = [Float32Array.of(1, 2), Float32Array.of(3, 4), Float32Array.of(5, 6)];
  const { y1, y2, y3 } = model.run({ ...start, x1: a, x2: b, x3: c });
  expect([y1!.data, y2!.data, y3!.data]).toEqual([c, a, b]);
  model.dispose();
});
