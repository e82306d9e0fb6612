import { describe, expect, it } from 'vitest';
import type { TfGraph, TfModel } from '../graph.js';
import { lowerTensorFlow } from './lower.js';
import { buildGraph } from './testing.js';

const errorOf = (model: TfModel): string => {
  try {
    lowerTensorFlow(model);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was lowered');
};

describe('a model that holds operations without a counterpart says where to cut it', () => {
  it('in front of them, when the larger part is there', () => {
    const steps = ['MatMul($0, f32[3,4])', 'Relu(%0)', 'BesselI0(%1)', 'Neg(%2)'];
    expect(errorOf(buildGraph(['float32[2,3]'], steps))).toMatch(
      /The part in front of it ends at 'n1'\. Convert it with --output n1, to compute the rest elsewhere\.$/,
    );
  });

  it('behind them, when the larger part is there', () => {
    const steps = ['BesselI0($0)', 'Neg(%0)', 'MatMul(%1, f32[3,4])', 'Relu(%2)'];
    expect(errorOf(buildGraph(['float32[2,3]'], steps))).toMatch(
      /The part behind it begins at 'n0'\. Convert it with --input n0, to compute what is in front of it elsewhere\.$/,
    );
  });

  it('and says nothing when no part with a layer is left', () => {
    expect(errorOf(buildGraph(['float32[2,3]'], ['Neg($0)', 'BesselI0(%0)']))).not.toMatch(/The part/);
  });

  it('behind text, at the outputs that are numbers', () => {
    const steps = ['StringToNumber($0)', 'Neg(%0)', 'AsString(%1)'];
    const model = buildGraph(['string[2,3]'], steps);
    const [graph] = model.graphs as [TfGraph];
    const [words] = graph.signature.outputs;
    const neg = graph.nodes.find((n) => n.op === 'Neg')!;
    const outputs = [words!, { ...words!, ref: { node: neg, index: 0 }, dtype: 'f32' as const }];
    const signature = { ...graph.signature, outputs };
    expect(errorOf({ ...model, graphs: [{ ...graph, signature }] })).toMatch(
      /The part behind it begins at 'n0'\. Convert it with --input n0 --output n1, to compute/,
    );
  });
});
