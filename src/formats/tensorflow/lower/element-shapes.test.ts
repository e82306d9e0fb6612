import { describe, expect, it } from 'vitest';
import type { TfGraph, TfNode } from '../graph.js';
import { elementShapes } from './element-shapes.js';
import { buildGraph } from './testing.js';

const reserve = 'TensorListReserve(i32[]=-1, i32[]=2) {"element_dtype":"f32","shape_type":"i32"}';
const stack = (list: string, shape: string) => `TensorListStack(${list}, ${shape}) {"element_dtype":"f32"}`;
const shapesOf = (...steps: string[]) => {
  const [graph] = buildGraph(['float32[3]'], steps).graphs as [TfGraph];
  return [...elementShapes(graph.nodes)];
};

describe('the shape of the elements of a list', () => {
  it('is the one that a stack of them states, behind identities', () =>
    expect(shapesOf(reserve, 'Identity(%0)', stack('%1', 'i32[2]=6 4'))).toEqual([['n0', [6, 4]]]));

  it('is not known where the stack knows it in part', () =>
    expect(shapesOf(reserve, stack('%0', 'i32[2]=-1 4'))).toEqual([]));

  it('is the one that is stated behind a loop', () => {
    const [{ nodes }] = buildGraph(['float32[3]'], [reserve, stack('%0', 'i32[1]=3')]).graphs as [TfGraph];
    const [list, joined] = nodes.filter((n) => /^TensorList/.test(n.op)) as [TfNode, TfNode];
    const counter = { node: nodes[0] as TfNode, index: 0 };
    const loop: TfNode = { ...list, name: 'loop', op: 'While', inputs: [counter, { node: list, index: 0 }] };
    const behind = { ...joined, inputs: [{ node: loop, index: 1 }, ...joined.inputs.slice(1)] };
    expect([...elementShapes([list, loop, behind])]).toEqual([['n0', [3]]]);
  });
});
