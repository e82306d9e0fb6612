import { expect, it } from 'vitest';
import { writeModel } from '../../src/formats/index.js';
import type { Graph, Model } from '../../src/ir/graph.js';
import { printGraph } from '../../src/ir/print.js';
import type { Tensor } from '../../src/ir/tensor.js';
import { load } from '../../src/node/runtime.js';
import type { LoadOptions, RunnableModel } from '../../src/runtime/api.js';
import { planFaults } from '../runtime/check-plan.js';
import { OpenModel } from '../runtime/compiled.js';
import { fuzzIterations } from './mutate.js';
import { randomGraph } from './random-graph.js';

const MODES: Readonly<Record<string, LoadOptions>> = { fast: {}, reference: { numerics: 'reference' } };

function modelOf(graph: Graph): Model {
  const names = (letter: string, values: Graph['inputs']) =>
    values.map((_, index) => ({ name: `${letter}${index}`, index }));
  const signature = { key: 'main', graph: 0, inputs: names('x', graph.inputs), outputs: names('y', graph.outputs) };
  return { graphs: [graph], signatures: [signature], description: '', metadata: [] };
}

const results = (model: RunnableModel, inputs: readonly Tensor[]): unknown[] =>
  Object.values(model.run(inputs)).map(({ shape, data }) => ({ shape, data: Array.from(data as Float32Array, plain) }));

/** Zeros of both signs are one. */
const plain = (x: number): number => x + 0;

const reversed = (tensor: Tensor): Tensor => ({ ...tensor, data: (tensor.data as Float32Array).slice().reverse() });

const count = fuzzIterations(200);
const MOST_MS = 30_000 + 150 * count;
it(
  `${count} graphs give what their operators give one by one, whatever ran before`,
  async () => {
    for (let i = 0; i < count; i++) {
      const seed = `graph ${i}`;
      const { graph, inputs, outputs } = randomGraph(seed);
      const wanted = outputs.map(({ shape, data }) => ({ shape, data: Array.from(data as Float32Array, plain) }));
      const model = modelOf(graph);
      const bytes = writeModel(model);
      for (const [mode, options] of Object.entries(MODES)) {
        const what = `'${seed}', ${mode}\n${printGraph(graph)}`;
        const runnable = await load(bytes, options);
        expect(results(runnable, inputs), what).toEqual(wanted);
        runnable.run(inputs.map(reversed));
        expect(results(runnable, inputs), `again: ${what}`).toEqual(wanted);
        runnable.dispose();
      }
      const { plan } = new OpenModel(model, () => {}).open(0, inputs.map((t) => t.shape)).executable; // biome-ignore format: one line
      expect(planFaults(plan), seed).toEqual([]);
    }
  },
  MOST_MS,
);
