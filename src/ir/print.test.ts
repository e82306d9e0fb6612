import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Constant } from './constant.js';
import { Graph, Value } from './graph.js';
import { parseGraph, parseGraphs } from './parse.js';
import { printGraph, printGraphs } from './print.js';
import type { DType } from './tensor.js';

const again = (text: string): string => printGraphs(parseGraphs(text));

describe('graph text', () => {
  it('comes back unchanged from parsing and printing', () => {
    const text = `graph main(%image: f32[1,8,8,3], %"in:0": i32[?] variable, %any: f32[*]) {
  @w = const f32[4,3,3,3]
  %sum = CONV_2D(%image, @w, _) {padding: SAME, strideH: 2} : f32[1,4,4,4] q(0.5, -128)
  @axis = const i32[] [3]
  %a, %b = SPLIT(@axis, %sum) {numSplits: 2} : f32[1,4,4,2], f32[1,4,4,2] q(axis 3, [0.25, 0.125], [1, 2])
  @many = const i8[9] q(axis 0, 9 scales) splat -3
  @half = const f16[2] [0x3c00, 0xbc00]
  @text = const string[2] ["a\\"b", 0xff00]
  @flags = const bool[2] [1, 0]
  @long = const i64[1] [9007199254740993]
  %state = variable f32[1,4]
  %c = CUSTOM:"my op"(%a, @many, @half, @text, @flags, @long, %state) {bytes: 0x01ff, list: [1, 2.5], s: "a b", n: 5n} : f32[]
  ASSIGN_VARIABLE(%any, %c)
  @extreme = const f32[5] [inf, -inf, nan, -0, 3.4028235e+38]
  return %b, %c, @extreme, %image
}

graph "2"() {
  return
}
`;
    expect(again(text)).toBe(text);
  });

  it('prints every float32 so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.float({ noDefaultInfinity: false }), (x) => {
        const graph = new Graph('g');
        graph.outputs.push(Value.constant('c', Constant.f32([x])));
        const back = parseGraph(printGraph(graph)).outputs[0]?.constant?.data()[0];
        return Object.is(back, Math.fround(x));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('comes back unchanged for any graph of nodes, names, types and options', () => {
    fc.assert(
      fc.property(fc.array(nodeSpec, { maxLength: 8 }), (specs) => {
        const text = printGraph(build(specs));
        expect(again(text)).toBe(text);
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('gives values that share a name different ones', () => {
    const graph = new Graph('g');
    graph.inputs.push(new Value('x', 'f32', [1]), new Value('x', 'f32', [1]));
    expect(printGraph(graph)).toBe('graph g(%x: f32[1], %"x~2": f32[1]) {\n  return\n}\n');
  });

  it('gives constants without elements the same pseudo-random ones each time', () => {
    const text = 'graph g() {\n  @w = const f32[9]\n  return @w\n}\n';
    const [a, b] = [parseGraph(text), parseGraph(text)].map((g) =>
      Array.from(g.outputs[0]?.constant?.data() as Float32Array),
    );
    expect(a).toEqual(b);
    expect(new Set(a).size).toBe(9);
    expect(a?.every((x) => x >= -1 && x <= 1)).toBe(true);
  });

  it('leaves out options that have their default', () => {
    const defaults = () => ({ strideH: 1, list: [1, 2] });
    const text = 'graph g(%x: f32[]) {\n  %y = RELU(%x) {strideH: 1, list: [1, 2], other: 3} : f32[]\n  return %y\n}\n';
    expect(printGraph(parseGraph(text, defaults), defaults)).toContain('RELU(%x) {other: 3}');
    expect(
      parseGraph('graph g(%x: f32[]) {\n  %y = RELU(%x) : f32[]\n  return %y\n}', defaults).outputs[0]?.producer
        ?.options,
    ).toEqual(defaults());
  });
});

describe('parseGraphs', () => {
  const broken: readonly (readonly [string, string])[] = [
    ['graph g(%x: f33[1]) {', "line 1: expected an element type, got 'f33'"],
    ['graph g() {\n  %y = RELU(%x) : f32[1]', "line 2: no value is called 'x' above this line"],
    ['graph g(%x: f32[1]) {\n  %x = RELU(%x) : f32[1]', "line 2: the name 'x' is taken"],
    ['graph g(%x: f32[1]) {\n  %y = RELU(%x)\n}', "line 3: expected ':', got '}'"],
    ['graph g() {\n  @c = const f32[2] [1]', 'line 2: 1 elements do not fill f32 [2]'],
    ['graph g() {\n  @c = const f32[?]', 'line 2: a constant has a static shape'],
    ['graph g() ;', 'line 1: unexpected character ";"'],
    ['graph g() {', "line 1: expected a word, got 'the end'"],
    ['graph g() {\n  @c = const i64[1] [1.5]', 'line 2: 1 elements do not fill i64 [1]'],
  ];
  for (const [text, message] of broken)
    it(`says for ${JSON.stringify(text)}: ${message}`, () => {
      expect(() => parseGraphs(text)).toThrow(message);
    });
});

const dtype = fc.constantFrom<DType>('f32', 'i32', 'i8', 'i64', 'bool', 'f64', 'u8', 'i4');
const shape = fc.option(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 4 }), { nil: undefined });
const name = fc.oneof(fc.constantFrom('a', 'b', 'c/d', 'e:0'), fc.string({ maxLength: 4 }));
const option = fc.oneof(
  fc.boolean(),
  fc.float(),
  fc.integer(),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.string({ maxLength: 5 }),
  fc.array(fc.integer(), { maxLength: 3 }),
);
const nodeSpec = fc.record({
  name,
  dtype,
  shape,
  outputs: fc.integer({ min: 0, max: 3 }),
  reads: fc.array(fc.nat(), { maxLength: 3 }),
  constant: fc.option(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 10 }), { nil: undefined }),
  options: fc.dictionary(fc.constantFrom('p', 'q', 'strideH'), option, { maxKeys: 2 }),
});

function build(specs: readonly (typeof nodeSpec extends fc.Arbitrary<infer T> ? T : never)[]): Graph {
  const graph = new Graph('g');
  graph.inputs.push(new Value('x', 'f32', [1, -1]));
  const known: Value[] = [...graph.inputs];
  for (const spec of specs) {
    if (spec.constant) known.push(Value.constant(spec.name, Constant.i32(spec.constant)));
    const outputs = Array.from({ length: spec.outputs }, () => new Value(spec.name, spec.dtype, spec.shape));
    const inputs = spec.reads.map((r) => (r % 5 === 4 ? undefined : known[r % known.length]));
    graph.append({ op: 'RELU', name: spec.name, inputs, outputs, options: spec.options });
    known.push(...outputs);
  }
  graph.outputs.push(known[known.length - 1] as Value);
  return graph;
}
