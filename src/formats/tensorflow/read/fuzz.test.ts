import { describe, expect, it } from 'vitest';
import { fuzzIterations, mutations } from '../../../../test/fuzz/mutate.js';
import { bytesSource, type FileTree, memoryTree } from '../../../bytes/source.js';
import { ModelError } from '../../../errors.js';
import type { TfModel } from '../graph.js';
import { readGraphDef } from './graph-def.js';
import { readSavedModel } from './saved-model.js';
import { fixtureFiles } from './testing.js';

/** Longest time for one file, in ms: many times what the undamaged ones need, on a busy machine. */
const LIMIT = 2000;

/** Reads everything there is: attributes, constants, functions. Anything but a ModelError fails the test. */
function exhaust(read: () => TfModel): void {
  const start = performance.now();
  const before = process.memoryUsage();
  try {
    for (const graph of read().graphs) {
      const functions = [...graph.library.values()];
      for (const node of [...graph.nodes, ...graph.initializer, ...functions.flatMap((f) => f.nodes)]) {
        expect(node.inputs.every((ref) => ref.node && ref.index >= 0)).toBe(true);
        attempt(() => node.value?.data());
        for (const name of node.attrs.names) attempt(() => node.attrs.value(name));
      }
    }
  } catch (error) {
    check(error);
  }
  expect(performance.now() - start).toBeLessThan(LIMIT);
  expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(600 << 20);
}

function attempt(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    check(error);
  }
}

function check(error: unknown): void {
  if (error instanceof ModelError) return;
  throw error;
}

const iterations = fuzzIterations(200);

function damaged(name: string, path: string, seed: number, count: number): FileTree[] {
  const files = fixtureFiles(name);
  return [...mutations(files[path] as Uint8Array, count, seed)].map((bytes) => memoryTree({ ...files, [path]: bytes }));
}

describe('reading damaged files', () => {
  it.each([
    ['nested', 'saved_model.pb', 1],
    ['control', 'saved_model.pb', 2],
    ['words', 'saved_model.pb', 3],
    ['tf1_learning_phase', 'saved_model.pb', 4],
    ['counter', 'saved_model.pb', 5],
    ['nested', 'variables/variables.index', 6],
    ['tf1_partitioned', 'variables/variables.data-00000-of-00001', 7],
    ['nested', 'variables/variables.data-00000-of-00001', 8],
  ])('ends with a model or a ModelError: %s/%s, seed %i', (name, path, seed) => {
    for (const tree of damaged(name, path, seed, Math.ceil(iterations / 8)))
      exhaust(() => readSavedModel(tree, { signatures: 'all' }));
  });

  it.each([
    ['graph.pb', 11],
    ['graph.meta', 12],
    ['loop.pb', 13],
  ])('ends with a model or a ModelError: frozen/%s, seed %i', (path, seed) => {
    const bytes = fixtureFiles('frozen')[path] as Uint8Array;
    for (const copy of mutations(bytes, Math.ceil(iterations / 4), seed))
      exhaust(() => readGraphDef(bytesSource(copy)));
  });
});
