import { gzipSync, strToU8, zipSync } from 'fflate';
import { createTar } from 'nanotar';
import { describe, expect, it } from 'vitest';
import { bytesSource, isTree, memoryTree } from '../bytes/source.js';
import { prepare, readModel } from './index.js';
import { locateModel } from './locate.js';
import { messageBytes } from './tensorflow/read/testing.js';
import type { ModelInput } from './types.js';

const node = (name: string, op: string, more: string) => `node { name: "${name}" op: "${op}" ${more} }`;
const side = (kind: string, name: string, tensor: string) =>
  `${kind} { key: "${name}" value { name: "${tensor}" dtype: DT_FLOAT tensor_shape { dim { size: 4 } } } }`;
/** `out = relu(in)`. */
const RELU = messageBytes(
  'SavedModel',
  `saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: "serve" }
   graph_def { ${node('x', 'Placeholder', 'attr { key: "dtype" value { type: DT_FLOAT } }')}
               ${node('y', 'Relu', 'input: "x" attr { key: "T" value { type: DT_FLOAT } }')} }
   signature_def { key: "serving_default" value { ${side('inputs', 'in', 'x:0')} ${side('outputs', 'out', 'y:0')} } } }`,
);
const tar = (files: Readonly<Record<string, Uint8Array>>) =>
  createTar(Object.entries(files).map(([name, data]) => ({ name, data })));

const outputsOf = async (input: ModelInput) =>
  readModel(await prepare(input)).signatures[0]?.outputs.map((o) => o.name);

describe('a model that is found', () => {
  const nested = { 'net/saved_model/saved_model.pb': RELU, 'net/notes.txt': strToU8('of no use') };
  const cases: Readonly<Record<string, ModelInput>> = {
    'a folder': memoryTree({ 'saved_model.pb': RELU }),
    'deeper in a folder': memoryTree(nested),
    'a zip archive': bytesSource(zipSync({ 'saved_model.pb': RELU }), 'a.zip'),
    'a zip archive of a folder': bytesSource(zipSync(nested), 'a.zip'),
    'a zip archive of a Mac': bytesSource(
      zipSync({ ...nested, '__MACOSX/saved_model.pb': strToU8('x'), '.DS_Store': strToU8('x') }),
      'a.zip',
    ),
    'a tar archive': bytesSource(tar({ './saved_model.pb': RELU }), 'a.tar'),
    'a tar.gz archive of a folder': bytesSource(gzipSync(tar(nested)), 'a.tar.gz'),
    'a compressed file': bytesSource(gzipSync(RELU), 'saved_model.pb.gz'),
  };

  it.each(Object.keys(cases).filter((name) => name !== 'a compressed file'))('in %s', async (name) => {
    expect(await outputsOf(cases[name]!)).toEqual(['out']);
  });

  it('is the file in a compressed one', async () => {
    const found = await locateModel(cases['a compressed file']!);
    expect(isTree(found)).toBe(false);
    expect(found.name).toBe('saved_model.pb');
  });

  it('has the name of its folder, which says more than what the folder is', async () => {
    expect((await locateModel(cases['deeper in a folder']!)).name).toBe('net');
  });

  it('sees the files beside it', async () => {
    const found = await locateModel(memoryTree({ 'a/net.h5': strToU8('?'), 'a/net.json': strToU8('{}') }));
    expect(!isTree(found) && found.beside?.('net.json')?.size).toBe(2);
  });

  it('is a JSON file with a topology, of whatever name', async () => {
    const files = { 'web/package.json': '{}', 'web/net.json': '{"modelTopology": {}}', 'web/net.bin': '?' };
    const tree = memoryTree(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
    const found = await locateModel(tree);
    expect(isTree(found) && [found.main, found.list()]).toEqual(['net.json', ['net.bin', 'net.json', 'package.json']]);
  });

  it('is a Keras archive as it stands', async () => {
    const archive = bytesSource(zipSync({ 'config.json': strToU8('{}') }), 'net.keras');
    expect(await locateModel(archive)).toBe(archive);
  });

  it('is looked for three archives deep, no deeper', async () => {
    let bytes: Uint8Array = RELU;
    for (let i = 0; i < 6; i++) bytes = gzipSync(bytes);
    expect((await locateModel(bytesSource(bytes, 'a.gz.gz.gz.gz.gz.gz'))).name).toBe('a.gz.gz.gz');
  });

  it('is any other file as it stands', async () => {
    const file = bytesSource(RELU, 'net.pb');
    expect(await locateModel(file)).toBe(file);
  });
});

describe('no model', () => {
  const errorOf = (input: ModelInput) =>
    prepare(input).then(
      (model) => {
        throw new Error(`${model.name} was found`);
      },
      (error) => error as Error & { code: string; where: string },
    );

  it('is said where there is none', async () => {
    const error = await errorOf(memoryTree({ 'a/readme.md': strToU8('x') }, 'mine'));
    expect(error).toMatchObject({ code: 'not-found', where: 'mine' });
  });

  it('is chosen among several', async () => {
    const error = await errorOf(memoryTree({ 'a/saved_model.pb': RELU, 'b/saved_model.pb': RELU }));
    expect(error.message).toContain('there are several: a/, b/. Give one of them alone.');
    expect((await locateModel(memoryTree({ 'a/saved_model.pb': RELU, 'b/c/saved_model.pb': RELU }))).name).toBe('a');
  });

  it.each([
    ['a zip archive', bytesSource(zipSync({ 'saved_model.pb': RELU }).subarray(0, 90), 'a.zip')],
    ['a gzip archive', bytesSource(gzipSync(RELU).subarray(0, 90), 'a.gz')],
    ['a tar archive', bytesSource(tar({ 'saved_model.pb': new Uint8Array(5000) }).subarray(0, 2000), 'a.tar')],
  ])('comes out of %s that is cut short', async (what, source) => {
    expect(await errorOf(source)).toMatchObject({ code: 'malformed-file', message: expect.stringContaining(what) });
  });

  it('comes out of a tar archive whose sizes lead nowhere', async () => {
    const bytes = tar({ 'saved_model.pb': RELU });
    bytes.set(strToU8('-0000001000'), 124);
    expect(await errorOf(bytesSource(bytes, 'a.tar'))).toMatchObject({ code: 'malformed-file', where: 'a.tar @0x0' });
  });
});

describe('a Git LFS pointer', () => {
  const pointer = strToU8('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n');
  const text = 'this is a Git LFS pointer: the file itself was not downloaded ("git lfs pull" does it).';

  it('is named in the place of a model', () => {
    expect(() => readModel(bytesSource(pointer, 'net.h5'))).toThrow(text);
  });

  it('is named in the place of any file of one', async () => {
    const tree = memoryTree({ 'saved_model.pb': pointer });
    expect(() => readModel(tree)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(text), where: 'saved_model.pb' }),
    );
    const shards = { 'model.json': strToU8('{"modelTopology": {"model_config": {}}}'), 'group1.bin': pointer };
    expect(() => readModel(memoryTree(shards))).toThrow(text);
    const weights = await prepare(memoryTree({ 'model.h5': pointer, 'config.json': strToU8('{}') }));
    expect(() => readModel(weights)).toThrow(text);
  });
});
