import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ByteSource, bytesSource, type FileTree, memoryTree } from '../../bytes/source.js';
import { load } from '../../load.js';
import { formats, prepare, readModel, writeModel } from '../index.js';
import type { ModelInput } from '../types.js';

interface Fixture {
  readonly config: string;
  readonly byClass: string;
  readonly byName: string;
  readonly x: readonly number[][][];
  readonly y: readonly number[][];
}

/** A model in two files, and what Keras computes. */
const path = new URL('../../../test/fixtures/keras/parts.json', import.meta.url);
const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;
const [byClass, byName] = [fixture.byClass, fixture.byName].map((f) => Uint8Array.from(Buffer.from(f, 'base64'))) as [Uint8Array, Uint8Array]; // biome-ignore format: long
const text = (json: string): Uint8Array => new TextEncoder().encode(json);
const config = text(fixture.config);
/** What other programs keep in files of the same names. */
const foreign = text('{"architectures": ["BertModel"], "hidden_size": 8}');

const cases = JSON.parse(readFileSync(new URL('custom_layer.json', path), 'utf8')) as { file: string };
const archive = Uint8Array.from(Buffer.from(cases.file, 'base64'));

const folder = (files: Readonly<Record<string, Uint8Array>>, main?: string): FileTree => ({
  ...memoryTree(files),
  ...(main !== undefined && { main }),
});

/** A file with others beside it. */
const amid = (name: string, files: Readonly<Record<string, Uint8Array>>): ByteSource => ({
  ...bytesSource(files[name] as Uint8Array, name),
  beside: (other) => memoryTree(files).open(other),
});

async function largestError(input: ModelInput): Promise<number> {
  await prepare(input);
  const running = await load(writeModel(readModel(input)));
  const { y } = running.run({ x: { data: Float32Array.from(fixture.x.flat(2)), shape: [2, 4, 3] } });
  const error = Math.max(...fixture.y.flat().map((value, i) => Math.abs(value - ((y?.data ?? [])[i] as number))));
  running.dispose();
  return error;
}

describe('a configuration and weights', () => {
  it.each<[string, ModelInput]>([
    ['an archive that was unpacked', folder({ 'config.json': config, 'model.weights.h5': byClass })],
    ['a folder with to_json and save_weights', folder({ 'model.json': config, 'model.weights.h5': byClass })],
    ['a folder with weights by name', folder({ 'model.json': config, 'model.h5': byName })],
    ['names of one’s own', folder({ 'net.json': config, 'epoch_20.h5': byName, 'notes.txt': foreign })],
    ['one of several weights', folder({ 'net.json': config, 'net.h5': byName, 'old.h5': archive })],
    ['another program’s configuration', folder({ 'config.json': foreign, 'net.json': config, 'w.h5': byName })],
    [
      'the path of the configuration',
      folder({ 'net.json': config, 'net_weights.h5': byName, 'a.h5': archive }, 'net.json'),
    ],
    ['the path of the weights', amid('net.weights.h5', { 'net.json': config, 'net.weights.h5': byClass })],
    [
      'the path of the weights, by name',
      amid('w.h5', { 'model.json': config, 'config.json': foreign, 'w.h5': byName }),
    ],
  ])('give what Keras gives: %s', async (_, input) => {
    expect(await largestError(input)).toBeLessThan(2e-6);
  });

  it('need the version of Keras that is beside them', async () => {
    const version = text('{"keras_version": "2.11.0"}');
    const input = folder({ 'config.json': config, 'metadata.json': version, 'model.weights.h5': byClass });
    // hard_sigmoid was another function before Keras 3.
    expect(await largestError(input)).toBeGreaterThan(1e-3);
  });
});

it('weights that Keras’s class of that name has not tell a class of the model’s own', async () => {
  const own = text(fixture.config.replace('"class_name": "Dense"', '"class_name": "Dropout"'));
  const input = folder({ 'net.json': own, 'net.h5': byName });
  await prepare(input);
  expect(() => readModel(input)).toThrow(/Dropout '\w+': has 2 weights, which Keras's class Dropout has not/);
});

describe('half a model', () => {
  it.each<[string, ModelInput, RegExp]>([
    ['weights alone', bytesSource(byClass, 'net.weights.h5'), /net\.weights\.h5: weights without a model.*net\.json or config\.json or model\.json/],
    ['weights beside another program’s configuration', amid('w.h5', { 'w.h5': byName, 'config.json': foreign }), /w\.h5: weights without a model/],
    ['a folder of weights alone', folder({ 'w.h5': byName }), /w\.h5: weights without a model/],
    ['a configuration alone', folder({ 'net.json': config }, 'net.json'), /net\.json: weights expected beside the configuration: net\.weights\.h5, /],
    ['weights of which nobody can tell', folder({ 'net.json': config, 'a.h5': byName, 'b.h5': byName }), /one file of weights expected, there are a\.h5, b\.h5/],
  ])('says what is missing: %s', async (_, input, message) => {
    await prepare(input);
    expect(() => readModel(input)).toThrow(message);
  }); // biome-ignore format: a table
});

describe('a folder of another format', () => {
  const topology = { modelTopology: { class_name: 'Sequential', config: [] }, weightsManifest: [] };

  it.each<[string, ModelInput]>([
    ['tfjs', folder({ 'model.json': text(JSON.stringify(topology)), 'model.h5': byName })],
    ['savedmodel', folder({ 'saved_model.pb': text(''), 'config.json': config, 'w.h5': byName })],
  ])('is not taken for one of Keras for the weights that lie there: %s', (name, input) => {
    expect(formats.find((f) => f.sniff(input))?.name).toBe(name);
  });
});
