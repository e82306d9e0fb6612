import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { Graph, Value } from '../ir/graph.js';
import type { Tensor } from '../ir/tensor.js';
import { addNode } from './build.js';
import { evaluateGraph } from './evaluate.js';
import { parseGraph } from './text.js';

const f32 = (shape: number[], data: number[]): Tensor => ({ dtype: 'f32', shape, data: Float32Array.from(data) });

describe('evaluateGraph', () => {
  it('computes all outputs, those that are inputs or constants included', () => {
    const graph = parseGraph(`graph g(%x: f32[2], %y: f32[2]) {
  @c = const f32[2] [10, 20]
  %sum = ADD(%x, %y) : f32[2]
  %z = MUL(%sum, @c) : f32[2]
  return %z, %x, @c, %sum
}`);
    const outputs = evaluateGraph(graph, [f32([2], [1, 2]), f32([2], [3, 4])]);
    expect(outputs.map((t) => Array.from(t.data as Float32Array))).toEqual([
      [40, 120],
      [1, 2],
      [10, 20],
      [4, 6],
    ]);
  });

  it('finds unknown sizes from the tensors it gets', () => {
    const graph = parseGraph('graph g(%x: f32[?,2]) {\n  %y = NEG(%x) : f32[?,2]\n  return %y\n}');
    expect(evaluateGraph(graph, [f32([3, 2], [1, 2, 3, 4, 5, 6])])[0]?.shape).toEqual([3, 2]);
  });

  it('names the operator that has no kernel', () => {
    const graph = parseGraph('graph g(%x: f32[2]) {\n  %y = CUSTOM:Mine(%x) : f32[2]\n  return %y\n}');
    expect(() => evaluateGraph(graph, [f32([2], [1, 2])])).toThrow("Mine 'y': no reference kernel runs this operator");
  });

  it('says which input does not fit', () => {
    const graph = parseGraph('graph g(%x: f32[?,2]) {\n  return %x\n}');
    expect(() => evaluateGraph(graph, [])).toThrow("input 'x': expected a tensor, got none");
    expect(() => evaluateGraph(graph, [f32([3], [1, 2, 3])])).toThrow("input 'x': expected f32[?,2], got f32[3]");
  });

  it('reads quantized constants as the numbers that they stand for', () => {
    const graph = new Graph('g');
    const x = new Value('x', 'f32', [1, 2]);
    graph.inputs.push(x);
    const weights = Value.constant('w', Constant.of('i8', [2, 2], Int8Array.of(1, 2, 3, 4)));
    weights.quantization = { scale: Float32Array.of(0.5, 2), zeroPoint: [0, 0], axis: 0 };
    const [dense] = addNode(graph, undefined, { op: 'FULLY_CONNECTED', name: 'y', inputs: [x, weights] });
    const [plain] = addNode(graph, undefined, { op: 'DEQUANTIZE', name: 'p', inputs: [weights] });
    graph.outputs.push(dense as Value, plain as Value);
    const outputs = evaluateGraph(graph, [f32([1, 2], [1, 127])]);
    expect(outputs.map((t) => Array.from(t.data as Float32Array))).toEqual([
      [127.5, 1022],
      [0.5, 1, 6, 8],
    ]);
  });

  it('starts the state of a recurrent layer with zeros', () => {
    const graph = new Graph('g');
    const x = new Value('x', 'f32', [1, 1]);
    const state = new Value('state', 'f32', [1, 1]);
    state.isVariable = true;
    graph.inputs.push(x);
    const constant = (value: number, shape: readonly number[]) => Value.constant('c', Constant.f32([value], shape));
    const inputs = [x, constant(2, [1, 1]), constant(5, [1, 1]), constant(1, [1]), state];
    graph.outputs.push(...addNode(graph, undefined, { op: 'RNN', name: 'h', inputs }));
    expect(Array.from(evaluateGraph(graph, [f32([1, 1], [3])])[0]?.data as Float32Array)).toEqual([7]);
  });
});
