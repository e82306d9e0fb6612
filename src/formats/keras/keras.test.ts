import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSource } from '../../bytes/source.js';
import { load } from '../../load.js';
import { optimizePreset } from '../../passes/preset.js';
import { runPasses } from '../../passes/run.js';
import { prepare, readModel, writeModel } from '../index.js';

interface Array_ {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}
interface Case {
  readonly name: string;
  readonly file: string;
  readonly inputs: readonly Array_[];
  readonly outputs: readonly Array_[];
}

const cases = [
  'cases',
  'functions',
  'layers',
  'masks',
  'operations',
  'sizes',
  'spectra',
  'tensorflow-functions',
  'variants',
].flatMap((name) => {
  const path = new URL(`../../../test/fixtures/keras/${name}.json.gz`, import.meta.url);
  return JSON.parse(gunzipSync(readFileSync(path)).toString()) as readonly Case[];
});
const source = ({ file, name }: Case) => bytesSource(Uint8Array.from(Buffer.from(file, 'base64')), name);
const typed = ({ dtype, data }: Array_) => {
  if (dtype === 'int64') return BigInt64Array.from(data, BigInt);
  return dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data);
};

beforeAll(async () => {
  for (const c of cases) await prepare(source(c));
});

/** Keras's results, by the same layers in Python. The functions of single operators differ in the last bits. */
const TOLERANCE = 2e-5;

describe.each(cases.map((c) => [c.name, c] as const))('%s', (_, c) => {
  // The error functions are operators of their own until the passes write them out.
  it.each(c.name.endsWith('optimized') ? [true] : [false, true])(
    'gives what Keras gives (optimized: %s)',
    async (isOptimized) => {
      const model = readModel(source(c));
      if (isOptimized) runPasses(model, optimizePreset, { verify: true, checkNumerics: false });
      const runnable = await load(writeModel(model));
      const names = runnable.signatures[0]?.inputs.map((i) => i.name) ?? [];
      const feeds = names.map((name, i) => {
        const input = c.inputs[i] as Array_;
        return [name, { data: typed(input), shape: input.shape }];
      });
      const outputs = Object.values(runnable.run(Object.fromEntries(feeds)));
      expect(outputs.map((o) => o.shape)).toEqual(c.outputs.map((o) => o.shape));
      for (const [i, output] of outputs.entries()) {
        const expected = c.outputs[i]?.data ?? [];
        const most = Math.max(1, ...expected.map(Math.abs));
        const worst = Math.max(...expected.map((e, k) => Math.abs(e - Number(output.data[k])) / most));
        expect(worst).toBeLessThan(TOLERANCE);
      }
      runnable.dispose();
    },
  );
});
