import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bytesSource, convert, ModelError, type ModelInput, memoryTree, writeModel } from '../../src/index.js';
import { fuzzIterations, mutations } from './mutate.js';

const root = new URL('../..', import.meta.url).pathname;
const read = (path: string) => new Uint8Array(readFileSync(`${root}/${path}`));
const savedModel = 'test/fixtures/tensorflow/keras3';
const files = Object.fromEntries(
  ['saved_model.pb', 'variables/variables.index', 'variables/variables.data-00000-of-00001'].map((name) => [
    name,
    read(`${savedModel}/${name}`),
  ]),
);
/** Slowest conversion of a damaged file that is fine, ms. */
const SLOW = 2000;
/** Most memory that one may leave behind, garbage included, in bytes. */
const LARGE = 512 << 20;

/** What is damaged, and the model around the damaged bytes. */
const targets: readonly (readonly [string, Uint8Array, (bytes: Uint8Array) => ModelInput])[] = [
  [
    'graph of a SavedModel',
    files['saved_model.pb'] as Uint8Array,
    (b) => memoryTree({ ...files, 'saved_model.pb': b }),
  ],
  [
    'checkpoint index',
    files['variables/variables.index'] as Uint8Array,
    (b) => memoryTree({ ...files, 'variables/variables.index': b }),
  ],
  ['frozen graph', read('test/fixtures/tensorflow/frozen/graph.pb'), (b) => bytesSource(b)],
  ['float .tflite', read('test/fixtures/tflite/conv_float.tflite'), (b) => bytesSource(b)],
  ['.tflite with a loop', read('test/fixtures/tflite/control_flow.tflite'), (b) => bytesSource(b)],
];

it.each(targets)('a damaged %s converts to something, or to a clear error', (_, bytes, wrap) => {
  for (const damaged of mutations(bytes, fuzzIterations(40), 7)) {
    const start = performance.now();
    try {
      writeModel(convert(wrap(damaged), { quantize: 'dynamic' }).model);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      expect(error.message).not.toMatch(/undefined|NaN/);
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(performance.now() - start).toBeLessThan(SLOW);
    expect(heapUsed + arrayBuffers).toBeLessThan(LARGE);
  }
});
