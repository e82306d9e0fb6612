import { describe, expect, it } from 'vitest';
import { expectedRuns, fixtureFiles, type Value } from '../src/formats/tensorflow/read/testing.js';
import { convert, type Model, memoryTree, type TensorData, writeModel } from '../src/index.js';
import { load } from '../src/node/runtime.js';
import { loadLiteRt } from './oracle/litert.js';

/** Loops and recurrent layers, converted and run, against what TensorFlow computed: see scripts/fixtures. */
function converted(fixture: string, quantize = 'none'): Model {
  const input = memoryTree(fixtureFiles(fixture), fixture);
  return convert(input, { quantize, signatures: 'all', verify: true }).model;
}

const fed = (dtype: string, { data }: Value): TensorData =>
  dtype === 'i32' ? Int32Array.from(data as number[]) : Float32Array.from(data as number[]);

function expectClose(got: TensorData | undefined, wanted: Value | undefined, digits = 5): void {
  expect(got).toHaveLength(wanted?.data.length ?? 0);
  for (const [i, number] of (wanted?.data ?? []).entries())
    expect(Number(got?.[i])).toBeCloseTo(number as number, digits);
}

const operatorsOf = (model: Model, key: string): string[] => {
  const graph = model.graphs[model.signatures.find((s) => s.key === key)?.graph ?? -1];
  return graph ? [...graph.nodes()].map((n) => n.op) : [];
};

describe.each(['recurrent', 'tf1_recurrent', 'control', 'branches', 'counter', 'growing'])('%s', (fixture) => {
  const model = converted(fixture);
  const bytes = writeModel(model);

  it.each(expectedRuns(fixture))(
    '$signature gives what TensorFlow computes',
    async ({ signature, inputs, outputs }) => {
      const runnable = await load(bytes);
      const { inputs: facts } = runnable.signatures.find((s) => s.key === signature) ?? { inputs: [] };
      const feeds = facts.map(({ name, dtype }) => {
        const value = inputs[name] as Value;
        return [name, { data: fed(dtype, value), shape: value.shape }] as const;
      });
      const results = runnable.run(Object.fromEntries(feeds), { signature });
      for (const [name, value] of Object.entries(outputs)) expectClose(results[name]?.data, value);
      runnable.dispose();
    },
  );
});

describe('recurrent layers', () => {
  const model = converted('recurrent');

  it('of a fixed batch from zeros on are one operator each', () => {
    expect(operatorsOf(model, 'stacked').filter((op) => /LSTM|WHILE/.test(op))).toEqual([
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
    ]);
    const ops = operatorsOf(model, 'recurrent');
    expect(ops.filter((op) => /SEQUENCE|WHILE/.test(op)).sort()).toEqual([
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
      'UNIDIRECTIONAL_SEQUENCE_LSTM',
      'UNIDIRECTIONAL_SEQUENCE_RNN',
    ]);
    expect(ops.filter((op) => op === 'REVERSE_V2')).toHaveLength(2);
  });

  it('of TensorFlow 1 with one matrix for both inputs are one operator, too', () => {
    expect(operatorsOf(converted('tf1_recurrent'), 'serving_default')).toContain('UNIDIRECTIONAL_SEQUENCE_LSTM');
  });

  it.each(['stacked_free', 'recurrent_free', 'gates', 'states', 'started'])(
    'of any batch, with other cells, states that are read, or another start stay loops: %s',
    (key) => {
      const ops = operatorsOf(model, key);
      expect(ops).toContain('WHILE');
      expect(ops).not.toContain('UNIDIRECTIONAL_SEQUENCE_LSTM');
    },
  );

  it('give the same in the reference runtime', async () => {
    const bytes = writeModel(converted('tf1_recurrent'));
    const [row] = expectedRuns('tf1_recurrent');
    const loaded = await (await loadLiteRt()).load(bytes);
    const results = await loaded.run([fed('f32', row?.inputs.x as Value) as Float32Array]);
    expectClose(results.out?.data, row?.outputs.out);
    loaded.delete();
  });
});

describe('variables that a model writes', () => {
  const bytes = writeModel(converted('counter'));
  const [x, after, again] = [
    [1, 10],
    [4, 32],
    [7, 62],
  ].map((numbers) => Float32Array.from(numbers));

  it('are filled once, and keep from run to run what was added to them, until they are reset', async () => {
    const runnable = await load(bytes);
    const count = () => runnable.run({ x: x as Float32Array }).after?.data;
    expect([count(), count()]).toEqual([after, again]);
    runnable.reset();
    expect(count()).toEqual(after);
    runnable.dispose();
  });

  it('give the same in the reference runtime', async () => {
    const loaded = await (await loadLiteRt()).load(bytes);
    for (const wanted of [after, again]) expect((await loaded.run([x as Float32Array])).after?.data).toEqual(wanted);
    loaded.delete();
  });
});
