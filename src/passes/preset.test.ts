import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../ops/evaluate.js';
import { parseGraph, printGraph } from '../ops/text.js';
import { describeMove, evaluated, seededInputs } from './numerics.js';
import { optimizePreset } from './preset.js';
import { runPasses } from './run.js';
import { randomGraph } from './testing.js';

const GRAPHS = Number(process.env.RANDOM_GRAPHS ?? 100);
const FIRST = Number(process.env.RANDOM_SEED ?? 1);

describe('optimizePreset', () => {
  it(`keeps the results of ${GRAPHS} random graphs and finds nothing more to do the second time`, () => {
    for (let seed = FIRST; seed < FIRST + GRAPHS; seed++) {
      const graph = randomGraph(`graph ${seed}`);
      const before = printGraph(graph);
      const sized = seededInputs(graph, (v) => v.shape?.map((d) => (d < 0 ? 3 : d)));
      const outputs = evaluated(() => evaluateGraph(graph, sized));
      const context = () => `seed ${seed}\n${before}\n${printGraph(graph)}`;
      try {
        runPasses(graph, optimizePreset, { verify: true, checkNumerics: true });
        const move = outputs && describeMove(outputs, evaluateGraph(graph, sized));
        if (move) throw new Error(move);
      } catch (cause) {
        throw new Error(`${cause}\n${context()}`, { cause });
      }
      expect(runPasses(graph, optimizePreset), context()).toBe(0);
    }
  });

  it('leaves nothing of the shape arithmetic around a flattened batch', () => {
    const graph = parseGraph(`graph g(%x: f32[?,4,4,2]) {
  @w = const f32[5,32]
  @zero = const i32[1] [0]
  @one = const i32[1] [1]
  @rest = const i32[] [32]
  %s = SHAPE(%x) : i32[4]
  %n = STRIDED_SLICE(%s, @zero, @one, @one) {shrinkAxisMask: 1} : i32[]
  %p = PACK(%n, @rest) {valuesCount: 2} : i32[2]
  %f = RESHAPE(%x, %p) : f32[?,32]
  %y = FULLY_CONNECTED(%f, @w, _) : f32[?,5]
  return %y
}`);
    runPasses(graph, optimizePreset, { verify: true, checkNumerics: true });
    expect([...graph.nodes()].map((n) => n.op)).toEqual(['RESHAPE', 'FULLY_CONNECTED']);
  });
});
