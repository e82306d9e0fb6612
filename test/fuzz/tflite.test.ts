import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { ModelError } from '../../src/errors.js';
import { readTflite, writeTflite } from '../../src/formats/tflite/index.js';
import { fuzzIterations, mutations } from './mutate.js';

const directory = new URL('../fixtures/tflite/', import.meta.url);
const files = readdirSync(directory).filter((name) => name.endsWith('.tflite'));
const SEED = 20240607;
const MOST_MS = 2000;
const MOST_BYTES = 512 << 20;

/** Reads everything there is, elements too, and writes it again. */
function use(bytes: Uint8Array): void {
  const model = readTflite(bytesSource(bytes, 'damaged.tflite'));
  for (const graph of model.graphs)
    for (const node of graph.nodes()) for (const value of node.inputs) value?.constant?.data();
  writeTflite(model);
}

describe('damaged files', () => {
  const each = Math.ceil(fuzzIterations(200) / files.length);
  it.each(files)(`%s, damaged in ${each} ways, gives a model or a ModelError, soon and in little memory`, (file) => {
    const bytes = new Uint8Array(readFileSync(new URL(file, directory)));
    let iteration = 0;
    for (const damaged of mutations(bytes, each, SEED)) {
      const what = `${file}, seed ${SEED}, iteration ${iteration++}`;
      const before = performance.now();
      try {
        use(damaged);
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
