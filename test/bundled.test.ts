import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { convert, prepare, writeModel } from '../src/index.js';
import { openFolder, openModel } from '../src/node/index.js';
import { load } from '../src/node/runtime.js';
import { loadLiteRt } from './oracle/litert.js';
import { readNpy } from './oracle/npy.js';

const root = new URL('..', import.meta.url).pathname;
const SAMPLES = 64;
const SIZE = 28 * 28;

const digits = readNpy(readFileSync(`${root}/test/fixtures/digits/x.npy`)).data as Uint8Array;
const labels = readNpy(readFileSync(`${root}/test/fixtures/digits/y.npy`)).data;
const image = (i: number) => Float32Array.from(digits.subarray(i * SIZE, (i + 1) * SIZE), (q) => q / 255);

const argMax = (row: ArrayLike<number>): number => Array.from(row).reduce((best, v, i, all) => (v > (all[best] as number) ? i : best), 0); // biome-ignore format: short

/** Outputs of the converted model for the first samples, by Google's kernels. */
async function run(model: string, quantize: string): Promise<{ outputs: Float32Array; bytes: number }> {
  const { model: converted } = convert(openFolder(`${root}/models/${model}/saved_model`), {
    quantize,
    signatures: ['serving_default'],
    inputShapes: { image: [1, 28, 28, 1] },
  });
  const bytes = writeModel(converted);
  const loaded = await (await loadLiteRt()).load(bytes);
  const outputs = new Float32Array(SAMPLES * 10);
  for (let i = 0; i < SAMPLES; i++) {
    const [output] = Object.values(await loaded.run([image(i)]));
    outputs.set(output?.data as Float32Array, i * 10);
  }
  loaded.delete();
  return { outputs, bytes: bytes.byteLength };
}

describe.each(['mnist_cnn/mnist_cnn.h5', 'mnist_ds_cnn/mnist_ds_cnn.h5', 'mnist_ds_cnn/mnist_ds_cnn.keras'])(
  '%s',
  (file) => {
    it('gives the outputs of real TensorFlow, in no more bytes than the SavedModel', async () => {
      const input = openModel(`${root}/models/${file}`);
      await prepare(input);
      const bytes = writeModel(convert(input).model);
      const folder = `${root}/models/${file.split('/')[0]}`;
      const expected = readNpy(readFileSync(`${folder}/golden-float.npy`)).data as Float32Array;
      const card = JSON.parse(readFileSync(`${folder}/card.json`, 'utf8'));
      expect(bytes.byteLength).toBeLessThanOrEqual(card.real_tensorflow.float.bytes * 1.01);
      const runnable = await load(bytes);
      for (let i = 0; i < SAMPLES; i++) {
        const { digit } = runnable.run([image(i)]);
        for (const [k, p] of ((digit as { data: unknown }).data as Float32Array).entries())
          expect(p).toBeCloseTo(expected[10 * i + k] ?? 0, 5);
      }
      runnable.dispose();
    });
  },
);

describe.each(['mnist_cnn', 'mnist_ds_cnn'])('%s', (model) => {
  const golden = (kind: string) =>
    readNpy(readFileSync(`${root}/models/${model}/golden-${kind}.npy`)).data as Float32Array;
  const card = JSON.parse(readFileSync(`${root}/models/${model}/card.json`, 'utf8')).real_tensorflow;
  let float: Awaited<ReturnType<typeof run>>;
  let dynamic: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    float = await run(model, 'none');
    dynamic = await run(model, 'dynamic');
  }, 60_000);

  it('gives the outputs of real TensorFlow as float', () => {
    for (const [i, expected] of golden('float').entries()) expect(float.outputs[i]).toBeCloseTo(expected, 5);
  });

  it('gives the outputs of real TensorFlow with dynamic-range weights, to a step of the activations', () => {
    for (const [i, expected] of golden('dynamic').entries())
      expect(Math.abs((dynamic.outputs[i] as number) - expected)).toBeLessThan(0.02);
  });

  it('names the right digit in all but a few of the samples', () => {
    const right = Array.from(
      { length: SAMPLES },
      (_, i) => argMax(dynamic.outputs.subarray(i * 10, i * 10 + 10)) === Number(labels[i]),
    );
    expect(right.filter(Boolean).length).toBeGreaterThan(SAMPLES * 0.93);
  });

  it('is no larger than what the reference converter writes', () => {
    expect(float.bytes).toBeLessThanOrEqual(card.float.bytes * 1.01);
    expect(dynamic.bytes).toBeLessThanOrEqual(card.dynamic.bytes * 1.01);
  });
});
