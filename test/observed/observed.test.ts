import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/bytes/source.js';
import { ModelError } from '../../src/errors.js';
import { lowerTensorFlow } from '../../src/formats/tensorflow/lower/index.js';
import { readGraphDef } from '../../src/formats/tensorflow/read/graph-def.js';
import { readTflite, writeTflite } from '../../src/formats/tflite/index.js';
import type { Model } from '../../src/ir/graph.js';
import { optimizePreset } from '../../src/passes/preset.js';
import { runPasses } from '../../src/passes/run.js';
import { differencesExpected } from './differences.js';
import { compareInOrder, type Line, linesOf, parseLine } from './notation.js';

/**
 * Structures that the reference converter gave for small graphs (test/data/observed-lowerings.json), against those that
 * this package writes for the same graphs (made by scripts/fixtures). `differences.ts` lists where they differ and why.
 */
const read = (path: string): Buffer => readFileSync(new URL(path, import.meta.url));
const records = JSON.parse(read('../data/observed-lowerings.json').toString()) as Record<string, Recorded>;
type Recorded = Readonly<Record<string, readonly string[]>>;

const REFUSED = 'does not convert with builtins only';
const NEEDS_SELECT = 'NEEDS-SELECT';

/** Reads, lowers and optimizes a GraphDef, checking every pass, and reads back what is written. */
function convert(base64: string): Model {
  const model = lowerTensorFlow(readGraphDef(bytesSource(Buffer.from(base64, 'base64'))));
  runPasses(model, optimizePreset, { verify: true, checkNumerics: true });
  return readTflite(bytesSource(writeTflite(model)));
}

/** The operators of a conversion; undefined when an operation has no counterpart. */
function operators(base64: string): readonly Line[] | undefined {
  try {
    return convert(base64).graphs.flatMap(linesOf);
  } catch (error) {
    if (error instanceof ModelError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

for (const { group, folder, what } of [
  { group: 'graph_rewrites', folder: 'rewrites', what: 'recorded rewrites' },
  { group: 'keras3_layers_from_keras_model', folder: 'keras3-layers', what: 'recorded Keras 3 layers' },
])
  describe(what, () => {
    const graphs = JSON.parse(gunzipSync(read(`../fixtures/${folder}/graphs.json.gz`)).toString()) as Record<
      string,
      string
    >;
    const recorded = records[group] as Recorded;
    const allowed = differencesExpected[group] ?? {};

    it('have a graph each', () => expect(Object.keys(graphs).sort()).toEqual(Object.keys(recorded).sort()));

    for (const [name, lines] of Object.entries(recorded)) {
      const base64 = graphs[name] as string;
      const exception = allowed[name];
      const expected = lines.includes(REFUSED)
        ? undefined
        : lines.filter((line) => line !== NEEDS_SELECT).map(parseLine);
      // Weights of the Keras layers are random: only their shapes were recorded to compare.
      const found = (got: readonly Line[]) =>
        compareInOrder(got, expected ?? [], { weights: group === 'graph_rewrites' });

      if (!exception)
        it(`${name}: the same operators, order, shapes and options`, () => {
          const got = operators(base64);
          expect(got === undefined).toBe(expected === undefined);
          if (got) expect(found(got)).toEqual([]);
        });
      else
        it(`${name}: ${exception.reason}`, () => {
          const got = operators(base64);
          expect(got === undefined).toBe(exception.kind === 'refused');
          expect(found(got ?? [])).not.toEqual([]);
          if (exception.kind === 'smaller') expect(got?.length).toBeLessThan(lines.length);
          if (exception.kind === 'order') expect(names(got ?? [])).toEqual(names(expected ?? []));
        });
    }
  });

const names = (lines: readonly Line[]): string[] => lines.map((line) => line.op).sort();
