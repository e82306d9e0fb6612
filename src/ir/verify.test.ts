import { describe, expect, it } from 'vitest';
import { Constant } from './constant.js';
import { type Graph, Value } from './graph.js';
import { parseGraph } from './parse.js';
import { verifyGraph } from './verify.js';

const chain = (): Graph =>
  parseGraph('graph g(%x: f32[2]) {\n  %a = ABS(%x) : f32[2]\n  %b = NEG(%a) : f32[2]\n  return %b\n}');

describe('verifyGraph', () => {
  it('accepts a graph that holds together', () => expect(() => verifyGraph(chain())).not.toThrow());

  const broken: readonly (readonly [string, (graph: Graph) => void])[] = [
    [
      "graph 'g': NEG 'b' reads 'a' before ABS 'a' computes it",
      (graph) => {
        const [abs, neg] = [...graph.nodes()];
        if (!abs || !neg) return;
        const { inputs, outputs, op, name } = abs;
        graph.append({ op, name, inputs, outputs });
        abs.alive = false;
        neg.previous = undefined;
      },
    ],
    [
      "graph 'g': NEG 'b' reads 'z', which comes from nowhere",
      (graph) => graph.setInput([...graph.nodes()][1] as never, 0, new Value('z', 'f32', [2])),
    ],
    [
      "graph 'g': NEG 'b' reads 'a', which knows 0 such uses",
      (graph) => {
        const [, neg] = [...graph.nodes()];
        neg?.inputs[0]?.uses.splice(0);
      },
    ],
    [
      "graph 'g': 'x' claims to be input 1 of NEG 'b'",
      (graph) => {
        const [, neg] = [...graph.nodes()];
        if (neg) graph.inputs[0]?.uses.push({ node: neg, index: 1 });
      },
    ],
    [
      "graph 'g': 'b' is output 0 of NEG 'b' and does not know it",
      (graph) => {
        const [b] = graph.outputs;
        if (b) b.producer = undefined;
      },
    ],
    [
      "graph 'g': output 'z' is computed by no node of the graph",
      (graph) => graph.outputs.push(new Value('z', 'f32', [2])),
    ],
    [
      "graph 'g': constant 'c' is f32 [3], its elements f32 [2]",
      (graph) => {
        const value = Value.constant('c', Constant.f32([1, 2]));
        value.shape = [3];
        graph.outputs.push(value);
      },
    ],
    ["graph 'g': input 'x' is listed twice", (graph) => graph.inputs.push(graph.inputs[0] as Value)],
  ];
  for (const [message, damage] of broken)
    it(`says: ${message}`, () => {
      const graph = chain();
      damage(graph);
      expect(() => verifyGraph(graph)).toThrow(message);
    });
});
