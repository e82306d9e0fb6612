import { describe, expect, it } from 'vitest';
import { Constant } from '../ir/constant.js';
import { Value } from '../ir/graph.js';
import { parseGraph } from '../ops/text.js';
import { definePass } from './define.js';
import { rewrite } from './replace.js';
import { runPasses } from './run.js';

const graph = () =>
  parseGraph('graph g(%x: f32[8]) {\n  %y = NEG(%x) : f32[8]\n  %z = EXP(%y) : f32[8]\n  return %z\n}');
const nothing = definePass('nothing', () => 0);
/** Turns one operator into another each time it runs. */
const turn = (from: string, to: string) =>
  definePass(`${from}-to-${to}`, (g) => {
    const node = [...g.nodes()].find((n) => n.op === from);
    return node && rewrite(g, node, { op: to, inputs: node.inputs }) ? 1 : 0;
  });

describe('runPasses', () => {
  it('runs passes in order and tells of each', () => {
    const told: string[] = [];
    const changes = runPasses(graph(), [nothing, turn('NEG', 'ABS'), turn('ABS', 'SIN')], {
      onPass: (name, n) => told.push(`${name} ${n}`),
    });
    expect(changes).toBe(2);
    expect(told).toEqual(['nothing 0', 'NEG-to-ABS 1', 'ABS-to-SIN 1']);
  });

  it('repeats a group until nothing changes, and gives up on passes that undo each other', () => {
    const chain = [turn('ABS', 'SIN'), turn('NEG', 'ABS')];
    expect(runPasses(graph(), [chain])).toBe(2);
    expect(runPasses(graph(), [[turn('NEG', 'ABS'), turn('ABS', 'NEG')]])).toBe(64);
  });

  it('stops after the named pass and knows the names', () => {
    const g = graph();
    runPasses(g, [[turn('NEG', 'ABS'), turn('ABS', 'SIN')]], { stopAfter: 'NEG-to-ABS' });
    expect([...g.nodes()].map((n) => n.op)).toEqual(['ABS', 'EXP']);
    expect(() => runPasses(g, [nothing], { stopAfter: 'else' })).toThrow(
      "no pass is called 'else'. There are: nothing.",
    );
  });

  it('names the pass that breaks the graph', () => {
    const breaking = definePass('breaking', (g) => {
      g.outputs[0] = new Value('lost', 'f32', [2]);
      return 1;
    });
    expect(() => runPasses(graph(), [nothing, breaking], { verify: true })).toThrow(
      "after pass breaking: graph 'g': output 'lost' is computed by no node of the graph",
    );
  });

  it('names the pass that renames an output', () => {
    const renaming = definePass('renaming', (g) => {
      for (const value of g.outputs) value.name = 'other';
      return 1;
    });
    expect(() => runPasses(graph(), [renaming], { verify: true })).toThrow(
      "after pass renaming: output 0 was 'z', is 'other'",
    );
  });

  it('names the first pass that moves the result', () => {
    expect(() => runPasses(graph(), [turn('NEG', 'ABS')], { checkNumerics: true })).toThrow(
      /^after pass NEG-to-ABS: output 0\[\d\] was .*, is .* elements moved\)$/,
    );
    expect(() => runPasses(graph(), [nothing], { checkNumerics: true })).not.toThrow();
  });
});

describe('rewrite', () => {
  it('keeps the node when a constant would leave the graph in its place', () => {
    const g = graph();
    const node = [...g.nodes()][1];
    const constant = Value.constant('c', Constant.f32([1, 2]));
    expect(node && rewrite(g, node, { op: 'NEG', inputs: [constant] })).toBe(false);
    expect(g.outputs[0]?.producer?.op).toBe('EXP');
  });
});
