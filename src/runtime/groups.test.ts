import { describe, expect, it } from 'vitest';
import { parseGraphs } from '../ir/parse.js';
import { findOp } from '../ops/registry.js';
import { type FusionRules, groupNodes } from './groups.js';

/** Products take elementwise nodes in. */
const rules: FusionRules = {
  fuses: (node) => node.op === 'FULLY_CONNECTED',
  isStage: (node) => ['RELU', 'ADD', 'TANH'].includes(node.op),
};

/** The groups of a graph, each as the names of its nodes. */
function groups(text: string): string[] {
  const [graph] = parseGraphs(text, (op) => findOp(op)?.defaults ?? {});
  return groupNodes(graph!, [...graph!.nodes()], rules).map(({ root, chain }) =>
    [root, ...chain].map((n) => n.output.name).join(' '),
  );
}
const graph = (lines: string, results = '%y') => `graph main(%x: f32[1,4], %z: f32[1,4]) {
  @w = const f32[4,4]
  ${lines}
  return ${results}
}`;

describe('groups of nodes', () => {
  it('a product takes in the elementwise nodes that follow', () => {
    expect(
      groups(
        graph(`%a = FULLY_CONNECTED(%x, @w, _) : f32[1,4]
  %b = RELU(%a) : f32[1,4]
  %c = ADD(%b, %z) : f32[1,4]
  %y = EXP(%c) : f32[1,4]`),
      ),
    ).toEqual(['a b c', 'y']);
  });

  it('a value that somebody else needs, or that leaves, ends the chain', () => {
    const product = '%a = FULLY_CONNECTED(%x, @w, _) : f32[1,4]\n  %b = RELU(%a) : f32[1,4]\n';
    expect(groups(graph(`${product}  %y = EXP(%a) : f32[1,4]`, '%y, %b'))).toEqual(['a', 'b', 'y']);
    expect(groups(graph(`${product}  %y = TANH(%b) : f32[1,4]`, '%y, %b'))).toEqual(['a b', 'y']);
    expect(groups(graph('%a = FULLY_CONNECTED(%x, @w, _) : f32[1,4]\n  %y = ADD(%a, %a) : f32[1,4]'))).toEqual(['a', 'y']); // biome-ignore format: one case
  });

  it('a group stands where its last node stood, so that everything it reads is there', () => {
    expect(
      groups(
        graph(`%a = FULLY_CONNECTED(%x, @w, _) : f32[1,4]
  %e = EXP(%z) : f32[1,4]
  %y = ADD(%a, %e) : f32[1,4]`),
      ),
    ).toEqual(['e', 'a y']);
  });

  it('of two products that are added, one takes the sum', () => {
    expect(
      groups(
        graph(`%a = FULLY_CONNECTED(%x, @w, _) : f32[1,4]
  %b = FULLY_CONNECTED(%z, @w, _) : f32[1,4]
  %y = ADD(%a, %b) : f32[1,4]`),
      ),
    ).toEqual(['b', 'a y']);
  });
});
