import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTree } from '../bytes/source.js';
import { convert } from '../convert/convert.js';
import { prepare, readModel } from '../formats/index.js';
import { openFile, openModel, writeFileAtomically } from './files.js';
import { runnable } from './runtime.js';

const fixture = JSON.parse(readFileSync(new URL('../../test/fixtures/keras/parts.json', import.meta.url), 'utf8'));

describe('a Keras model in two files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parts-'));
    writeFileSync(join(folder, 'net.json'), fixture.config);
    writeFileSync(join(folder, 'net.weights.h5'), Buffer.from(fixture.byClass, 'base64'));
    writeFileSync(join(folder, 'notes.txt'), 'of no use');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(['net.weights.h5', 'net.json', '.'])('is read by the path %s', async (path) => {
    const input = openModel(join(folder, path));
    await prepare(input);
    expect(readModel(input).signatures[0]?.outputs.map((o) => o.name)).toEqual(['y']);
  });

  it('is those two files when it is opened by its configuration', () => {
    const input = openModel(join(folder, 'net.json'));
    expect(isTree(input) && input.list()).toEqual(['net.json', 'net.weights.h5']);
  });

  it('does not reach beyond its folder', () => {
    const file = openFile(join(folder, 'net.weights.h5'));
    expect(file.beside?.('net.json')?.name).toBe('net.json');
    expect(file.beside?.(join('..', folder.split('/').at(-1) ?? '', 'net.json'))).toBeUndefined();
  });
});

describe('a checkpoint of TensorFlow 1', () => {
  const folder = new URL('../../test/fixtures/tensorflow/tf1_checkpoint/', import.meta.url).pathname;
  const [{ inputs, outputs }] = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'));
  const resultOf = async (path: string) => {
    const { model } = convert(await prepare(openModel(path)), { outputs: ['y'] });
    const { y } = runnable(model).run({ x: { data: Float32Array.from(inputs.x.data), shape: inputs.x.shape } });
    return y?.data as Float32Array;
  };
  const differences = (y: Float32Array) => outputs.y.data.map((v: number, i: number) => Math.abs(v - (y[i] ?? 0)));

  it.each([
    '.',
    'checkpoint',
    'model.ckpt-2',
    'model.ckpt-2.meta',
    'model.ckpt-2.index',
    'model.ckpt-2.data-00000-of-00001',
  ])('is read by the path %s, the latest of several', async (path) => {
    expect(Math.max(...differences(await resultOf(join(folder, path))))).toBeLessThan(1e-6);
  });

  it('is another one by its name', async () => {
    expect(Math.max(...differences(await resultOf(join(folder, 'model.ckpt-1'))))).toBeGreaterThan(0.1);
  });

  it('is for training: its outputs have to be named', async () => {
    const input = await prepare(openModel(folder));
    expect(() => readModel(input)).toThrow('Name the outputs with --output; perhaps one of y.');
  });

  it('is of no use without its graph', () => {
    const other = new URL('../../test/fixtures/tensorflow/checkpoint/model.index', import.meta.url).pathname;
    expect(() => openModel(other)).toThrow('its graph is expected beside it, as model.meta.');
  });
});

describe('a file that is written', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'written-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const text = [new TextEncoder().encode('new')];

  it('takes the place of what a link leads to, and leaves the link', () => {
    writeFileSync(join(folder, 'there'), 'old');
    symlinkSync('there', join(folder, 'link'));
    expect(writeFileAtomically(join(folder, 'link'), text)).toBe(3);
    expect(readFileSync(join(folder, 'there'), 'utf8')).toBe('new');
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
  });

  it('does not take the place of a device', () => {
    symlinkSync('/dev/null', join(folder, 'null'));
    expect(writeFileAtomically(join(folder, 'null'), text)).toBe(3);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('cannot be made below a file', () => {
    writeFileSync(join(folder, 'file'), 'old');
    expect(() => writeFileAtomically(join(folder, 'file', 'x'), text)).toThrow(
      'cannot be written: a file stands where a folder is expected.',
    );
  });
});
