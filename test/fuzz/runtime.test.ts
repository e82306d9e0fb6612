import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { ModelError } from '../../src/errors.js';
import { load } from '../../src/node/runtime.js';
import { fuzzIterations, mutations } from './mutate.js';
import { tableMutations } from './mutate-tables.js';
import { seededInputs } from './seeded-inputs.js';

const directory = new URL('../fixtures/tflite/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.tflite'));
const SEED = 20240607;
const MOST_MS = 2000;
const MOST_BYTES = 512 << 20;
/** A damaged loop may never end, a damaged shape may ask for anything: what one gives strangers' models. */
const LIMITS = { memoryLimit: 128 << 20, timeLimit: 500 };

/** Compiles a model and runs all its signatures. */
async function use(bytes: Uint8Array): Promise<void> {
  const model = await load(bytesSource(bytes, 'damaged.tflite'), LIMITS);
  try {
    for (const signature of model.signatures) model.run(seededInputs(signature), { signature: signature.key });
  } finally {
    model.dispose();
  }
}

describe.each([
  ['bytes', mutations],
  ['tables', tableMutations],
] as const)('files with damaged %s', (_, mutate) => {
  const each = Math.ceil(fuzzIterations(300) / files.length);
  it.each(files)(`%s, damaged in ${each} ways, runs or says what is wrong, soon and in little memory`, async (file) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, directory)));
    let iteration = 0;
    for (const damaged of mutate(bytes, each, SEED)) {
      const what = `${file}, seed ${SEED}, iteration ${iteration++}`;
      const before = performance.now();
      try {
        await use(damaged);
      } catch (e) {
        if (!(e instanceof ModelError)) throw new Error(`${what}: ${e}`, { cause: e });
        expect(e.message, what).not.toMatch(/undefined|NaN|\[object/);
      }
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      expect(performance.now() - before, what).toBeLessThan(MOST_MS);
      expect(heapUsed + arrayBuffers, what).toBeLessThan(MOST_BYTES);
    }
  });
});
