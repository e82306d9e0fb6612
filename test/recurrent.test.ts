import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSource, convert, prepare, writeModel } from '../src/index.js';
import { load } from '../src/node/runtime.js';
import { recipeWith, resolveRecipe } from '../src/quantize/recipe.js';

/** Recurrent layers as Keras writes them, and what Keras gives: of the whole data, and of one row and five steps of it. */
interface Case {
  readonly name: string;
  readonly dtype: string;
  readonly x: readonly number[];
  readonly whole: readonly number[];
  readonly runs: readonly { readonly shape: readonly number[]; readonly y: readonly (readonly number[])[] }[];
  readonly file: string;
}

/** What came of a configuration: a row of the table. */
interface Row {
  readonly name: string;
  readonly form: string;
  readonly quantized: string;
  readonly runs: string;
  readonly error: number;
}

const root = new URL('..', import.meta.url).pathname;
const cases = JSON.parse(
  gunzipSync(readFileSync(`${root}/test/fixtures/keras/recurrent.json.gz`)).toString(),
) as Case[];
/** Float against Keras. The largest error seen is 6e-7. */
const TOLERANCE = 5e-6;
const TABLE = `${root}/docs/recurrent.md`;
/** The first rows and steps of the data. */
function part({ x, whole, dtype }: Case, shape: readonly number[]) {
  const inner = whole.slice(2).reduce((n, d) => n * d, 1);
  const numbers: number[] = [];
  for (let b = 0; b < (shape[0] as number); b++)
    for (let i = 0; i < (shape[1] as number) * inner; i++)
      numbers.push(x[b * (whole[1] as number) * inner + i] as number);
  const data = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  return { data, shape };
}

async function converted(entry: Case, quantize?: ReturnType<typeof resolveRecipe>) {
  const input = bytesSource(new Uint8Array(Buffer.from(entry.file, 'base64')), 'model.keras');
  await prepare(input);
  return convert(input, quantize ? { quantize } : {});
}

/** The operators that say how the layer runs. */
function formOf(operators: readonly string[]): string {
  const fused = operators.filter((op) => /SEQUENCE|LSTM|RNN/.test(op));
  const counts = new Map<string, number>();
  for (const op of [...fused, ...operators.filter((o) => o === 'WHILE')]) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, n]) => (n > 1 ? `${n} ${op}` : op)).join(', ') || 'plain operators';
}

async function rowOf(entry: Case): Promise<Row> {
  const { model } = await converted(entry);
  const operators = model.graphs.flatMap((g) => [...g.nodes()]).map((n) => n.op);
  const running = await load(writeModel(model));
  const name = running.signatures[0]?.inputs[0]?.name as string;
  let error = 0;
  for (const { shape, y } of entry.runs) {
    running.reset();
    const outputs = Object.values(running.run({ [name]: part(entry, shape) }));
    expect(outputs.length).toBe(y.length);
    for (const [i, expected] of y.entries()) {
      const got = outputs[i]?.data as Float32Array;
      expect(got.length).toBe(expected.length);
      for (const [k, value] of expected.entries()) error = Math.max(error, Math.abs((got[k] as number) - value));
    }
  }
  running.dispose();
  const recipe = recipeWith(resolveRecipe('dynamic'), { minElements: 0 });
  const { quantization } = await converted(entry, recipe);
  const weights = quantization.decisions.filter((d) => d.shape.length >= 2 && d.dtype === 'f32');
  const hybrid = weights.filter((d) => d.action === 'int8 hybrid').length;
  const sizes = entry.runs.map(({ shape }) => `${shape[0]} × ${shape[1]}`);
  return {
    name: entry.name,
    form: formOf(operators),
    quantized: `${hybrid} of ${weights.length}`,
    runs: sizes.join(', '),
    error,
  };
}

describe('recurrent layers of Keras', () => {
  const rows: Row[] = [];
  beforeAll(async () => {
    for (const entry of cases) rows.push(await rowOf(entry));
  });

  it.each(cases.map((c) => c.name))('%s gives what Keras gives', (name) => {
    expect(rows.find((r) => r.name === name)?.error).toBeLessThan(TOLERANCE);
  });

  it('docs/recurrent.md is the table of what was found', () => {
    const text = tableText(rows);
    if (process.env.UPDATE) writeFileSync(TABLE, text);
    expect(existsSync(TABLE) && readFileSync(TABLE, 'utf8'), 'stale: run with UPDATE=1').toBe(text);
  });
});

function tableText(rows: readonly Row[]): string {
  const order = (error: number) => (error === 0 ? '0' : `< ${10 ** Math.ceil(Math.log10(error))}`);
  return [
    '# Recurrent layers',
    '',
    'Written by `UPDATE=1 npx vitest run test/recurrent.test.ts`, which converts every configuration from a `.keras` file, runs',
    'it on the sizes of the fourth column (batch × steps; the same file for both), and compares with what Keras gave.',
    '',
    'A batch that is free stays free: then the layer is a WHILE over its steps, whose matrices are FULLY_CONNECTED and',
    'quantize, and which starts from zero for any batch, everywhere. With the batch known (in the model, or by',
    '`--input-shape x=1,5,3`) LSTM and SimpleRNN become one fused operator, several times as fast; it keeps its state from run',
    'to run until `reset()`, as that operator does on every device. GRUs and ConvLSTMs have no such operator.',
    '',
    'Stacked cells become what layers in sequence become: one loop, or one operator, for each cell.',
    '',
    "TensorFlow's converter makes the LSTMs of Keras 2 clip their cell state to ±10, which neither Keras nor TensorFlow does;",
    'here they are not clipped.',
    '',
    '| configuration | becomes | matrices quantized | runs on | largest error |',
    '|---|---|---|---|---|',
    ...rows.map((r) => `| ${r.name} | ${r.form} | ${r.quantized} | ${r.runs} | ${order(r.error)} |`),
    '',
    '"Matrices quantized" is with `--min-elements 0`, since the layers of this table are tiny.',
    '',
  ].join('\n');
}
