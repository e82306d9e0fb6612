import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { strToU8, unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { fuzzIterations, mutations } from '../../../test/fuzz/mutate.js';
import { bytesSource } from '../../bytes/source.js';
import { ModelError } from '../../errors.js';
import { prepare, readModel } from '../index.js';

/** Longest time for one file, in ms: many times what the undamaged ones need, on a busy machine. */
const LIMIT = 3000;

const path = new URL('../../../test/fixtures/keras/cases.json.gz', import.meta.url);
const cases = JSON.parse(gunzipSync(readFileSync(path)).toString()) as readonly { name: string; file: string }[];
const bytesOf = (name: string): Uint8Array =>
  Uint8Array.from(Buffer.from(cases.find((c) => c.name === name)?.file ?? '', 'base64'));
const iterations = Math.ceil(fuzzIterations(200) / 5);

beforeAll(async () => {
  for (const name of ['conv 2d', 'h5 states']) await prepare(bytesSource(bytesOf(name)));
});

/** Reads a file and all its weights. Anything but a ModelError fails the test. */
function exhaust(bytes: Uint8Array): void {
  const start = performance.now();
  try {
    for (const graph of readModel(bytesSource(bytes, 'damaged')).graphs)
      for (const node of graph.nodes()) for (const v of node.inputs) v?.constant?.data();
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
  }
  expect(performance.now() - start).toBeLessThan(LIMIT);
}

const texts = (json: string): Uint8Array[] => [...mutations(strToU8(json), iterations, 5)];

describe('reading damaged Keras files', () => {
  it.each([
    ['h5 states', 1],
    ['keras2 nested', 2],
    ['batch norm and conv', 3],
    ['LSTM both ways', 4],
    ['h5 stacked cells', 5],
  ])('ends with a model or a ModelError: %s, seed %i', (name, seed) => {
    for (const copy of mutations(bytesOf(name), iterations, seed)) exhaust(copy);
  });

  it.each([
    'shared and nested',
    'operations',
    'LSTM both ways',
    'attention',
    'conv 2d transpose valid',
    'time distributed model twice',
  ])('ends so when the configuration is damaged: %s', (name) => {
    const files = unzipSync(bytesOf(name));
    for (const config of texts(new TextDecoder().decode(files['config.json'])))
      exhaust(zipSync({ ...files, 'config.json': config }, { level: 0 }));
  });

  it.each(['shared and nested', 'batch norm and conv'])('ends so when the weights are damaged: %s', (name) => {
    const files = unzipSync(bytesOf(name));
    for (const weights of mutations(files['model.weights.h5'] as Uint8Array, iterations, 6))
      exhaust(zipSync({ ...files, 'model.weights.h5': weights }, { level: 0 }));
  });

  it('ends so when numbers and names of the configuration are exchanged', () => {
    const files = unzipSync(bytesOf('batch norm and conv'));
    const text = new TextDecoder().decode(files['config.json']);
    const values = [...text.matchAll(/(?<=": )(?:-?[\d.]+|"\w+"|\[[^[\]{}]*\]|true|false|null)/g)];
    for (const wrong of ['-1', '1e9', 'null', '"x"', '[]', '{}', '[1,2,3,4,5]', '0.5', 'true'])
      for (const [i, match] of values.entries()) {
        if (i % 5 !== 0) continue;
        const config = text.slice(0, match.index) + wrong + text.slice(match.index + match[0].length);
        exhaust(zipSync({ ...files, 'config.json': strToU8(config) }, { level: 0 }));
      }
  });
});

describe('what is no Keras model', () => {
  it('is refused with what to do: an archive without a configuration', () => {
    expect(() => readModel(bytesSource(zipSync({ 'a.txt': strToU8('hello') }), 'a.zip'))).toThrow(
      /config\.json expected/,
    );
  });

  it('is refused: an archive that claims more than it can hold', () => {
    const zip = zipSync({ 'config.json': new Uint8Array(100_000) });
    const view = new DataView(zip.buffer);
    // The uncompressed size, in the directory at the end.
    const directory = zip.length - 22 - 46 - 'config.json'.length;
    view.setUint32(directory + 24, 0x7fffffff, true);
    expect(() => readModel(bytesSource(zip, 'bomb.keras'))).toThrow(/cannot be so large/);
  });
});
