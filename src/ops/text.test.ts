import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { Graph, Value } from '../ir/graph.js';
import { addNode } from './build.js';
import { parseGraph, parseGraphs, printGraph, printGraphs } from './text.js';

describe('graph text of known operators', () => {
  it('leaves out defaults of the operator and fills them in again', () => {
    const graph = new Graph('g');
    graph.inputs.push(new Value('x', 'f32', [1, 8, 8, 3]));
    const filter = Value.constant('w', Constant.f32(new Float32Array(12), [4, 1, 1, 3]));
    const options = { padding: 'SAME', strideH: 1, strideW: 2 };
    graph.outputs.push(
      ...addNode(graph, undefined, { op: 'CONV_2D', name: 'y', inputs: [graph.inputs[0], filter, undefined], options }),
    );
    const text = printGraph(graph);
    expect(text).toContain('%y = CONV_2D(%x, @w, _) {strideW: 2} : f32[1,8,4,4]');
    expect([...parseGraph(text).nodes()][0]?.options).toEqual([...graph.nodes()][0]?.options);
  });

  it('tracks shape arithmetic through what it reads', () => {
    const graph = parseGraph(`graph g(%x: f32[?,3]) {
  %s = SHAPE(%x) : i32[2]
  @two = const i32[] [2]
  %d = MUL(%s, @two) : i32[2]
  return %d
}`);
    expect(graph.outputs[0]?.partial).toEqual([undefined, 6]);
  });

  it('holds several graphs', () => {
    const text = 'graph a(%x: f32[]) {\n  return %x\n}\n\ngraph b() {\n  return\n}\n';
    expect(printGraphs(parseGraphs(text))).toBe(text);
  });
});
