import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { parseGraphs } from '../ir/parse.js';
import { printGraph } from '../ir/print.js';
import type { Shape } from '../ir/tensor.js';
import { findOp } from '../ops/registry.js';
import { specialize } from './specialize.js';

const parse = (text: string) => parseGraphs(text, (op) => findOp(op)?.defaults ?? {})[0]!;

/** The graph for inputs of these shapes: its operators, and the type of its first output. */
function special(text: string, ...shapes: Shape[]) {
  const graph = specialize(parse(text), shapes);
  const [y] = graph.outputs;
  return { ops: [...graph.nodes()].map((n) => n.op), type: `${y!.dtype}[${y!.shape}]`, y: y! };
}

const flatten = `graph main(%x: f32[?,4,4]) {
  @begin = const i32[1] [0]
  @end = const i32[1] [1]
  @rest = const i32[] [16]
  %shape = SHAPE(%x) {outType: INT32} : i32[3]
  %n = STRIDED_SLICE(%shape, @begin, @end, @end) {shrinkAxisMask: 1} : i32[]
  %to = PACK(%n, @rest) {valuesCount: 2} : i32[2]
  %y = RESHAPE(%x, %to) : f32[?,16]
  return %y
}`;

describe('graphs for inputs of known shapes', () => {
  it('have known types, and what computes shapes is gone', () => {
    expect(special(flatten, [3, 4, 4])).toMatchObject({ ops: ['RESHAPE'], type: 'f32[3,16]' });
    expect(special(flatten, [1, 4, 4])).toMatchObject({ ops: ['RESHAPE'], type: 'f32[1,16]' });
  });

  it('leave the original as it was', () => {
    const graph = parse(flatten);
    const before = printGraph(graph);
    specialize(graph, [[7, 4, 4]]);
    expect(printGraph(graph)).toBe(before);
  });

  it('hold dequantized weights as constants', () => {
    const text = `graph main(%x: f32[1,2]) {
  @q = const i8[2,2] q(0.5, 1) [1, 3, 5, -7]
  %w = DEQUANTIZE(@q) : f32[2,2]
  %y = FULLY_CONNECTED(%x, %w, _) : f32[1,2]
  return %y
}`;
    const { ops, y } = special(text, [1, 2]);
    expect(ops).toEqual(['FULLY_CONNECTED']);
    expect(y.producer!.inputs[1]!.constant!.data()).toEqual(Float32Array.of(0, 1, 2, -4));
  });

  it('hold quantized constants as constants', () => {
    const text = `graph main(%x: i8[1,2] q(0.5, 1)) {
  @f = const f32[2] [1, -2.2]
  %q = QUANTIZE(@f) : i8[2] q(0.5, 1)
  %y = ADD(%x, %q) : i8[1,2] q(0.5, 1)
  return %y
}`;
    const { ops, y } = special(text, [1, 2]);
    expect(ops).toEqual(['ADD']);
    const q = y.producer!.inputs[1]!;
    expect(q.constant!.data()).toEqual(Int8Array.of(3, -3));
    expect(q.quantization?.zeroPoint).toEqual([1]);
  });

  it('take what is fed to an input that the file holds elements of', () => {
    const graph = parse('graph main(%x: f32[2]) {\n  %y = NEG(%x) : f32[2]\n  return %y\n}');
    graph.inputs[0]!.constant = Constant.f32([1, 2]);
    const copy = specialize(graph, [[2]]);
    expect([...copy.nodes()].map((n) => n.op)).toEqual(['NEG']);
    expect(copy.inputs[0]!.constant).toBeUndefined();
  });

  it('keep a size that only running tells unknown', () => {
    const text = `graph main(%x: bool[4]) {
  %y = WHERE(%x) : i64[?,1]
  return %y
}`;
    expect(special(text, [4])).toMatchObject({ ops: ['WHERE'], type: 'i64[-1,1]' });
  });

  it('pass the options of custom operators on', () => {
    const graph = parse(`graph main(%x: f32[2]) {
  %y = CUSTOM:Mine(%x) : f32[2]
  return %y
}`);
    const customOptions = Uint8Array.of(1, 2);
    for (const node of graph.nodes()) Object.assign(node, { customOptions });
    const [node] = specialize(graph, [[2]]).nodes();
    expect(node).toMatchObject({ customCode: 'Mine', customOptions });
  });

  it('are refused where operands are missing or do not fit', () => {
    const of = (line: string) => `graph main(%x: f32[1,2]) {\n  @w = const f32[3,4]\n  ${line}\n  return %y\n}`;
    expect(() => special(of('%y = FULLY_CONNECTED(%x) : f32[1,3]'), [1, 2])).toThrow(
      "FULLY_CONNECTED 'y': input 'filter' is missing",
    );
    expect(() => special(of('%y = ADD(%x, %x, %x) : f32[1,2]'), [1, 2])).toThrow("ADD 'y': expected at most 2 inputs");
    expect(() => special(of('%y, %z = ADD(%x, %x) : f32[1,2], f32[1]'), [1, 2])).toThrow("ADD 'y': expected 1 outputs");
    expect(() => special(of('%y = ADD(%x, @w) : f32[1,2]'), [1, 2])).toThrow("ADD 'y':");
  });
});
